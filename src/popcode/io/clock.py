"""What a vector of times says about bins: their width, and where time jumps."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from popcode.recording.text import plural

TIME_NAMES = frozenset(["t", "time", "times", "timestamp", "timestamps", "time_s"])
FRAME_NAMES = frozenset(["frame", "frames", "index", "bin", "bins", "sample", "samples", "row"])
JUMP = 1.5  # steps longer than this many usual ones are gaps
MOST_DRIFT = 1.0  # bins that a time may lie off before it is said


class Clock(NamedTuple):
    """Width of the bins in seconds (nan where unknown), their segments, and what was decided.

    segment_starts (n_segments,) first bins; segment_start_s (n_segments,) seconds, or None.
    """

    bin_s: float
    segment_starts: np.ndarray
    segment_start_s: np.ndarray | None
    notes: tuple[str, ...]


class Steps(NamedTuple):
    """The regular step of a clock, and where it jumps.

    step_s, the mean of the regular steps in seconds: of times rounded to 1 ms, 30 Hz has steps
    of 33 and 34 ms, and neither is the width of a bin. starts (n_segments,), the first times and
    those after a jump; missing_s, seconds left out by the jumps; drift, how many steps a time
    lies off at most where the regular step puts it.
    """

    step_s: float
    starts: np.ndarray
    missing_s: float
    drift: float


def steps_of(times: np.ndarray) -> Steps:
    """Steps of increasing times (n_times,) in seconds, two at least."""
    steps = np.diff(times)
    longest = JUMP * float(np.median(steps))
    regular = steps <= longest
    step_s = float(f"{steps[regular].mean():.9g}")  # 0.1, not 0.09999999999999999
    starts = np.concatenate(([0], np.flatnonzero(~regular) + 1)).astype(np.int64)
    lengths = np.diff(starts, append=len(times))
    since_start = np.arange(len(times)) - np.repeat(starts, lengths)
    off_s = times - np.repeat(times[starts], lengths) - since_start * step_s
    missing_s = float(np.sum(steps[~regular] - step_s))
    return Steps(step_s, starts, missing_s, float(np.abs(off_s).max()) / step_s)


def drift_notes(steps: Steps) -> list[str]:
    """What is said of times that one width of bins does not fit."""
    if steps.drift <= MOST_DRIFT:
        return []
    return [
        f"the clock is uneven: times lie up to {steps.drift:.2g} bins off where bins of "
        f"{steps.step_s:.6g} s put them"
    ]


NO_CLOCK = Clock(float("nan"), np.zeros(1, dtype=np.int64), None, ())


def names_time(name: str) -> bool:
    """Whether `name` is that of times or of a running number of bins."""
    bare = _bare(name)
    return bare in TIME_NAMES or bare in FRAME_NAMES


def clock_of(times: np.ndarray, name: str) -> Clock:
    """Clock of the time of every bin.

    Parameters
    ----------
    times : array-like (n_bins,)
        In seconds, or in milliseconds where the name says so (time_ms). Whole numbers that go
        up by one are a running number, not time.
    name : str
        For the notes.
    """
    seconds = np.asarray(times, dtype=np.float64) * (1e-3 if _in_milliseconds(name) else 1.0)
    steps = np.diff(seconds)
    if len(steps) == 0 or not np.isfinite(seconds).all():
        return _ignored(name, "holds no times")
    if (steps == 1).all() and _bare(name) != "time_s":
        return _ignored(name, "counts the bins, which says nothing of their width")
    if _bare(name) in FRAME_NAMES:
        return _ignored(name, "is no time")
    if (steps <= 0).any():
        where = int(np.flatnonzero(steps <= 0)[0]) + 1
        return _ignored(name, f"does not increase at bin {where}")
    return _of_steps(seconds, name)


def _of_steps(seconds: np.ndarray, name: str) -> Clock:
    steps = steps_of(seconds)
    bin_s, n_gaps = steps.step_s, len(steps.starts) - 1
    notes = [f"bins of {bin_s:.6g} s after {name!r}, taken as seconds"]
    if _in_milliseconds(name):
        notes = [f"bins of {bin_s:.6g} s after {name!r}, in milliseconds"]
    if n_gaps:
        notes.append(f"{plural(n_gaps, 'gap')} in {name!r} cut it into segments")
    notes += drift_notes(steps)
    return Clock(bin_s, steps.starts, seconds[steps.starts], tuple(notes))


def _ignored(name: str, why: str) -> Clock:
    return NO_CLOCK._replace(notes=(f"{name!r} {why}: left out",))


def _in_milliseconds(name: str) -> bool:
    return re.search(r"[_ (\[]ms[)\]]?$", name.strip().lower()) is not None


def _bare(name: str) -> str:
    """Lower case without a unit: Time (s) -> time_s, time_ms -> time."""
    bare = re.sub(r"[ (\[]+s(ec|econds)?[)\]]?$", "_s", name.strip().lower())
    return re.sub(r"[_ (\[]+ms[)\]]?$", "", bare)
