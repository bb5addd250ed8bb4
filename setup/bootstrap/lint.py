"""All linters, in the order of their speed; what is clean is not looked at again."""

import os

from . import console
from .console import SetupError, step
from .databases import ALL_ADDONS
from .host import SERIES
from .project import ADDONS, LOGS, OWN_ADDONS, ROOT, STATE, digest, files_of

FOLDERS = ("addons", "data", "setup", "tests")
SETTINGS = ("pyproject.toml", ".pylintrc")
HOST_CHECKERS = (
    "_odoo_checker_sql_injection",
    "_odoo_checker_gettext",
    "_odoo_checker_unlink_override",
)
HOST_CHECKS = (
    "sql-injection",
    "missing-gettext",
    "gettext-variable",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
)
OLDEST_API = "17.5"
# The host's command looks at the host's addons, too; its function takes a path.
UPGRADE_CODE = """
import sys
from odoo.cli.upgrade_code import migrate
from odoo.tools import parse_version
path, first, last = sys.argv[1:]
sys.exit(migrate([path], "**/*", parse_version(first), parse_version(last), dry_run=True))
"""


def lint(databases):
    """Run every linter over the checkout.

    :raises SetupError: with what the first unclean one found
    """
    files = [file for folder in FOLDERS for file in files_of(ROOT / folder)]
    files += [ROOT / name for name in SETTINGS]
    key = digest(databases.host.release, files=files)
    stamp = STATE / "lint.clean"
    if stamp.is_file() and stamp.read_text() == key:
        console.say("• Linting: nothing has changed since it was clean")
        return
    python = databases.host.python
    addons = [ADDONS / name for name in OWN_ADDONS if (ADDONS / name).is_dir()]
    translations = sorted(ADDONS.glob("*/i18n/*.po*"))
    module = [python, "-m"]
    code = ADDONS, OLDEST_API, SERIES
    host_checkers = databases.host.addon("test_lint") / "tests"
    checks = {
        "ruff check": [*module, "ruff", "check", "-q", ROOT],
        "ruff format": [*module, "ruff", "format", "-q", "--check", ROOT],
        "pylint-odoo": [*module, "pylint", f"--rcfile={ROOT / '.pylintrc'}", *addons],
        "oca-checks-odoo-module": [python.parent / "oca-checks-odoo-module", *addons],
        "oca-checks-po": [python.parent / "oca-checks-po", *translations],
        "the host's pylint checkers": [
            *(*module, "pylint", f"--rcfile={os.devnull}", "--score=no"),
            # W0012: comments for pylint-odoo name checks that are not loaded here.
            *(f"--load-plugins={','.join(HOST_CHECKERS)}", "--disable=all,W0012"),
            *(f"--enable={','.join(HOST_CHECKS)}", *addons),
        ],
        "upgrade_code": [python, "-W", "ignore", "-c", UPGRADE_CODE, *code],
    }
    env = with_python_path(databases.env, host_checkers)
    for name, arguments in checks.items():
        with step(f"Linting: {name}"):
            check(name, arguments, env)
    with step("Linting: the host's test_lint"):
        host_lint(databases)
    stamp.write_text(key)


def with_python_path(env, folder):
    path = filter(None, [str(folder), env.get("PYTHONPATH")])
    return {**env, "PYTHONPATH": os.pathsep.join(path)}


def check(name, arguments, env):
    log = LOGS / f"lint-{name.replace(' ', '-')}.log"
    if console.run(arguments, log=log, env=env, cwd=ROOT):
        raise SetupError(f"{name} is not content:\n\n{log.read_text()}")


def host_lint(databases):
    """Run the host's ``test_lint`` on our addons, in a database that has them."""
    env = with_python_path(databases.env, ROOT / "setup")
    env["LINTED_ADDONS"] = ",".join(OWN_ADDONS)
    tests = databases.host.addon("test_lint") / "tests"
    check(
        "test_lint",
        [
            *(databases.host.python, "-W", "ignore", "-m", "pytest", tests),
            *("-q", "-rs", "-p", "bootstrap.host_lint"),
            *("-c", ROOT / "pyproject.toml", "--rootdir", tests),
            *("--odoo-database", databases.layer(ALL_ADDONS)),
            # Looks at the whole host, for many minutes; its checkers ran on ours above.
            *("--ignore", tests / "test_pylint.py"),
        ],
        env,
    )
