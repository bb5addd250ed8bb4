"""Package sources, packages and their unpacking."""

import subprocess

import pytest

from bootstrap import debian
from bootstrap.console import SetupError

DEB822 = """\
Types: deb
URIs: http://archive.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb-src
URIs: http://source.invalid/debian
Suites: bookworm

Enabled: no
Types: deb
URIs: http://off.invalid/debian
Suites: bookworm
"""


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_sources_in_the_newer_notation(sources):
    (sources / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert debian.own_archive("bookworm", sources) == (
        "http://archive.invalid/debian",
        {"signed-by": "/usr/share/keyrings/archive.gpg"},
    )


def test_sources_in_the_one_line_notation(sources):
    (sources / "sources.list").write_text(
        "# deb http://comment.invalid/debian bookworm main\n"
        "deb http://security.invalid/debian bookworm-security main\n"
        "deb [signed-by=/k.gpg arch=amd64] http://list.invalid/debian bookworm main\n"
    )
    assert debian.own_archive("bookworm", sources) == (
        "http://list.invalid/debian",
        {"signed-by": "/k.gpg", "arch": "amd64"},
    )


def test_no_source_of_debian_is_a_sentence(sources):
    with pytest.raises(SetupError, match=r"No package source .* ODOO_SRC"):
        debian.own_archive("bookworm", sources)


def test_the_suite_of_this_machine(tmp_path):
    release = tmp_path / "os-release"
    release.write_text('NAME="Debian"\nVERSION_CODENAME=bookworm\n')
    assert debian.codename(release) == "bookworm"
    assert debian.codename(tmp_path / "absent") is None


def make_package(folder, name):
    tree = folder / name
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x\n"
        "Description: a package for a test\n"
    )
    (tree / "usr").mkdir()
    (tree / "usr" / name).write_text(name)
    file = folder / f"{name}.deb"
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", tree, file],
        check=True,
        capture_output=True,
    )
    return file


def test_packages_appear_when_all_are_unpacked(tmp_path):
    files = [make_package(tmp_path, name) for name in ("one", "two")]
    target = tmp_path / "target"
    with debian.unpack(files, target, tmp_path / "log") as content:
        assert not target.exists()
        assert (content / "usr" / "one").read_text() == "one"
    assert (target / "usr" / "two").read_text() == "two"


def test_a_broken_package_leaves_nothing_behind(tmp_path):
    broken = tmp_path / "broken.deb"
    broken.write_bytes(b"half a download")
    target = tmp_path / "target"
    files = [make_package(tmp_path, "whole"), broken]
    with (
        pytest.raises(SetupError, match="delete it and try again"),
        debian.unpack(files, target, tmp_path / "log"),
    ):
        pytest.fail("unpacked a broken package")
    assert not target.exists()
    assert not list(tmp_path.glob("tmp*"))
