"""Databases: cached layers that others are copied from, and the ones people work in.

What a database holds stands in its own comment, written when it is complete: one that
was left half-way by a killed process has none, and is made again.
"""

import re
import shutil
from dataclasses import dataclass
from datetime import date

from . import console
from .console import SetupError, step
from .project import (
    ADDONS,
    LOGS,
    NAME,
    OWN_ADDONS,
    ROOT,
    STATE,
    digest,
    files_of,
    only_one,
)

SAMPLE_DATA = ROOT / "data"
SAMPLE_LOADER = ROOT / "setup" / "sample"
LOADING = "loading"
DEPENDENCIES = {
    "sales_visit": ("sale_crm", "hr_expense"),
    "sales_receivable": ("sale_stock", "purchase_stock", "hr"),
    "freight_booking": ("sale_stock", "purchase_stock", "hr", "sale_management"),
}


@dataclass(frozen=True)
class Layer:
    """A database with modules, on top of another one."""

    name: str
    below: "Layer | None" = None
    modules: tuple = ()
    sample: bool = False

    @property
    def database(self):
        return f"{NAME}-{self.name}"

    def key(self, host):
        """Return a text that changes when the layer has to be made again."""
        parts = [host.release, self.modules]
        files = []
        if self.below:
            parts.append(self.below.key(host))
        for module in set(self.modules) & set(OWN_ADDONS):
            files += files_of(ADDONS / module, without=("tests", "readme"))
        if self.sample:
            # Ages are counted from the day of loading.
            parts.append(date.today())
            files += files_of(SAMPLE_DATA) + files_of(SAMPLE_LOADER)
        return digest(*parts, files=files)


# One for each closure of dependencies: host modules only, then with our addons.
HOST_VISIT = Layer("host-visit", None, DEPENDENCIES["sales_visit"])
HOST_RECEIVABLE = Layer("host-receivable", None, DEPENDENCIES["sales_receivable"])
HOST_FREIGHT = Layer("host-freight", HOST_RECEIVABLE, ("sale_management",))
HOST_ALL = Layer("host-all", HOST_FREIGHT, (*DEPENDENCIES["sales_visit"], "l10n_cn"))
ALL_ADDONS = Layer("addons", HOST_ALL, OWN_ADDONS)
SAMPLE = Layer("sample", ALL_ADDONS, sample=True)
HOST_OF = {
    "sales_visit": HOST_VISIT,
    "sales_receivable": HOST_RECEIVABLE,
    "freight_booking": HOST_FREIGHT,
}


class Databases:
    """The databases of a cluster, with the files that belong to them."""

    def __init__(self, host, cluster):
        self.host = host
        self.cluster = cluster
        self.env = host.env(cluster)

    # What is there

    def exists(self, name):
        names = self._query("select datname from pg_database").splitlines()
        return name in names

    def comment(self, name):
        """Return what a database was marked with when it was complete, or ''."""
        lines = self._query(
            "select datname || ':' || shobj_description(oid, 'pg_database') "
            "from pg_database where shobj_description(oid, 'pg_database') <> ''"
        ).splitlines()
        return dict(line.split(":", 1) for line in lines).get(name, "")

    def mark(self, name, text):
        self._query(f"comment on database \"{name}\" is '{text}'")

    def _query(self, sql):
        answer = self.cluster.run("psql", "-X", "-d", "postgres", "-Atc", sql)
        if answer is None:
            raise SetupError("The PostgreSQL server does not answer any more.")
        return answer

    # Making and dropping

    def drop(self, name):
        if self.cluster.run("dropdb", "--if-exists", "--force", name) is None:
            raise SetupError(
                f"The database {name} can't be dropped: stop whatever uses it."
            )
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def copy(self, source, name):
        """Copy a database with its files: without them its web assets answer 500."""
        self.drop(name)
        if self.cluster.run("createdb", "-T", source, name) is None:
            raise SetupError(
                f"The database {source} can't be copied: stop whatever uses it."
            )
        if self.filestore(source).is_dir():
            shutil.copytree(
                self.filestore(source), self.filestore(name), dirs_exist_ok=True
            )

    def filestore(self, name):
        return STATE / "data" / "filestore" / name

    def odoo(self, *arguments, log=None, problem=None):
        """Run the host's command line; see ``console.run``."""
        return console.run(
            self.host.command(*arguments), log=log, problem=problem, env=self.env
        )

    def install(self, name, modules, log_name, option="-i"):
        """Install (or with ``-u`` upgrade) modules in a database, made if needed."""
        log = LOGS / f"{log_name}.log"
        self.odoo(
            *("server", "-d", name, option, ",".join(modules)),
            *("--stop-after-init", "--no-http"),
            log=log,
            problem=f"{', '.join(modules)} could not be installed.",
        )
        complaints = self.complaints(log)
        if complaints:
            console.say("  The host says:\n    " + "\n    ".join(complaints))

    @staticmethod
    def complaints(log):
        """Return the warnings in a log that are about our addons."""
        names = "|".join(OWN_ADDONS)
        pattern = re.compile(rf" (WARNING|ERROR) .*({names})")
        return [line for line in log.read_text().splitlines() if pattern.search(line)]

    # Layers

    def layer(self, layer):
        """Return the name of a layer's database, making it if it is not there."""
        with only_one(layer.database):
            key = layer.key(self.host)
            if self.comment(layer.database) != key:
                self._make(layer)
                self.mark(layer.database, key)
        return layer.database

    def _make(self, layer):
        name = layer.database
        if layer.below:
            below = self.layer(layer.below)
            self.copy(below, name)
        else:
            self.drop(name)
        if layer.modules:
            with step(f"Installing {', '.join(layer.modules)}"):
                self.install(name, layer.modules, f"install-{layer.name}")
        if layer.sample:
            self.load_sample(name)

    def load_sample(self, name):
        """Load the sample company; goes on where an earlier, killed one stopped."""
        with step("Loading the sample company"):
            console.run(
                [self.host.python, SAMPLE_LOADER, "-c", self.host.config, "-d", name],
                log=LOGS / f"sample-{name}.log",
                env=self.env,
                problem="The sample company could not be loaded.",
            )

    # The database people work in

    def get_ready(self, name, fresh=False):
        """Make a database with addons and sample company, or bring it up to date.

        :raises SetupError: when there is one of that name that was not made here
        """
        with only_one(f"database-{name}"):
            if fresh:
                self.drop(name)
            current = ALL_ADDONS.key(self.host)
            if not self.exists(name):
                self._begin(name)
            done = self.comment(name)
            if not done:
                raise SetupError(
                    f"There is a database {name} that was not made here: choose another "
                    "name with --db, or replace it with --fresh."
                )
            if done == LOADING:
                self.load_sample(name)
            elif done != current:
                with step("Upgrading the addons, whose code has changed"):
                    self.install(name, OWN_ADDONS, f"upgrade-{name}", "-u")
            self.mark(name, current)

    def _begin(self, name):
        """Make a database with the addons, to be loaded; it appears when it is whole."""
        part = f"{name}-part"
        self.copy(self.layer(ALL_ADDONS), part)
        self.mark(part, LOADING)
        shutil.rmtree(self.filestore(name), ignore_errors=True)
        if self.filestore(part).is_dir():
            self.filestore(part).rename(self.filestore(name))
        self._query(f'alter database "{part}" rename to "{name}"')
