"""setup/run: everything from nothing to the sample company in the browser."""

import argparse
import csv
import http.client
import re
import socket
import subprocess
import time
import unicodedata

from .. import console, postgres
from ..console import SetupError, say, step
from ..databases import SAMPLE_DATA, Databases
from ..host import get_host

ADDRESS = "127.0.0.1"
PATIENCE = 120  # seconds for the server to answer


def main(arguments):
    options = parse(arguments)
    if not options.stop_after_init:
        check_port(options.port)
    host = get_host()
    with postgres.running() as cluster:
        databases = Databases(host, cluster)
        databases.get_ready(options.db, options.fresh)
        if options.stop_after_init:
            say(f"The database {options.db} is ready.")
            return 0
        return serve(host, databases.env, options)


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="setup/run",
        description="Serve Odoo 19 with the three addons and the sample company.",
    )
    parser.add_argument("--port", type=int, default=8069, help="default: 8069")
    parser.add_argument("--db", default="demo", help="database; default: demo")
    parser.add_argument(
        "--fresh", action="store_true", help="start over: the database is replaced"
    )
    parser.add_argument(
        "--stop-after-init", action="store_true", help="get everything ready, then end"
    )
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", options.db):
        parser.error("a database name has letters, digits, and . _ - between them")
    return options


def check_port(port):
    """Raise SetupError when somebody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except (OSError, OverflowError) as error:
            raise SetupError(
                f"Port {port} can't be used ({error}): choose another with --port."
            ) from None


def serve(host, env, options):
    """Serve until we are stopped; return the server's exit status."""
    process = subprocess.Popen(
        console.bound(
            host.command("server", "-d", options.db, "--http-port", str(options.port))
        ),
        env=env,
    )
    try:
        with step("Starting Odoo"):
            wait_until_up(process, options.port)
        say()
        say(f"  http://{ADDRESS}:{options.port}/odoo")
        say()
        show_logins()
        say("Ctrl-C stops it.")
    except BaseException:
        process.terminate()
        raise
    finally:
        status = console.wait_for(process)
    return status


def wait_until_up(process, port):
    """Return when the server answers; raise SetupError when it ends or never does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SetupError("Odoo has ended: what it printed above says why.")
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=PATIENCE)
        try:
            connection.request("GET", "/web/health")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise SetupError(f"Odoo does not answer after {PATIENCE} s.")


def show_logins():
    """Print who can log in: one line a role."""
    file = SAMPLE_DATA / "logins.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = list(rows[0])
    table = [{c: c.capitalize() for c in columns}, *rows]
    widths = {c: max(width(row[c]) for row in table) for c in columns}
    for row in table:
        cells = (row[c] + " " * (widths[c] - width(row[c])) for c in columns)
        say("  " + "  ".join(cells).rstrip())
    say()


def width(text):
    """Return how many columns a terminal takes for a text."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
