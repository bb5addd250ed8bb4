"""The first file to run: it must get along with any Python."""

import ast
import sys

import pytest

from bootstrap import entry
from bootstrap.console import SetupError


@pytest.mark.parametrize(
    ("version", "supported"),
    [((3, 10, 9), False), ((3, 11, 0), True), ((3, 13, 2), True), ((3, 14, 0), False)],
)
def test_supported_pythons(version, supported):
    assert entry.is_supported(version) is supported


def test_another_python_of_the_machine_is_found():
    known = {"python3.12": "/somewhere/python3.12"}
    assert entry.find_supported(known.get) == "/somewhere/python3.12"
    assert entry.find_supported({}.get) is None


def test_wrong_python_gets_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(entry, "find_supported", lambda: None)
    assert entry.main("run", []) == 1
    assert "install Python 3.11, 3.12 or 3.13" in capsys.readouterr().err


def test_the_first_files_can_be_read_by_an_old_python(pytestconfig):
    setup = pytestconfig.rootpath / "setup"
    for file in (setup / "run", setup / "bootstrap/entry.py"):
        ast.parse(file.read_text(), feature_version=(3, 5))


def test_a_failure_is_one_sentence_and_a_status(monkeypatch, capsys):
    def fail(_arguments):
        raise SetupError("The moon is in the way: wait.")

    monkeypatch.setattr("bootstrap.commands.odoo.main", fail)
    assert entry.main("odoo", []) == 1
    assert capsys.readouterr().err == "\nThe moon is in the way: wait.\n"
