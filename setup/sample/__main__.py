"""``python setup/sample -c ODOO_CONF -d DATABASE``: load the sample company.

Needs the host's Python (the one that can import ``odoo``) and a database in which the
addons are installed. May be killed at any instant and run again: it goes on where it
stopped. Run on a loaded database it changes nothing.
"""

import argparse
import importlib
import sys
from pathlib import Path


def main():
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(
        prog="python setup/sample",
        description="Load the sample company into a database.",
    )
    parser.add_argument("-c", "--config", help="configuration file of the host")
    parser.add_argument("-d", "--database", required=True)
    parser.add_argument(
        "--data",
        type=Path,
        default=here.parents[1] / "data",
        help="folder of the files (default: %(default)s)",
    )
    parser.add_argument(
        "--stop-after",
        type=int,
        metavar="STAGE",
        help="stop after the stage of this number, as shown in the progress lines",
    )
    options, host_options = parser.parse_known_args()
    sys.path[0] = str(here.parent)
    loader = importlib.import_module("sample.loader")
    try:
        loader.load(options, host_options)
    except loader.SampleError as error:
        sys.exit(f"sample: {error}")


if __name__ == "__main__":
    main()
