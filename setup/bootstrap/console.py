"""What the person at the terminal sees, and how child processes are run and stopped."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HEARTBEAT = 20  # seconds between signs of life when the output is no terminal
TAIL = 25  # lines of a failed step's log that are shown


class SetupError(Exception):
    """Something is wrong; the text says what, and what to do, in one sentence."""


class Stopped(BaseException):
    """SIGTERM or SIGINT arrived."""

    def __init__(self, signum):
        super().__init__(signum)
        self.signal = signum


@contextlib.contextmanager
def stoppable():
    """Turn SIGTERM and Ctrl-C into an exception, so that everything is tidied up."""

    def stop(signum, _frame):
        raise Stopped(signum)

    before = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def say(text=""):
    print(text, flush=True)


@contextlib.contextmanager
def step(text):
    """Announce a step, show that it lives, and say how long it took."""
    start = time.monotonic()
    tty = sys.stdout.isatty()
    sys.stdout.write(f"• {text} … " if tty else f"• {text} …\n")
    sys.stdout.flush()
    over = threading.Event()

    def beat():
        while not over.wait(1 if tty else HEARTBEAT):
            elapsed = int(time.monotonic() - start)
            sys.stdout.write(
                f"\r• {text} … {elapsed} s " if tty else f"  … {elapsed} s\n"
            )
            sys.stdout.flush()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    except BaseException:
        if tty:
            say("not finished")
        raise
    else:
        elapsed = time.monotonic() - start
        say(f"\r• {text}: {elapsed:.0f} s  " if tty else f"  done in {elapsed:.0f} s")
    finally:
        over.set()
        thread.join()


def bound(arguments):
    """Return a command that ends when this process is killed, where Linux helps.

    It is killed, too: nobody is left to see whether it heeds a gentler signal, which
    Python may lose while it collects garbage.
    """
    program = shutil.which("setpriv")
    prefix = [program, "--pdeathsig", "KILL"] if program else []
    return prefix + [os.fspath(argument) for argument in arguments]


def wait_for(process, grace=20):
    """Wait for a child; when we are stopped, stop it too. Return its exit status."""
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def run(arguments, log=None, problem=None, **options):
    """Run a program to its end.

    :param log: file that takes its output; otherwise the output is shown
    :param problem: the sentence to raise when it fails; without it the status is
        returned whatever it is
    :return: exit status
    :raises SetupError: with ``problem`` and the end of the log
    """
    with contextlib.ExitStack() as stack:
        if log:
            log = Path(log)
            log.parent.mkdir(parents=True, exist_ok=True)
            stream = stack.enter_context(log.open("wb"))
            options.update(stdout=stream, stderr=subprocess.STDOUT)
            options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(bound(arguments), **options)
        status = wait_for(process)
    if status and problem:
        raise SetupError(problem + (tail(log) if log else ""))
    return status


def read(arguments, **options):
    """Return the standard output of a program, or None when it fails."""
    done = subprocess.run(
        [os.fspath(a) for a in arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        **options,
    )
    return None if done.returncode else done.stdout.strip()


def tail(log):
    lines = Path(log).read_text(errors="replace").splitlines()[-TAIL:]
    return "\n\nThe end of {}:\n  {}".format(log, "\n  ".join(lines))
