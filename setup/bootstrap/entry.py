"""Common start of the commands in ``setup/``.

This file keeps to syntax that every Python 3 reads, so that a wrong Python gets a
sentence and not a traceback.
"""

import os
import shutil
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)


def is_supported(version):
    """Say whether the pinned requirements exist for this Python version."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def find_supported(which=shutil.which):
    """Return the path of a supported Python on this machine, or None."""
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        path = which("python3.%d" % minor)  # noqa: UP031
        if path:
            return path
    return None


def main(command, arguments):
    """Run a command of the bootstrap; return its exit status."""
    if not is_supported(sys.version_info):
        other = find_supported()
        if other:
            script = os.path.join(
                os.path.dirname(os.path.dirname(os.path.realpath(__file__))), command
            )
            os.execv(other, [other, script] + arguments)  # noqa: RUF005, S606
        sys.stderr.write(
            "Python %d.%d can't run Odoo 19 here: install Python 3.11, 3.12 or 3.13 "  # noqa: UP031
            "and try again.\n" % tuple(sys.version_info[:2])
        )
        return 1
    from importlib import import_module  # noqa: PLC0415

    console = import_module("bootstrap.console")
    try:
        with console.stoppable():
            return import_module("bootstrap.commands." + command).main(arguments)
    except console.SetupError as error:
        sys.stderr.write("\n%s\n" % error)  # noqa: UP031
        return 1
    except console.Stopped as stop:
        return 128 + stop.signal
