"""setup/test [pytest arguments]: lint, then every test; pytest's summary comes last."""

import os

from .. import console, postgres
from ..databases import ALL_ADDONS, HOST_OF, SAMPLE, Databases
from ..host import get_host
from ..lint import lint, with_python_path
from ..project import ROOT

WORKERS = 2  # each with a copy of the database, as pytest-odoo makes it
QUICK = "not matrix and not kill"
# The longest files first, in this order: else one worker has them left at the end.
TESTS = ("tests", "addons")


def main(arguments):
    arguments = list(arguments)
    quick = "--quick" in arguments
    if quick:
        arguments.remove("--quick")
        arguments += ["-m", QUICK]
    host = get_host(for_tests=True)
    with postgres.running() as cluster:
        databases = Databases(host, cluster)
        tested = databases.layer(ALL_ADDONS)
        lint(databases)
        env = with_python_path(databases.env, ROOT / "setup")
        # What spans addons works on copies of these, which it makes itself.
        env["SAMPLE_DATABASE"] = databases.layer(SAMPLE)
        if not quick:
            for layer in HOST_OF.values():
                databases.layer(layer)
        return console.run(pytest(host, tested, arguments), env=env, cwd=ROOT)


def pytest(host, database, arguments):
    """Return the command that runs pytest; without a path, on all tests."""
    paths = [a for a in arguments if os.path.exists(a.split("::")[0])]
    workers = [] if {"-n", "--pdb", "-s"} & set(arguments) else ["-n", str(WORKERS)]
    return [
        *(host.python, "-W", "ignore", "-m", "pytest", *workers),
        *("-p", "bootstrap.worker_files"),
        *("--odoo-database", database, "--odoo-http", "--odoo-log-level", "warn"),
        *arguments,
        *(() if paths else TESTS),
    ]
