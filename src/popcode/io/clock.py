"""What a vector of times says about bins: their width, and where time jumps."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from popcode.recording.text import plural

TIME_NAMES = frozenset(["t", "time", "times", "timestamp", "timestamps", "time_s"])
FRAME_NAMES = frozenset(["frame", "frames", "index", "bin", "bins", "sample", "samples", "row"])
JUMP = 1.5  # steps longer than this many usual ones are gaps


class Clock(NamedTuple):
    """Width of the bins in seconds (nan where unknown), their segments, and what was decided.

    segment_starts (n_segments,) first bins; segment_start_s (n_segments,) seconds, or None.
    """

    bin_s: float
    segment_starts: np.ndarray
    segment_start_s: np.ndarray | None
    notes: tuple[str, ...]


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
    return _of_steps(seconds, steps, name)


def _of_steps(seconds: np.ndarray, steps: np.ndarray, name: str) -> Clock:
    usual = float(np.median(steps))
    gaps = np.flatnonzero(steps > JUMP * usual)
    starts = np.concatenate(([0], gaps + 1)).astype(np.int64)
    regular = steps[steps <= JUMP * usual]
    bin_s = float(f"{regular.mean():.9g}")  # 0.1, not 0.09999999999999999
    notes = [f"bins of {bin_s:.6g} s after {name!r}, taken as seconds"]
    if _in_milliseconds(name):
        notes = [f"bins of {bin_s:.6g} s after {name!r}, in milliseconds"]
    if len(gaps):
        notes.append(f"{plural(len(gaps), 'gap')} in {name!r} cut it into segments")
    return Clock(bin_s, starts, seconds[starts], tuple(notes))


def _ignored(name: str, why: str) -> Clock:
    return NO_CLOCK._replace(notes=(f"{name!r} {why}: left out",))


def _in_milliseconds(name: str) -> bool:
    return re.search(r"[_ (\[]ms[)\]]?$", name.strip().lower()) is not None


def _bare(name: str) -> str:
    """Lower case without a unit: Time (s) -> time_s, time_ms -> time."""
    bare = re.sub(r"[ (\[]+s(ec|econds)?[)\]]?$", "_s", name.strip().lower())
    return re.sub(r"[_ (\[]+ms[)\]]?$", "", bare)
