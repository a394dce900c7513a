"""A process that ends with the one that started it."""

import subprocess
import sys
import threading
import time

from popcode.sweep.lifeline import run_followed

SLEEPER = """
import signal, subprocess, sys, time
from popcode.sweep.lifeline import follow_starter
stubborn = sys.argv[1] == "stubborn"
if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
follow_starter(grace_s=0.3)
print("there", flush=True)
time.sleep(60)
"""


def command(manner="gentle"):
    return [sys.executable, "-c", SLEEPER, manner]


def test_it_gives_the_exit_code_and_keeps_what_was_said(tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    code = run_followed([sys.executable, "-c", "print('said'); exit(3)"], log, lambda: True)
    assert code == 3
    assert log.read_text() == "before\nsaid\n"


def test_what_is_not_wanted_any_more_ends_by_itself_however_stubborn(tmp_path):
    for manner, ended_by in (("gentle", -15), ("stubborn", -9)):
        log = tmp_path / manner
        began = time.monotonic()
        code = run_followed(command(manner), log, lambda log=log: "there" not in log.read_text())
        assert code == ended_by
        assert time.monotonic() - began < 50  # it would sleep for 60


def test_a_starter_that_is_killed_takes_it_along():
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, time\n"
            "p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)\n"
            "time.sleep(60)",
            *command(),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout.readline() == "there\n"
    starter.kill()
    # The pipe is at its end when the last process that can write to it has gone.
    reader = threading.Thread(target=starter.stdout.read)
    reader.start()
    reader.join(timeout=30)
    assert not reader.is_alive()
    starter.wait()
