"""Say how far long work is and when it will end; let the user end it early without loss."""

from __future__ import annotations

import collections
import contextlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Protocol, TextIO

import rich.console
import rich.markup
import rich.progress

# What a batch system sends, and a terminal that is closed (Windows has no SIGHUP).
ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)
LINE_EVERY_S = 30.0
LINES = 10  # at every tenth of the work
_LINES_AT_LEAST_APART_S = 2.0
_RATE_WINDOW_S = 60.0

Value = float | int | str


class Progress:
    """How far one piece of work is. Made by :func:`progress`.

    Parameters
    ----------
    label : str
        What is being done.
    total : int
        Steps in all.
    start : int
        Steps done before, as by a run that is resumed; they count for the fraction, not the rate.
    unit : str
        One step, in the singular.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self, label: str, total: int, *, start: int, unit: str, clock: Callable[[], float]
    ) -> None:
        self.label, self.total, self.unit = label, total, unit
        self.start = self.done = start
        self.values: dict[str, Value] = {}
        self._clock = clock
        self._began = clock()
        self._marks = collections.deque([(self._began, start)])
        self._display: _Display = _Silent()

    def update(self, done: int, **values: Value) -> None:
        """State how many steps are done, and the values worth watching.

        Parameters
        ----------
        done : int
            Steps done so far, those before ``start`` included.
        **values : float, int or str
            Named values to show; each stays until it is given anew.
        """
        self.done = done
        self.values.update(values)
        now = self._clock()
        # A mark a second is enough, and keeps a million quick steps from filling the window.
        if now - self._marks[-1][0] >= 1.0:
            self._marks.append((now, done))
        while len(self._marks) > 1 and now - self._marks[1][0] >= _RATE_WINDOW_S:
            self._marks.popleft()
        self._display.show(self)

    def say(self, text: str) -> None:
        """Print a line of its own without disturbing the bar.

        Parameters
        ----------
        text : str
            One line.
        """
        self._display.say(f"{self.label}: {text}")

    @property
    def elapsed_s(self) -> float:
        """Seconds since the work began here."""
        return self._clock() - self._began

    @property
    def fraction(self) -> float:
        """Share of all steps that is done, 0 to 1."""
        return self.done / self.total if self.total else 1.0

    @property
    def rate(self) -> float:
        """Steps a second over the last minute; nan before there is any."""
        then, done_then = self._marks[0]
        span, steps = self._clock() - then, self.done - done_then
        return steps / span if span > 0 and steps > 0 else float("nan")

    @property
    def left_s(self) -> float:
        """Seconds left at the present rate; nan when unknown."""
        return (self.total - self.done) / self.rate

    def status(self) -> str:
        """Rate, time left and the named values, as shown to the user."""
        parts, rate = [], self.rate  # taken once: the clock goes on
        if not math.isnan(rate):
            left_s = (self.total - self.done) / rate
            parts += [_rate_text(rate, self.unit), f"{duration_text(left_s)} left"]
        return ", ".join(parts + self._value_texts())

    def summary(self) -> str:
        """What was done in what time, for the end."""
        spent = f"{self.unit}s in {duration_text(self.elapsed_s)}"
        whole = self.done >= self.total
        head = (
            f"done, {self.done} {spent}" if whole else f"stopped, {self.done}/{self.total} {spent}"
        )
        return ", ".join([head, *self._value_texts()])

    def _value_texts(self) -> list[str]:
        return [f"{name} {_value_text(value)}" for name, value in self.values.items()]


@contextlib.contextmanager
def progress(
    label: str,
    total: int,
    *,
    start: int = 0,
    unit: str = "update",
    silent: bool = False,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Progress]:
    """Show the progress of a block on stderr: a live bar in a terminal, else a line now and then.

    Parameters
    ----------
    label : str
        What is being done.
    total : int
        Steps in all.
    start : int
        Steps done before this block, as by a run that is resumed.
    unit : str
        One step, in the singular.
    silent : bool
        Show nothing, for use as a library.
    stream : text file, optional
        Where to show it; stderr by default.
    clock : callable
        Seconds, monotonic.

    Yields
    ------
    Progress
        Call its ``update(done, name=value, ...)``.
    """
    stream = sys.stderr if stream is None else stream
    work = Progress(label, total, start=start, unit=unit, clock=clock)
    if silent:
        yield work
        return
    live = stream.isatty() and os.environ.get("TERM") != "dumb"
    display: _Display = _Bar(work, stream) if live else _Lines(work, stream)
    work._display = display
    try:
        yield work
    finally:
        display.close(work)


def duration_text(seconds: float) -> str:
    """A duration in the two units that matter.

    Parameters
    ----------
    seconds : float
        Not negative.

    Returns
    -------
    str
        Such as ``45 s``, ``3 min 20 s``, ``5 h 04 min`` or ``2 d 03 h``.
    """
    if not seconds < float("inf"):
        return "unknown"
    whole = round(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days} d {hours % 24:02d} h"
    if hours:
        return f"{hours} h {minutes % 60:02d} min"
    if minutes:
        return f"{minutes} min {whole % 60:02d} s"
    return f"{whole} s"


def _rate_text(rate: float, unit: str) -> str:
    return f"{rate:.3g} {unit}s/s" if rate >= 1 else f"{1 / rate:.3g} s/{unit}"


def _value_text(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _tenth(work: Progress) -> int:
    return LINES * work.done // max(work.total, 1)


class _Display(Protocol):
    def show(self, work: Progress) -> None: ...
    def say(self, text: str) -> None: ...
    def close(self, work: Progress) -> None: ...


class _Silent:
    def show(self, work: Progress) -> None: ...
    def say(self, text: str) -> None: ...
    def close(self, work: Progress) -> None: ...


class _Lines:
    """A plain line every half minute or tenth of the work, for log files."""

    def __init__(self, work: Progress, stream: TextIO) -> None:
        self._stream = stream
        self._at_s, self._at_tenth = 0.0, _tenth(work)

    def show(self, work: Progress) -> None:
        waited = work.elapsed_s - self._at_s
        new_tenth = _tenth(work) > self._at_tenth and waited >= _LINES_AT_LEAST_APART_S
        if work.done >= work.total or not (new_tenth or waited >= LINE_EVERY_S):
            return
        self._at_s, self._at_tenth = work.elapsed_s, _tenth(work)
        counts = f"{work.done}/{work.total} {work.unit}s ({100 * work.fraction:.0f} %)"
        self.say(f"{work.label}: {counts}, {work.status()}")

    def say(self, text: str) -> None:
        # A log on a full disk, or a reader that went away, must not end the work.
        with contextlib.suppress(OSError, ValueError):
            print(text, file=self._stream, flush=True)

    def close(self, work: Progress) -> None:
        self.say(f"{work.label}: {work.summary()}")


class _Bar:
    """A live bar of rich."""

    def __init__(self, work: Progress, stream: TextIO) -> None:
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(bar_width=24),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TextColumn("{task.fields[status]}"),
            console=rich.console.Console(file=stream),
            refresh_per_second=4,
            # rich would send what the program prints on stdout to our stream.
            redirect_stdout=False,
        )
        label = rich.markup.escape(work.label)
        self._task = self._bar.add_task(label, total=work.total, completed=work.done, status="")
        self._bar.start()

    def show(self, work: Progress) -> None:
        status = rich.markup.escape(work.status())
        self._bar.update(self._task, completed=work.done, status=status)

    def say(self, text: str) -> None:
        self._bar.console.print(text, markup=False, highlight=False)

    def close(self, work: Progress) -> None:
        status = rich.markup.escape(work.summary())
        self._bar.update(self._task, completed=work.done, status=status)
        self._bar.stop()


class Stop:
    """Whether the user or the batch system has asked to stop.

    Attributes
    ----------
    requested : bool
        Poll this between steps; when true, write a checkpoint and return.
    signal_name : str
        ``SIGINT``, ``SIGTERM``, ``SIGHUP``, or empty.
    """

    def __init__(self) -> None:
        self.requested = False
        self.signal_name = ""

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal: note it, or raise on a second Ctrl-C."""
        # Batch systems repeat SIGTERM; only a person who presses again wants to lose the step.
        if self.requested and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.requested = True
        self.signal_name = signal.Signals(number).name


@contextlib.contextmanager
def interruption() -> Iterator[Stop]:
    """Turn SIGINT, SIGTERM and SIGHUP into a flag to poll, for as long as the block lasts.

    A second Ctrl-C raises KeyboardInterrupt. The former handlers are put back at the end. A
    signal that is ignored (``nohup``) stays ignored; outside the main thread nothing is changed
    and the flag stays false; inside another such block its flag is shared.

    Yields
    ------
    Stop
        Poll its ``requested``.
    """
    stop, former = Stop(), {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, *ENDING_SIGNALS):
            handler = signal.getsignal(number)
            owner = getattr(handler, "__self__", None)
            if isinstance(owner, Stop):
                stop = owner
            elif handler is not None and handler is not signal.SIG_IGN:
                former[number] = handler
    for number in former:
        signal.signal(number, stop.handle)
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
