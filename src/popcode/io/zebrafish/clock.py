"""When the bins of a file were recorded."""

import numpy as np

from popcode.errors import InputError
from popcode.io.clock import Clock, drift_notes, steps_of
from popcode.recording.text import plural

SLOW_S = 10.0  # seconds a bin that no microscope for whole brains takes


def clock_of_times(times: np.ndarray, n_bins: int) -> Clock:
    """Bin width and gaps of the times at which bins begin.

    Parameters
    ----------
    times : ndarray (n_bins,), (n_bins, n_layers) or (n_layers, n_bins)
        Seconds; the first layer counts. The bin width and the gaps, which no segment spans, are
        those of `popcode.io.clock.steps_of`.
    n_bins : int

    Raises
    ------
    InputError
        A time that is not finite, or not later than the one before.
    """
    of_bins = _first_layer(times, n_bins)
    steps = steps_of(of_bins)
    n_gaps = len(steps.starts) - 1
    notes = drift_notes(steps)
    if times.ndim == 2 and min(times.shape) > 1:
        notes.append(f"times: of the first of {min(times.shape)} layers")
    if n_gaps:
        missing = f"{steps.missing_s:.4g} s missing in all"
        notes.append(f"{plural(n_gaps, 'gap')} in the times, {missing}")
    if steps.step_s > SLOW_S:
        notes.append(f"bins of {steps.step_s:.4g} s: the times may be in milliseconds")
    return Clock(steps.step_s, steps.starts, of_bins[steps.starts], tuple(notes))


def clock_of_rate(rate_hz: float, source: str) -> Clock:
    """Bins of a constant rate (Hz), of which nothing else is known."""
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError(
            f"the sampling rate is {rate_hz}; expected Hz above 0",
            where=source,
            remedy="Correct it in the file.",
        )
    return Clock(1 / rate_hz, np.array([0]), None, (f"no times: bin width of the {source}",))


def no_clock() -> Clock:
    """Nothing is known of time."""
    note = "neither times nor sampling rate: the bin width is unknown, and so are gaps"
    return Clock(float("nan"), np.array([0]), None, (note,))


def _first_layer(times: np.ndarray, n_bins: int) -> np.ndarray:
    by_bin = times if times.shape[0] == n_bins else times.T
    if by_bin.shape[0] != n_bins or times.ndim > 2:
        raise InputError(
            f"times of shape {times.shape} for {plural(n_bins, 'bin')}",
            where="times",
            remedy="Expected (n_bins,) or (n_bins, n_layers).",
        )
    of_bins = by_bin.reshape(n_bins, -1)[:, 0].astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(of_bins))
    if len(bad):
        raise InputError(
            f"{plural(len(bad), 'time')} not finite",
            where=f"times, bin {bad[0]}",
            remedy="Correct the times, or remove them and give bin_s.",
        )
    late = np.flatnonzero(np.diff(of_bins) <= 0)
    if len(late):
        before, after = of_bins[late[0]], of_bins[late[0] + 1]
        raise InputError(
            f"the times do not increase: {after:.10g} s follows {before:.10g} s",
            where=f"times, bin {late[0] + 1}",
            remedy="Correct the times, or remove them and give bin_s.",
        )
    return of_bins
