"""PostgreSQL: a private cluster on a socket of its own, or the server PG* names."""

import contextlib
import fcntl
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from . import console, debian
from .console import SetupError, step
from .project import LOGS, NAME, STATE, only_one

LONGEST_SOCKET = 107  # bytes of a Unix socket's path
SOCKET = ".s.PGSQL.5432"
ROLE = "odoo"
SYSTEM_USER = "postgres"
# For developing and trying out: survives killed processes, not a power cut.
SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 512MB
work_mem = 16MB
max_wal_size = 4GB
fsync = off
full_page_writes = off
synchronous_commit = off
jit = off
"""


@dataclass
class Cluster:
    """A database server, as libpq's variables name it."""

    env: dict = field(default_factory=dict)
    path: list = field(default_factory=list)

    def run(self, program, *arguments):
        """Run a PostgreSQL client program; return its output, or None if it failed."""
        env = {**os.environ, **self.env}
        env["PATH"] = os.pathsep.join([*self.path, env.get("PATH", "")])
        return console.read([program, *arguments], env=env)


@contextlib.contextmanager
def running():
    """Yield a running server; stop it afterwards if nobody else here uses it."""
    if any(os.environ.get(name) for name in ("PGHOST", "PGPORT", "PGSERVICE")):
        yield check_server(Cluster(path=[str(p) for p in [find_programs()] if p]))
        return
    programs = get_programs()
    private = PrivateCluster(programs)
    STATE.mkdir(exist_ok=True)
    # Every user of the cluster holds a shared lock: who gets it alone is the last.
    with (STATE / "cluster.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with only_one("cluster-start"):
                private.start()
            yield private.cluster
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                private.stop()


def check_server(cluster):
    """Return a server that answers and lets us create databases."""
    if not shutil.which("psql", path=os.pathsep.join([*cluster.path, os.defpath])):
        raise SetupError(
            "PostgreSQL's client programs (psql, createdb) are missing: install "
            "Debian's package postgresql-client."
        )
    sql = "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
    answer = cluster.run("psql", "-d", "postgres", "-Atc", sql)
    if answer is None:
        raise SetupError(
            "The PostgreSQL server named by PGHOST and PGPORT does not answer: check "
            "the PG* variables."
        )
    if answer != "t":
        raise SetupError(
            "The PostgreSQL user may not create databases: name one that may in PGUSER."
        )
    return cluster


def find_programs():
    """Return the folder of the newest PostgreSQL server's programs, or None."""
    folders = [Path(f) for f in os.environ.get("PATH", "").split(os.pathsep)]
    debian_folders = Path("/usr/lib/postgresql").glob("*/bin")
    newest = sorted(debian_folders, key=lambda p: p.parent.name.zfill(4), reverse=True)
    for folder in (*newest, *folders):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def get_programs():
    """Return the folder of a PostgreSQL server's programs, installing it as root."""
    folder = find_programs()
    if folder:
        return folder
    if os.geteuid() or not shutil.which("apt-get"):
        raise SetupError(
            "There is no PostgreSQL and no right to install it: let root install "
            "Debian's package postgresql, or name a server in PGHOST."
        )
    with step("Installing PostgreSQL"):
        debian.install(["postgresql"], LOGS / "postgresql.log")
    return find_programs()


class PrivateCluster:
    """A cluster of this checkout alone: no network, no other user."""

    def __init__(self, programs):
        self.programs = programs
        # PostgreSQL refuses to run as root.
        self.user = SYSTEM_USER if os.geteuid() == 0 else None
        self.folder = self.find_folder()
        self.socket = self.find_socket()
        self.cluster = Cluster(
            env={"PGHOST": str(self.socket), "PGPORT": "5432", "PGUSER": ROLE},
            path=[str(programs)],
        )

    def find_folder(self):
        """Return a folder for the cluster that its user can reach."""
        STATE.mkdir(exist_ok=True)
        if self.user is None or self.reaches(STATE):
            return STATE / "postgresql"
        return Path("/var/tmp") / f"postgresql-{NAME}"  # noqa: S108 (owner is checked)

    def reaches(self, folder):
        return console.read(["test", "-x", folder], user=self.user) is not None

    def find_socket(self):
        """Return a folder for the socket whose path is short enough."""
        own = self.folder / "socket"
        if len(os.fsencode(own / SOCKET)) <= LONGEST_SOCKET:
            return own
        return Path(tempfile.gettempdir()) / f"pg-{NAME[-8:]}"

    def as_user(self, *arguments, **options):
        """Run a server program as the cluster's user; return its exit status."""
        if self.user:
            account = pwd.getpwnam(self.user)
            options.update(user=account.pw_uid, group=account.pw_gid, extra_groups=[])
        return console.run(arguments, cwd="/", **options)

    def make_private(self, folder):
        """Make a folder that belongs to the cluster's user alone."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
            if self.user:
                shutil.chown(folder, self.user, self.user)
        owner = pwd.getpwnam(self.user).pw_uid if self.user else os.geteuid()
        if folder.stat().st_uid != owner:
            raise SetupError(
                f"{folder} belongs to somebody else: delete it and try again."
            )

    def start(self):
        data = self.folder / "data"
        log = self.folder / "server.log"
        self.make_private(self.folder)
        self.make_private(self.socket)
        if not data.is_dir():
            with step("Creating the PostgreSQL cluster"):
                self.create(data)
        if self.as_user(
            self.programs / "pg_ctl", "-D", data, "status", log=LOGS / "pg_ctl.log"
        ):
            self.as_user(
                *(self.programs / "pg_ctl", "-D", data, "-l", log, "-w", "start"),
                *("-o", f"-k '{self.socket}' -p 5432"),
                log=LOGS / "pg_ctl.log",
                problem=f"PostgreSQL does not start: {log} says why.",
            )
        owner = self.user or pwd.getpwuid(os.geteuid()).pw_name
        make_role = (
            f"do $$ begin create role {ROLE} login createdb; "
            "exception when duplicate_object then null; end $$"
        )
        if (
            self.cluster.run(
                "psql", "-qX", "-U", owner, "-d", "postgres", "-c", make_role
            )
            is None
        ):
            raise SetupError(
                f"PostgreSQL in {self.folder} refuses its owner: delete it."
            )

    def create(self, data):
        """Create the cluster under another name first: a half one is never used."""
        part = self.folder / "data.part"
        if part.exists():
            shutil.rmtree(part)
        self.as_user(
            self.programs / "initdb",
            *("-D", part, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"),
            log=LOGS / "initdb.log",
            problem=f"No PostgreSQL cluster could be made in {self.folder}.",
        )
        with (part / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        part.rename(data)

    def stop(self):
        self.as_user(
            *(self.programs / "pg_ctl", "-D", self.folder / "data"),
            *("-m", "fast", "-w", "stop"),
            log=LOGS / "pg_ctl.log",
        )
