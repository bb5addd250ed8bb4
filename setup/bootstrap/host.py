"""The Odoo host: Debian's package unpacked in private, or a company's own tree."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import console, debian
from .console import SetupError, step
from .project import ADDONS, CACHE, LOGS, ROOT, STATE, check_room, digest, only_one

SERIES = "19.0"
SUITE = "sid"
PACKAGE = "odoo-19"
# The package links to files of these; the font must be of version 4.7, which the
# icons of the web client are named after and which the suite no longer carries.
PARTS = {
    PACKAGE: None,
    "fonts-font-awesome": "4.7.0",
    "fonts-roboto-unhinted": None,
    "libjs-jquery": None,
    "libjs-underscore": None,
    "libjs-jquery-form": None,
    "fonts-montserrat": None,
    "fonts-inconsolata": None,
    "fonts-ocr-b": None,
}
# Left out of Debian's package; its only use is to blur the background of a video
# call, with models from a public address. An empty file keeps the web client whole.
ABSENT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
REQUIREMENTS = ROOT / "setup" / "requirements.txt"
TOOLS = {
    "wkhtmltopdf": ("wkhtmltopdf", "print PDF files"),
    "chromium": ("chromium", "run the browser tours"),
    "fonts-noto-cjk": (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "print Chinese",
    ),
}


@dataclass(frozen=True)
class Host:
    """How to run Odoo: its tree, the Python that has what it needs, its settings."""

    tree: Path
    python: Path

    @cached_property
    def addons_path(self):
        folders = [
            self.tree / "odoo" / "addons",
            self.tree / "addons",
            ADDONS,
        ]
        return [folder for folder in folders if folder.is_dir()]

    def addon(self, name):
        """Return the folder of an addon."""
        return next(f / name for f in self.addons_path if (f / name).is_dir())

    @cached_property
    def release(self):
        """A text that changes when the host's code or environment changes."""
        return digest(
            self.tree.resolve(),
            (self.tree / "odoo" / "release.py").read_text(),
            self.python,
        )

    @property
    def config(self):
        return STATE / "odoo.conf"

    def write_config(self):
        """Write the configuration file that every Odoo process of this checkout reads.

        The database server is not in it: libpq's own PG* variables name it.
        """
        options = {
            "addons_path": ",".join(map(str, self.addons_path)),
            "data_dir": STATE / "data",
            "http_interface": "127.0.0.1",
            "log_level": "warn",
            "without_demo": "True",
        }
        lines = [f"{name} = {value}\n" for name, value in options.items()]
        temporary = self.config.with_suffix(".part")
        temporary.write_text("[options]\n" + "".join(lines))
        temporary.replace(self.config)

    def env(self, cluster):
        """Return the environment of a host's process."""
        env = {**os.environ, **cluster.env, "ODOO_RC": str(self.config)}
        env["PATH"] = os.pathsep.join(
            [str(self.python.parent), *cluster.path, env.get("PATH", "")]
        )
        if "ODOO_SRC" in os.environ:
            env["PYTHONPATH"] = os.pathsep.join(
                filter(None, [str(self.tree), env.get("PYTHONPATH")])
            )
        return env

    def command(self, *arguments):
        """Return the arguments that run the host's own command line."""
        # Docutils' complaints about the host's own texts would hide ours.
        return [self.python, "-W", "ignore", "-m", "odoo", *arguments]


def get_host(for_tests=False):
    """Return the host, after getting whatever of it is missing.

    :raises SetupError: when something can't be had
    """
    own = os.environ.get("ODOO_SRC")
    if own:
        host = Host(check_tree(Path(own).resolve()), Path(sys.executable))
        check_modules(host, for_tests)
    else:
        with only_one("setup"):
            host = Host(get_tree(), get_environment(for_tests))
            get_tools(for_tests)
    STATE.mkdir(exist_ok=True)
    host.write_config()
    return host


def check_tree(tree):
    """Return the tree if it is an Odoo of our series, else raise SetupError."""
    file = tree / "odoo" / "release.py"
    if not file.is_file():
        raise SetupError(
            f"{tree} holds no Odoo (no odoo/release.py): let ODOO_SRC name the folder "
            "that has Odoo's odoo-bin."
        )
    found = re.search(r"^version_info = \((\d+), (\d+)", file.read_text(), re.MULTILINE)
    version = found and ".".join(found.groups())
    if version != SERIES:
        raise SetupError(
            f"{tree} is Odoo {version or 'of an unknown version'}, these addons are for "
            f"Odoo {SERIES}: let ODOO_SRC name a tree of that version."
        )
    return tree


def check_modules(host, for_tests):
    """Raise SetupError when the company's Python lacks what its Odoo needs."""
    wanted = ["psycopg2", "lxml", "werkzeug", "xlsxwriter"]
    if for_tests:
        wanted += ["pytest_odoo", "xdist", "websocket", "ruff", "pylint_odoo"]
    code = (
        "import importlib.util as u, sys;"
        "print(*[m for m in sys.argv[1:] if not u.find_spec(m)])"
    )
    missing = console.read([host.python, "-c", code, *wanted])
    if missing:
        raise SetupError(
            f"{host.python} lacks {missing}: activate the Python environment of the "
            f"Odoo that ODOO_SRC names and install {REQUIREMENTS} into it."
        )


def get_tree():
    """Return the folder of the unpacked Odoo, fetching Debian's package if needed."""
    tree = STATE / "odoo"
    inner = tree / "usr" / "lib" / "python3" / "dist-packages"
    if not tree.is_dir():
        check_room()
        packages = CACHE / "debian"
        packages.mkdir(parents=True, exist_ok=True)
        log = LOGS / "download.log"
        missing = [name for name in PARTS if not (packages / f"{name}.deb").is_file()]
        if missing:
            with step("Fetching Odoo 19 from Debian (130 MB)"):
                apt = debian.PrivateApt(STATE / "apt", [SUITE])
                apt.update(log)
                for name in missing:
                    fetch(apt, name, packages / f"{name}.deb", log)
        with (
            step("Unpacking Odoo 19"),
            debian.unpack(
                [packages / f"{name}.deb" for name in PARTS], tree, log
            ) as content,
        ):
            found = content / inner.relative_to(tree)
            check_tree(found)
            absent = found / "odoo" / "addons" / ABSENT
            absent.parent.mkdir(parents=True, exist_ok=True)
            absent.touch()
    return check_tree(inner)


def fetch(apt, name, target, log):
    """Download one package, in the version that its part of the host needs."""
    wanted = PARTS[name]
    version = None
    if wanted:
        version = next((v for v in apt.versions(name) if wanted in v), None)
        if not version:
            raise SetupError(
                f"Debian's package {name} is not there in version {wanted}: put it into "
                f"{target} by hand and try again."
            )
    apt.download(name, target, log, version)


def get_environment(for_tests):
    """Return the Python of a private environment that has the pinned requirements."""
    folder = STATE / "python"
    python = folder / "bin" / "python"
    files = [REQUIREMENTS]
    if for_tests:
        files.append(REQUIREMENTS.with_name("requirements-test.txt"))
    for file in files:
        stamp = folder / f"{file.stem}.installed"
        key = digest(sys.version, files=[file])
        if stamp.is_file() and stamp.read_text() == key:
            continue
        log = LOGS / f"{file.stem}.log"
        if not python.is_file() or console.read([python, "-m", "pip", "-V"]) is None:
            make_environment(folder, log)
        with step(f"Installing the Python packages of {file.name}"):
            console.run(
                [python, "-m", "pip", "install", "-q", "--no-input", "-r", file],
                log=log,
                problem="The Python packages could not be installed: check the network "
                "and pip's configuration.",
            )
        stamp.write_text(key)
    link = next(folder.glob("lib/python*/site-packages")) / "odoo-host.pth"
    content = f"{get_tree()}\n"
    if not link.is_file() or link.read_text() != content:
        link.write_text(content)
    return python


def make_environment(folder, log):
    """Make an empty environment; Debian carries the module for it separately."""
    if console.read([sys.executable, "-c", "import ensurepip, venv"]) is None:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if os.geteuid():
            raise SetupError(
                f"This Python can't make environments: let root install {package}."
            )
        with step(f"Installing {package}"):
            debian.install([package], log)
    console.run(
        [sys.executable, "-m", "venv", "--clear", folder],
        log=log,
        problem=f"No Python environment could be made in {folder}.",
    )


def get_tools(for_tests):
    """Install the programs that the host calls; without root, say what is missing."""
    missing = {
        package: use
        for package, (program, use) in TOOLS.items()
        if not (shutil.which(program) or Path(program).exists())
        and (for_tests or package != "chromium")
    }
    if not missing:
        return
    if not os.geteuid() and shutil.which("apt-get"):
        with step(f"Installing {', '.join(missing)}"):
            debian.install(missing, LOGS / "tools.log")
        return
    uses = " and ".join(missing.values())
    sentence = f"Without {', '.join(missing)} Odoo can't {uses}: let root install them"
    if for_tests:
        raise SetupError(sentence + ", the tests need them.")
    console.say(f"{sentence}. Everything else works.")
