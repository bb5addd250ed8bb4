"""Cached layers and the database people work in."""

import pytest

from bootstrap import databases as module
from bootstrap.console import SetupError
from bootstrap.databases import ALL_ADDONS, HOST_ALL, SAMPLE, Layer


def test_a_layer_s_key_follows_the_code_below_it(databases, monkeypatch, tmp_path):
    before = {layer: layer.key(databases.host) for layer in (HOST_ALL, ALL_ADDONS)}
    sample = SAMPLE.key(databases.host)
    addon = tmp_path / "sales_visit"
    (addon / "models").mkdir(parents=True)
    (addon / "models" / "new.py").write_text("x = 1\n")
    monkeypatch.setattr(module, "ADDONS", tmp_path)
    assert HOST_ALL.key(databases.host) == before[HOST_ALL]
    changed = ALL_ADDONS.key(databases.host)
    assert changed != before[ALL_ADDONS]
    assert SAMPLE.key(databases.host) != sample
    (addon / "tests").mkdir()
    (addon / "tests" / "test_new.py").write_text("x = 1\n")
    assert ALL_ADDONS.key(databases.host) == changed


def test_a_half_made_layer_is_made_again(databases, scratch, monkeypatch):
    name = scratch("layer")
    made = []

    class Scratch(Layer):
        database = name

    layer = Scratch("scratch", None, ("base",))
    monkeypatch.setattr(
        databases,
        "install",
        lambda *_args: made.append(databases.cluster.run("createdb", name)),
    )
    monkeypatch.setattr(databases, "mark", interrupt)
    with pytest.raises(KeyboardInterrupt):
        databases.layer(layer)
    monkeypatch.setattr(
        databases, "mark", lambda n, t: type(databases).mark(databases, n, t)
    )
    databases.layer(layer)
    assert made == ["", ""]
    databases.layer(layer)
    assert len(made) == 2


def interrupt(*_args):
    raise KeyboardInterrupt


def test_a_foreign_database_is_not_touched(databases, scratch):
    name = scratch("foreign")
    databases.cluster.run("createdb", name)
    with pytest.raises(SetupError, match="not made here: choose another name"):
        databases.get_ready(name)
    assert databases.exists(name)


def test_changed_addons_are_upgraded_at_the_next_start(databases, scratch, monkeypatch):
    name = scratch("upgrade")
    databases.cluster.run("createdb", name)
    databases.mark(name, "an older state of the addons")
    calls = []
    monkeypatch.setattr(databases, "install", lambda *args: calls.append(args))
    databases.get_ready(name)
    assert calls == [(name, module.OWN_ADDONS, f"upgrade-{name}", "-u")]
    databases.get_ready(name)
    assert len(calls) == 1


def test_an_unfinished_loading_goes_on(databases, scratch, monkeypatch):
    name = scratch("loading")
    databases.cluster.run("createdb", name)
    databases.mark(name, module.LOADING)
    loaded = []
    monkeypatch.setattr(databases, "load_sample", loaded.append)
    databases.get_ready(name)
    databases.get_ready(name)
    assert loaded == [name]


def test_copying_takes_the_files_along(databases, scratch):
    source, target = scratch("source"), scratch("target")
    databases.cluster.run("createdb", source)
    databases.filestore(source).mkdir(parents=True)
    (databases.filestore(source) / "file").write_text("content")
    databases.copy(source, target)
    assert databases.exists(target)
    assert (databases.filestore(target) / "file").read_text() == "content"
