"""Which Odoo is used, and what is said when it can't be."""

import collections
import shutil
from pathlib import Path

import pytest

from bootstrap import console, debian, host, project
from bootstrap.console import SetupError


def make_tree(folder, version):
    (folder / "odoo" / "addons").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text(f"version_info = ({version}, FINAL)\n")
    return folder


def test_a_tree_of_our_series_is_taken(tmp_path):
    assert host.check_tree(make_tree(tmp_path, "19, 0, 0")) == tmp_path


def test_another_series_is_refused(tmp_path):
    with pytest.raises(SetupError, match=r"is Odoo 18\.0, .* for Odoo 19\.0"):
        host.check_tree(make_tree(tmp_path, "18, 0, 0"))


def test_a_folder_without_odoo_is_refused(tmp_path):
    with pytest.raises(SetupError, match="holds no Odoo"):
        host.check_tree(tmp_path)


def test_a_company_s_own_tree_is_used_and_nothing_is_fetched(
    tmp_path, monkeypatch, databases
):
    def fetch(*_args, **_options):
        pytest.fail("something was fetched")

    for name in ("install", "PrivateApt"):
        monkeypatch.setattr(debian, name, fetch)
    for name in ("get_tree", "get_environment", "get_tools"):
        monkeypatch.setattr(host, name, fetch)
    monkeypatch.setattr(host, "STATE", tmp_path / "state")
    own = make_tree(tmp_path / "own", "19, 0, 0")
    (own / "addons").mkdir()
    monkeypatch.setenv("ODOO_SRC", str(own))
    got = host.get_host(for_tests=True)
    assert got.tree == own
    assert got.addons_path == [own / "odoo/addons", own / "addons", project.ADDONS]
    assert str(own / "addons") in (tmp_path / "state" / "odoo.conf").read_text()
    assert got.env(databases.cluster)["PYTHONPATH"].startswith(str(own))


def test_a_company_s_python_without_odoo_s_needs_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "read", lambda *_a, **_o: "psycopg2 lxml")
    own = host.Host(tmp_path, Path("/their/python"))
    with pytest.raises(SetupError, match="/their/python lacks psycopg2 lxml: activate"):
        host.check_modules(own, for_tests=False)


def test_too_little_disk_is_a_sentence(tmp_path):
    usage = collections.namedtuple("usage", "free")(100 * 2**20)
    with pytest.raises(SetupError, match=r"Only 0\.1 GB are free .*: make room"):
        project.check_room(tmp_path, lambda _folder: usage)


def test_missing_programs_are_named_when_we_may_not_install(monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    monkeypatch.setattr(host.os, "geteuid", lambda: 1000)
    host.get_tools(for_tests=False)
    assert "Without wkhtmltopdf" in capsys.readouterr().out
    with pytest.raises(SetupError, match=r"chromium.* let root install them"):
        host.get_tools(for_tests=True)


def test_a_package_that_is_gone_is_a_sentence(tmp_path):
    class Apt:
        def versions(self, _package):
            return ["7.3.0"]

    with pytest.raises(SetupError, match=r"fonts-font-awesome .* version 4\.7\.0"):
        host.fetch(Apt(), "fonts-font-awesome", tmp_path / "x.deb", tmp_path / "log")
