"""The comparison that setup/bench prints, and what it offers."""

import sys

import pytest

from bootstrap.commands import bench
from bootstrap.project import ROOT

sys.path.insert(0, str(ROOT / "tests" / "bench"))
from stopwatch import report, report_ratios


def test_only_benchmarks_are_offered(capsys):
    with pytest.raises(SystemExit):
        bench.parse(["nothing"])
    assert "visits" in capsys.readouterr().err
    assert bench.parse(["authority"]).scale == 1.0
    assert bench.parse(["visits", "--scale", "0.1"]).scale == 0.1


def test_what_grows_is_said(capsys):
    few = {"flat": (4, 0.010), "steep": (4, 0.010), "chatty": (4, 0.200)}
    many = {"flat": (4, 0.019), "steep": (4, 0.021), "chatty": (14, 0.301)}
    report(few, many)
    _head, flat, steep, chatty = capsys.readouterr().out.splitlines()
    assert flat.endswith("1.90")
    assert steep.endswith("2.10  too steep")
    assert chatty.endswith("more queries, too slow")


def test_what_costs_too_much_on_top_is_said(capsys):
    report_ratios(
        {
            "cheap": ((0.100, 40), (0.129, 44), 1.3),
            "dear": ((0.100, 40), (0.131, 44), 1.3),
        }
    )
    _head, cheap, dear = capsys.readouterr().out.splitlines()
    assert cheap.endswith("1.29")
    assert dear.endswith("1.31  too dear")
