"""Progress is told on stderr, and a signal becomes a flag."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import pty
import re
import signal
import subprocess
import sys
import threading

import pytest

from popcode.progress import duration_text, interruption, progress


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def lines_of(total, seconds_a_step, steps=None, **options):
    stream, clock = io.StringIO(), Clock()
    with progress("fit", total, stream=stream, clock=clock, **options) as work:
        for step in range(options.get("start", 0), steps or total):
            clock.now += seconds_a_step
            work.update(step + 1, nLLH=0.3125, alive="48/50")
    return stream.getvalue().splitlines()


def test_a_line_at_each_tenth_with_rate_time_left_and_values():
    lines = lines_of(1000, 0.1)
    assert len(lines) == 10
    assert lines[1] == (
        "fit: 200/1000 updates (20 %), 10 updates/s, 1 min 20 s left, nLLH 0.312, alive 48/50"
    )
    assert lines[-1] == "fit: done, 1000 updates in 1 min 40 s, nLLH 0.312, alive 48/50"


def test_a_line_every_half_minute_when_steps_are_slow():
    lines = lines_of(10_000, 4.0, steps=100)
    assert len(lines) == 400 // 32 + 1  # 32 s is the first multiple of 4 s past 30
    assert ", 4 s/update, " in lines[0]
    assert lines[-1].startswith("fit: stopped, 100/10000 updates in 6 min 40 s")


def test_short_work_prints_only_its_end():
    assert lines_of(100, 0.01) == ["fit: done, 100 updates in 1 s, nLLH 0.312, alive 48/50"]


def test_steps_of_an_earlier_run_count_for_the_fraction_not_the_rate():
    lines = lines_of(1000, 0.1, start=500)
    assert "600/1000 updates (60 %), 10 updates/s, 40 s left" in lines[0]


def test_rate_follows_the_last_minute():
    clock = Clock()
    with progress("fit", 10_000, silent=True, clock=clock) as work:
        for step in range(4000):
            clock.now += 1.0 if step < 100 else 0.1
            work.update(step + 1)
    assert work.rate == pytest.approx(10, rel=0.05)  # the window is cut at whole seconds


def test_silent_and_say(capfd):
    with progress("fit", 2, silent=True) as work:
        work.say("restart")
        work.update(2)
    assert capfd.readouterr() == ("", "")
    with progress("fit", 2) as work:
        work.say("restart")
        work.update(2)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "fit: restart\nfit: done, 2 updates in 0 s\n"


def test_error_inside_ends_with_what_was_done():
    stream = io.StringIO()
    with pytest.raises(ValueError, match="x"), progress("fit", 5, stream=stream) as work:
        work.update(3)
        raise ValueError("x")
    assert stream.getvalue() == "fit: stopped, 3/5 updates in 0 s\n"


def test_full_log_disk_does_not_end_the_work():
    class Full(io.StringIO):
        def write(self, _text):
            raise OSError(28, "No space left on device")

    with progress("fit", 1, stream=Full()) as work:
        work.update(1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (18_240, "5 h 04 min"),
        (183_600, "2 d 03 h"),
        (float("nan"), "unknown"),
        (float("inf"), "unknown"),
    ],
)
def test_durations(seconds, text):
    assert duration_text(seconds) == text


def all_that_comes(terminal):
    """Everything written to a terminal: what one read returns depends on when it reads."""
    pieces = []
    with contextlib.suppress(OSError):  # Linux ends the reading of a closed terminal so
        while piece := os.read(terminal, 65_536):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()


def test_live_bar_in_a_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream, progress("fit [a]", 3, stream=stream) as work:
        work.say("restart [b]")
        work.update(3, alive="48/50")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", all_that_comes(ours))
    assert "fit [a]: restart [b]" in shown
    assert "3/3" in shown
    assert "alive 48/50" in shown


_LOOP = """
import sys, time
from popcode.progress import interruption
with interruption() as stop:
    print("ready", flush=True)
    while not stop.requested:
        time.sleep(0.005)
    print("stopped by", stop.signal_name, flush=True)
    if len(sys.argv) > 1:
        time.sleep(20)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_becomes_a_flag(number):
    child = subprocess.Popen([sys.executable, "-c", _LOOP], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    child.send_signal(number)
    out, _ = child.communicate(timeout=20)
    assert out == f"stopped by {number.name}\n"
    assert child.returncode == 0


def test_second_ctrl_c_raises_and_second_sigterm_does_not():
    child = subprocess.Popen(
        [sys.executable, "-c", _LOOP, "linger"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGTERM)
    assert child.stdout.readline() == "stopped by SIGTERM\n"
    child.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(timeout=0.3)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert "KeyboardInterrupt" in err


def test_handlers_are_put_back_and_nested_blocks_share_the_flag():
    before = signal.getsignal(signal.SIGTERM)
    with interruption() as outer:
        with interruption() as inner:
            assert inner is outer
        signal.raise_signal(signal.SIGTERM)
        assert outer.requested
        assert not isinstance(signal.getsignal(signal.SIGTERM), type(before))
    assert signal.getsignal(signal.SIGTERM) is before


def test_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruption() as stop:
            signal.raise_signal(signal.SIGINT)
        assert not stop.requested
    finally:
        signal.signal(signal.SIGINT, before)


def test_does_nothing_outside_the_main_thread():
    seen = []

    def work():
        with interruption() as stop:
            seen.append((stop.requested, signal.getsignal(signal.SIGTERM)))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, before)]


def test_the_rate_is_shown_by_a_clock_that_never_stands_still():
    readings = itertools.count()
    stream = io.StringIO()
    with progress("fit", 10, stream=stream, clock=lambda: float(next(readings))) as work:
        work.update(5)
        assert "updates/s" in work.status() or "s/update" in work.status()
        assert " left" in work.status()
