"""The private cluster, and a company's own server."""

import os
from pathlib import Path

import pytest

from bootstrap import postgres
from bootstrap.console import SetupError


@pytest.fixture
def ordinary_user(monkeypatch):
    monkeypatch.setattr(postgres.os, "geteuid", lambda: 1000)


def test_no_postgresql_and_no_right_to_install_it(monkeypatch, ordinary_user):
    monkeypatch.setattr(postgres, "find_programs", lambda: None)
    with pytest.raises(SetupError, match="no PostgreSQL and no right to install it"):
        postgres.get_programs()


def test_a_socket_s_path_is_never_too_long(monkeypatch, ordinary_user, tmp_path):
    deep = tmp_path / ("d" * 80) / ("e" * 80)
    deep.mkdir(parents=True)
    for state in (tmp_path, deep):
        monkeypatch.setattr(postgres, "STATE", state)
        cluster = postgres.PrivateCluster(Path("/nowhere"))
        assert len(os.fsencode(cluster.socket / postgres.SOCKET)) <= 107
        assert cluster.folder == state / "postgresql"


def test_an_unreachable_checkout_keeps_its_cluster_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres.os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres, "STATE", tmp_path)
    monkeypatch.setattr(postgres.PrivateCluster, "reaches", lambda _self, _f: False)
    folder = postgres.PrivateCluster(Path("/nowhere")).folder
    assert folder.parent == Path("/var/tmp")
    assert folder.name.endswith(postgres.NAME)


def test_a_server_that_does_not_answer_is_a_sentence(monkeypatch, databases):
    monkeypatch.setenv("PGHOST", "/nowhere")
    with (
        pytest.raises(SetupError, match="does not answer: check the PG"),
        postgres.running(),
    ):
        pytest.fail("there is no server")


def test_a_named_server_is_used_and_left_running(databases):
    with postgres.running() as cluster:
        assert cluster.run("psql", "-d", "postgres", "-Atc", "select 1") == "1"
    assert databases.cluster.run("psql", "-d", "postgres", "-Atc", "select 1") == "1"
