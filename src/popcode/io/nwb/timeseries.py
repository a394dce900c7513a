"""Time and scale of a TimeSeries: when its samples were taken, in which unit they are."""

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.clock import Clock
from popcode.io.nwb.tables import values_of
from popcode.recording.text import plural

JUMP = 1.5  # steps of the clock, in medians, from which on samples are missing
MOST_JUMPS = 0.1  # a larger share of jumps is no regular sampling


def scale_of(data: h5py.Dataset) -> tuple[float, float]:
    """(conversion, offset): what is stored times the first plus the second is in `unit`.

    Source: NWB schema 2.x, TimeSeries.
    """
    conversion = float(data.attrs.get("conversion", 1.0))
    offset = float(data.attrs.get("offset", 0.0))
    if not (np.isfinite(conversion) and np.isfinite(offset)) or conversion == 0:
        return 1.0, offset if np.isfinite(offset) else 0.0
    return conversion, offset


def n_timestamps(series: h5py.Group) -> int | None:
    """How many times are given; None where a rate is, or nothing."""
    times = series.get("timestamps")
    return int(times.shape[0]) if isinstance(times, h5py.Dataset) and times.ndim == 1 else None


def times_of(series: h5py.Group, n_samples: int) -> np.ndarray | None:
    """Time of every sample in seconds, float64 (n_samples,); None where the file does not say.

    Raises
    ------
    InputError
        Another number of times, one that is not finite or goes back, or a rate that is not above 0.
    """
    if n_timestamps(series) is not None:
        return _checked_times(values_of(series["timestamps"]), series, n_samples)
    start = series.get("starting_time")
    if not isinstance(start, h5py.Dataset) or "rate" not in start.attrs:
        return None
    rate_hz = float(start.attrs["rate"])
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError(
            f"the rate of {series.name} is {rate_hz:g}; expected samples a second above 0",
            remedy="Correct the rate in the file, or remove it and give bin_s.",
        )
    return float(start[()]) + np.arange(n_samples) / rate_hz


def clock_of_series(series: h5py.Group, n_samples: int, *, bin_s: float | None) -> Clock:
    """Width of the samples as bins, segments where time jumps, and notes.

    The width is the median step. Where neither times nor a rate are given it is left for
    `bin_s`, as `popcode.load` states it.

    Raises
    ------
    InputError
        Neither times nor a rate nor `bin_s`; times without a regular step.
    """
    times = times_of(series, n_samples)
    if times is None:
        if bin_s is None:
            raise InputError(
                f"{series.name} has neither timestamps nor a rate",
                remedy="Give the seconds between its samples as bin_s (--bin-s).",
            )
        note = f"{series.name} has neither timestamps nor a rate: bin_s is as given"
        return Clock(float("nan"), np.zeros(1, dtype=np.int64), None, (note,))
    if n_samples < 2:
        raise InputError(
            f"{series.name} has {plural(n_samples, 'sample')}", remedy="Name another with array."
        )
    return _clock(times, series)


def _clock(times: np.ndarray, series: h5py.Group) -> Clock:
    steps = np.diff(times)
    step = float(f"{np.median(steps):.9g}")  # 0.1, not 0.09999999999999999
    jumps = np.flatnonzero(steps > JUMP * step) + 1
    if len(jumps) > MOST_JUMPS * len(steps):
        raise InputError(
            f"the timestamps of {series.name} have no regular step: {len(jumps):,} of "
            f"{len(steps):,} steps are longer than {JUMP} medians ({step:.4g} s)",
            remedy="Resample the series to a regular step, or name another with array.",
        )
    starts = np.concatenate(([0], jumps)).astype(np.int64)
    notes = []
    if len(jumps):
        missing = float(np.sum(steps[jumps - 1] - step))
        notes.append(f"time jumps at {plural(len(jumps), 'place')}, {missing:.4g} s are missing")
    return Clock(step, starts, times[starts], tuple(notes))


def _checked_times(times: np.ndarray, series: h5py.Group, n_samples: int) -> np.ndarray:
    if len(times) != n_samples:
        raise InputError(
            f"{series.name} has {n_samples:,} samples and {len(times):,} timestamps",
            remedy="Export the file again.",
        )
    times = times.astype(np.float64)
    bad = ~np.isfinite(times)
    bad[1:] |= np.diff(times) <= 0
    if bad.any():
        sample = int(bad.argmax())
        before = f" after {times[sample - 1]:.10g} s" if sample else ""
        raise InputError(
            f"the timestamps of {series.name} do not increase: {times[sample]:.10g} s{before}",
            where=f"sample {sample}",
            remedy="Correct the timestamps in the file.",
        )
    return times
