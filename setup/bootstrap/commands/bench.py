"""setup/bench NAME: fill a database with years of work, and time the screens on it."""

import argparse

from .. import console, postgres
from ..console import say
from ..databases import ALL_ADDONS, Databases
from ..host import get_host
from ..project import NAME, ROOT, only_one

BENCHMARKS = ROOT / "tests" / "bench"


def main(arguments):
    options = parse(arguments)
    host = get_host()
    with postgres.running() as cluster:
        databases = Databases(host, cluster)
        database = f"{NAME}-bench-{options.name}"
        with only_one(database):
            databases.copy(databases.layer(ALL_ADDONS), database)
            try:
                return console.run(
                    [
                        *(host.python, BENCHMARKS, options.name),
                        *("-c", host.config, "-d", database),
                        *("--scale", str(options.scale)),
                    ],
                    env=databases.env,
                )
            finally:
                if options.keep:
                    say(f"The database {database} is kept.")
                else:
                    databases.drop(database)


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="setup/bench",
        description="Time screens with a tenth of the records and with all of them.",
    )
    names = sorted(
        file.stem.removeprefix("bench_") for file in BENCHMARKS.glob("bench_*.py")
    )
    parser.add_argument("name", choices=names)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of the full size; default: 1"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the database to look at it"
    )
    return parser.parse_args(arguments)
