"""Each worker of pytest-xdist has files of its own."""

import sys
from types import SimpleNamespace

import pytest

from bootstrap import worker_files


@pytest.fixture
def config(tmp_path, monkeypatch):
    file = tmp_path / "filestore" / "layer" / "ab" / "abc"
    file.parent.mkdir(parents=True)
    file.write_text("style")
    config = {"data_dir": str(tmp_path)}
    common = SimpleNamespace(get_db_name=lambda: "layer")
    monkeypatch.setitem(sys.modules, "odoo.tools", SimpleNamespace(config=config))
    monkeypatch.setitem(sys.modules, "odoo.tests.common", common)
    return config


def test_workers_copy_the_files_and_keep_to_their_copy(config, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    worker_files.pytest_sessionstart()
    own = tmp_path / "workers" / "gw1"
    assert config["data_dir"] == str(own)
    (own / "filestore" / "layer" / "ab" / "abc").unlink()
    assert (tmp_path / "filestore" / "layer" / "ab" / "abc").read_text() == "style"


def test_without_workers_nothing_is_copied(config, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    worker_files.pytest_sessionstart()
    assert config["data_dir"] == str(tmp_path)
    assert not (tmp_path / "workers").exists()
