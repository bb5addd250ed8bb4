"""``python tests/bench NAME -c ODOO_CONF -d DATABASE``: see ``setup/bench --help``.

A module ``bench_NAME`` has ``fill(env, first, last)``, which inserts the records number
``first`` to before ``last`` by SQL, ``SIZE``, the number of all of them, and
``screens(env)``, which returns ``{name: function(env)}``: what the server does to show
each screen. It may have ``ratios(env)``, which returns ``{name: (base, other, most)}``:
two contexts, each of which prepares a function to time anew, and the ratio of them that
is allowed. What isn't about screens has ``run(registry, database, size)`` instead, which
fills, measures and prints.
"""

import argparse
import importlib

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config
from rows import vacuum
from stopwatch import Stopwatch, report, report_ratios


def main():
    parser = argparse.ArgumentParser(prog="python tests/bench")
    parser.add_argument("name")
    parser.add_argument("-c", "--config")
    parser.add_argument("-d", "--database", required=True)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level=warn"],
        setup_logging=True,
    )
    benchmark = importlib.import_module(f"bench_{options.name}")
    registry = Registry(options.database)
    size = int(benchmark.SIZE * options.scale)
    if hasattr(benchmark, "run"):
        benchmark.run(registry, options.database, size)
        return
    figures = []
    for first, last in ((0, size // 10), (size // 10, size)):
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            with Stopwatch() as watch:
                benchmark.fill(env, first, last)
            print(f"{last:,} records: filled in {watch.seconds:.0f} s", flush=True)
        vacuum(options.database)
        figures.append(measure(registry, benchmark.screens))
    report(*figures)
    if hasattr(benchmark, "ratios"):
        report_ratios(compare(registry, benchmark.ratios))


def measure(registry, screens):
    """Return ``{screen: (queries, seconds)}``, each screen several times with cold
    record caches, as different requests have them."""
    figures = {}
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        for name, show in screens(env).items():
            runs = []
            for _run in range(Stopwatch.RUNS + 1):
                env.transaction.reset()
                before = cr.sql_log_count
                with Stopwatch() as watch:
                    show()
                runs.append((cr.sql_log_count - before, watch.seconds))
            # The first fills the caches that all requests of a server share.
            figures[name] = sorted(runs[1:], key=lambda run: run[1])[len(runs) // 2 - 1]
    return figures


def compare(registry, ratios):
    """Return ``{name: (figures of the base, of the other, most)}``: medians of queries
    and seconds, taken in turn, so that whatever else the machine does meets both."""
    compared = {}
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        for name, (*pair, most) in ratios(env).items():
            runs = [[], []]
            for _run in range(Stopwatch.RUNS + 1):
                for prepare, own in zip(pair, runs, strict=True):
                    with prepare() as act:
                        before = cr.sql_log_count
                        with Stopwatch() as watch:
                            act()
                            env.flush_all()
                        own.append((watch.seconds, cr.sql_log_count - before))
            medians = [sorted(own[1:])[len(own) // 2 - 1] for own in runs]
            compared[name] = (*medians, most)
        cr.rollback()
    return compared


if __name__ == "__main__":
    main()
