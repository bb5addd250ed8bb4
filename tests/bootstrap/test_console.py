"""Child processes: their failures are told, and they end with us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bootstrap import console
from bootstrap.console import SetupError

SETUP = Path(console.__file__).parents[1]


def test_a_failing_program_s_last_words_are_shown(tmp_path):
    log = tmp_path / "log"
    code = "print('all was well'); print('then not'); raise SystemExit(3)"
    with pytest.raises(SetupError, match=r"(?s)It failed\..*then not"):
        console.run([sys.executable, "-c", code], log=log, problem="It failed.")
    assert console.run([sys.executable, "-c", code], log=log) == 3


def test_a_child_ends_when_we_are_stopped():
    code = (
        "import sys; from bootstrap import console\n"
        "with console.stoppable():\n"
        "    print('ready', flush=True)\n"
        "    console.run(['sh', '-c', 'echo $$; exec sleep 60'])\n"
    )
    parent = start(code)
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(10)
    assert is_gone(child)


@pytest.mark.kill
def test_a_child_ends_when_we_are_killed():
    code = (
        "from bootstrap import console\n"
        "print('ready', flush=True)\n"
        "console.run(['sh', '-c', 'echo $$; exec sleep 60'])\n"
    )
    parent = start(code)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert is_gone(child)


def start(code):
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(SETUP)},
        text=True,
    )
    assert parent.stdout.readline() == "ready\n"
    return parent


def is_gone(pid):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
