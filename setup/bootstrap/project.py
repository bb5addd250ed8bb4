"""Where things are: the checkout, its one ignored folder, the user's cache."""

import fcntl
import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

from .console import SetupError

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ROOT / "addons"
STATE = ROOT / ".local"
LOGS = STATE / "log"
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "odoo-19-host"
)
OWN_ADDONS = ("sales_visit", "sales_receivable", "freight_booking")
NAME = f"{re.sub(r'[^a-zA-Z0-9]', '', ROOT.name)[:20]}-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]}"
ROOM = 3 * 2**30  # bytes that the host, its environment and the databases take


@contextmanager
def only_one(name):
    """Let one process of this checkout at a time do what follows."""
    STATE.mkdir(exist_ok=True)
    with (STATE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def check_room(folder=ROOT, usage=shutil.disk_usage):
    """Raise SetupError when the disk has too little room for a host."""
    free = usage(folder).free
    if free < ROOM:
        raise SetupError(
            f"Only {free / 2**30:.1f} GB are free below {folder}, the host and its "
            f"databases need {ROOM / 2**30:.0f} GB: make room and try again."
        )


def digest(*parts, files=()):
    """Return a short hash over texts and the content of files."""
    value = hashlib.sha256()
    for part in parts:
        value.update(str(part).encode() + b"\0")
    for file in sorted(files):
        value.update(os.fsencode(os.path.relpath(file, ROOT)) + b"\0")
        value.update(Path(file).read_bytes() + b"\0")
    return value.hexdigest()[:20]


def files_of(folder, without=()):
    """Return the files below a folder that are worth hashing, in order."""
    return sorted(
        path
        for path in Path(folder).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not set(path.relative_to(folder).parts) & set(without)
    )
