"""Debian's packages: into a private folder for everybody, into the system for root.

The machine's own package sources say where Debian is; no address stands here.
"""

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import console
from .console import SetupError

OS_RELEASE = Path("/etc/os-release")
SOURCES = Path("/etc/apt")


def codename(os_release=OS_RELEASE):
    """Return the suite of this machine, e.g. ``bookworm``, or None off Debian."""
    if not os_release.exists():
        return None
    found = re.search(r"^VERSION_CODENAME=(\S+)$", os_release.read_text(), re.MULTILINE)
    return found and found[1].strip('"')


def read_sources(folder=SOURCES):
    """Yield (address, suites, options) of every package source of the machine.

    Reads both notations: one-line ``.list`` files and deb822 ``.sources`` files.
    """
    lists = [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))]
    for file in filter(Path.is_file, lists):
        for line in file.read_text().splitlines():
            found = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)", line)
            if found:
                options = dict(o.split("=", 1) for o in (found[1] or "").split())
                yield found[2], [found[3]], options
    for file in sorted(folder.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
            fields = {name.lower(): value for name, value in fields.items()}
            if "deb" not in fields.get("types", "").split():
                continue
            if fields.get("enabled", "yes").lower() == "no":
                continue
            keyring = fields.get("signed-by")
            options = {"signed-by": keyring} if keyring else {}
            for address in fields.get("uris", "").split():
                yield address, fields.get("suites", "").split(), options


def own_archive(suite, folder=SOURCES):
    """Return (address, options) of the archive that carries this machine's suite.

    :raises SetupError: when no source of the machine names it
    """
    for address, suites, options in read_sources(folder):
        if suite in suites:
            return address, options
    raise SetupError(
        "No package source of this machine carries Debian: add Debian's archive to "
        "/etc/apt/sources.list.d, or name your own Odoo tree in ODOO_SRC."
    )


class PrivateApt:
    """apt with lists and cache of its own: needs no root, changes nothing outside.

    :param Path folder: for its lists and configuration
    :param suites: suites to read besides the machine's own
    """

    def __init__(self, folder, suites):
        own = codename()
        if not own or not shutil.which("apt-get"):
            raise SetupError(
                "Odoo 19 is fetched as a Debian package, and this machine has no apt: "
                "name your own Odoo tree in ODOO_SRC."
            )
        address, options = own_archive(own)
        text = " ".join(f"{name}={value}" for name, value in options.items())
        lines = [
            f"deb {f'[{text}] ' if text else ''}{address} {suite} main\n"
            for suite in (own, *suites)
        ]
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "sources.list").write_text("".join(lines))
        (folder / "apt.conf").write_text(
            f'Dir::State::Lists "{folder}/lists";\n'
            f'Dir::Cache "{folder}/cache";\n'
            f'Dir::Etc::sourcelist "{folder}/sources.list";\n'
            'Dir::Etc::sourceparts "/dev/null";\n'
            'Debug::NoLocking "1";\n'
            'APT::Sandbox::User "";\n'
        )
        self.folder = folder
        self.env = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}

    def update(self, log):
        console.run(
            ["apt-get", "update"],
            log=log,
            env=self.env,
            problem="Debian's package lists could not be read: check the network and "
            "the package sources of this machine.",
        )

    def versions(self, package):
        """Return the versions of a package, as the sources list them."""
        lines = console.read(["apt-cache", "madison", package], env=self.env) or ""
        return [line.split("|")[1].strip() for line in lines.splitlines()]

    def download(self, package, target, log, version=None):
        """Fetch one package as ``target``, under its name only when it is whole."""
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            wanted = f"{package}={version}" if version else package
            console.run(
                ["apt-get", "download", wanted],
                log=log,
                env=self.env,
                cwd=folder,
                problem=f"Debian's package {wanted} could not be fetched: check the "
                "network, or name your own Odoo tree in ODOO_SRC.",
            )
            (file,) = Path(folder).glob("*.deb")
            file.replace(target)


@contextmanager
def unpack(files, folder, log):
    """Unpack packages into a folder that appears only when all of them are in it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        content = Path(temporary) / "content"
        content.mkdir()
        for file in files:
            console.run(
                ["dpkg", "-x", file, content],
                log=log,
                problem=f"{file} can't be unpacked: delete it and try again.",
            )
        yield content
        content.rename(folder)


def install(packages, log):
    """Install packages of the machine's own suite into the system; needs root.

    :raises SetupError: when one can't be installed
    """
    names = " ".join(packages)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    problem = f"The Debian packages {names} could not be installed: see below."
    console.run(["apt-get", "update"], log=log, env=env, problem=problem)
    console.run(
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
        log=log,
        env=env,
        problem=problem,
    )
