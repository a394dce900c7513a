"""Time and scale of a TimeSeries: when its samples were taken, in which unit they are."""

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.clock import JUMP, Clock, drift_notes, steps_of
from popcode.io.nwb.tables import values_of
from popcode.recording.text import plural

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


def clock_of_series(series: h5py.Group, times: np.ndarray | None, *, bin_s: float | None) -> Clock:
    """Width of the samples as bins, segments where time jumps, and notes.

    `times` are those of `times_of`.

    The width is the mean regular step. Where neither times nor a rate are given it is left for
    `bin_s`, as `popcode.load` states it.

    Raises
    ------
    InputError
        Neither times nor a rate nor `bin_s`; times without a regular step.
    """
    if times is None:
        if bin_s is None:
            raise InputError(
                f"{series.name} has neither timestamps nor a rate",
                remedy="Give the seconds between its samples as bin_s (--bin-s).",
            )
        note = f"{series.name} has neither timestamps nor a rate: bin_s is as given"
        return Clock(float("nan"), np.zeros(1, dtype=np.int64), None, (note,))
    if len(times) < 2:
        raise InputError(
            f"{series.name} has {plural(len(times), 'sample')}", remedy="Name another with array."
        )
    return _clock(times, series)


def _clock(times: np.ndarray, series: h5py.Group) -> Clock:
    steps = steps_of(times)
    n_steps, n_jumps = len(times) - 1, len(steps.starts) - 1
    if n_jumps > MOST_JUMPS * n_steps:
        raise InputError(
            f"the timestamps of {series.name} have no regular step: {n_jumps:,} of "
            f"{n_steps:,} steps are longer than {JUMP} medians ({np.median(np.diff(times)):.4g} s)",
            remedy="Resample the series to a regular step, or name another with array.",
        )
    notes = drift_notes(steps)
    if n_jumps:
        missing = f"{steps.missing_s:.4g} s are missing"
        notes.append(f"time jumps at {plural(n_jumps, 'place')}, {missing}")
    return Clock(steps.step_s, steps.starts, times[steps.starts], tuple(notes))


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
