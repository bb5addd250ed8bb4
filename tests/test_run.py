"""setup/run from the outside: starts fast, serves, stops what it started alone."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from bootstrap.databases import ALL_ADDONS, SAMPLE

RUN = Path(__file__).resolve().parents[1] / "setup" / "run"
PATIENCE = 60


@pytest.fixture
def demo(databases, scratch):
    """A complete database with the sample company, as an earlier start left it."""
    name = scratch("run")
    databases.copy(databases.layer(SAMPLE), name)
    databases.mark(name, ALL_ADDONS.key(databases.host))
    return name


@pytest.fixture
def start(databases):
    processes = []

    def start(*arguments):
        process = subprocess.Popen(
            [RUN, *arguments],
            env=databases.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def read_until(process, text):
    """Return what a process prints up to a line that holds the text."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    pytest.fail(f"It ended without saying {text!r}:\n{''.join(lines)}")


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def stops_listening(port):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not is_listening(port):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.kill
def test_second_start_serves_and_stops_what_it_started(demo, start, databases):
    port = free_port()
    begun = time.monotonic()
    process = start("--db", demo, "--port", port)
    said = read_until(process, "Ctrl-C")
    elapsed = time.monotonic() - begun
    # Seconds, where the first one takes minutes; beside other tests, too.
    assert elapsed < 60, f"the second start took {elapsed:.0f} s"
    assert f"http://127.0.0.1:{port}" in said
    assert re.search(r"(?i)login\s+password", said)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login") as answer:
        assert b'name="login"' in answer.read()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not is_listening(port)
    assert databases.exists(demo), "the server of the databases still runs"


@pytest.mark.kill
def test_killed_it_leaves_no_server_behind(demo, start):
    port = free_port()
    process = start("--db", demo, "--port", port)
    read_until(process, "Ctrl-C")
    process.kill()
    process.wait()
    assert stops_listening(port)


def test_a_taken_port_is_a_sentence(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start("--port", str(taken.getsockname()[1]))
        said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    assert re.search(r"Port \d+ can't be used .*: choose another with --port\.", said)


def test_the_host_s_command_line_knows_our_addons(databases):
    done = subprocess.run(
        [RUN.with_name("odoo"), "shell", "-d", os.environ["SAMPLE_DATABASE"]],
        env=databases.env,
        input="print('known:', env['ir.module.module'].search("
        "[('name', 'in', ['sales_visit', 'sales_receivable', 'freight_booking'])]"
        ").mapped('state'))\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "known: ['installed', 'installed', 'installed']" in done.stdout
