"""Relative change of fluorescence, and frames of several imaging planes at common times."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.kinds import refuse_not_finite
from popcode.recording.provenance import with_step

WINDOW_S = 50.0  # long beside the decay of any indicator, short beside bleaching
PERCENTILE = 10.0  # below the transients of all but the most active neurons


def running_baseline(
    traces: np.ndarray,
    bin_s: float,
    *,
    window_s: float = WINDOW_S,
    percentile: float = PERCENTILE,
    segment_starts: np.ndarray | None = None,
) -> np.ndarray:
    """Slow baseline of fluorescence: a running percentile, then a running mean as long.

    At the ends of a segment the window is filled by reflection; it never crosses one.

    Parameters
    ----------
    traces : ndarray (n_bins, n_neurons)
    bin_s : float
        Seconds a frame.
    window_s : float
        Length of both windows; that of the segment where it is shorter.
    percentile : float
        0 to 100.
    segment_starts : array of int, (n_segments,), optional
        One segment by default.

    Returns
    -------
    ndarray of float64, (n_bins, n_neurons)

    Raises
    ------
    InputError
        Values that are not finite, a width of bins or a window that is not positive, a
        percentile out of range.
    """
    from scipy.ndimage import percentile_filter, uniform_filter1d  # noqa: PLC0415  (slow to load)

    refuse_not_finite(traces)
    n_window = _window_bins(bin_s, window_s, percentile)
    baseline = np.empty(traces.shape)
    for low, high in _segments(segment_starts, len(traces)):
        n = min(n_window, high - low)
        for neuron in range(traces.shape[1]):
            trace = np.ascontiguousarray(traces[low:high, neuron], dtype=np.float64)
            smooth = uniform_filter1d(percentile_filter(trace, percentile, n), n)
            baseline[low:high, neuron] = smooth
    return baseline


def dff(
    recording: Recording,
    *,
    background: float | np.ndarray = 0.0,
    window_s: float = WINDOW_S,
    percentile: float = PERCENTILE,
) -> Recording:
    """Relative change (F - b) / (b - F0) of raw fluorescence F.

    b is the baseline of the neuron (`running_baseline`) and F0 the background of the camera, as
    in van der Plas et al. 2023 and Migault et al. 2018. The article names neither window nor
    percentile: those here are choices of this package.

    Parameters
    ----------
    recording : Recording
        Raw fluorescence.
    background : float or array (n_neurons,)
        F0, what a pixel without any tissue shows.
    window_s, percentile : float
        Of the baseline.

    Returns
    -------
    Recording
        Of kind "dff".

    Raises
    ------
    InputError
        As `running_baseline`; a baseline that does not exceed the background, as where the
        traces are dF/F already.
    """
    level = np.asarray(background, dtype=np.float64)
    if level.shape not in ((), (recording.n_neurons,)) or not np.isfinite(level).all():
        raise InputError(
            f"background has shape {level.shape} or is not finite",
            remedy=f"Give one number, or one for each of {recording.n_neurons:,} neurons.",
        )
    baseline = running_baseline(
        recording.activity,
        recording.bin_s,
        window_s=window_s,
        percentile=percentile,
        segment_starts=recording.segment_starts,
    )
    below = baseline <= level
    if below.any():
        row, neuron = np.unravel_index(int(below.argmax()), below.shape)
        raise InputError(
            f"the baseline {baseline[row, neuron]:.4g} does not exceed the background "
            f"{np.broadcast_to(level, baseline.shape)[row, neuron]:.4g} "
            f"({int(below.any(axis=0).sum()):,} neurons)",
            where=f"neuron {neuron}, bin {row}",
            remedy="Pass raw fluorescence, and a background below it; dF/F needs no dff.",
        )
    return replace(
        recording,
        activity=((recording.activity - baseline) / (baseline - level)).astype(np.float32),
        kind="dff",
        provenance=with_step(
            recording, "dff", window_s=window_s, percentile=percentile, background=level.tolist()
        ),
    )


def align_planes(
    traces: Any,
    plane_delay_s: Any,
    bin_s: float,
    *,
    segment_starts: np.ndarray | None = None,
) -> np.ndarray:
    """Bring neurons of planes that are imaged one after the other to common times.

    A frame of a neuron is taken `plane_delay_s` after its bin starts; its value at the start is
    interpolated linearly from the frame before. In the first bin of a segment, which has none
    before, the frame is kept.

    Parameters
    ----------
    traces : array-like (n_bins, n_neurons)
    plane_delay_s : array-like (n_neurons,)
        Seconds, from 0 to below `bin_s`.
    bin_s : float
        Seconds a bin, the time of one volume.
    segment_starts : array of int, (n_segments,), optional
        One segment by default.

    Returns
    -------
    ndarray of float32, (n_bins, n_neurons)

    Raises
    ------
    InputError
        Delays of another number than the neurons, or out of range; values that are not finite.
    """
    values = np.asarray(traces)
    delays = np.asarray(plane_delay_s, dtype=np.float64)
    if values.ndim != 2 or delays.shape != (values.shape[1],):
        raise InputError(
            f"plane_delay_s has shape {delays.shape} for traces of shape {values.shape}",
            remedy="Give one delay a neuron, and traces (n_bins, n_neurons).",
        )
    refuse_not_finite(values)
    _refuse_width(bin_s)
    bad = ~((delays >= 0) & (delays < bin_s))
    if bad.any():
        neuron = int(bad.argmax())
        raise InputError(
            f"the delay is {delays[neuron]:g} s, not from 0 to below the {bin_s:g} s of a bin",
            where=f"neuron {neuron}",
            remedy="Give seconds from the start of the volume.",
        )
    aligned = values.astype(np.float32)
    share = (delays / bin_s).astype(np.float32)
    for low, high in _segments(segment_starts, len(values)):
        part = values[low:high].astype(np.float32)
        aligned[low + 1 : high] -= share * (part[1:] - part[:-1])
    return aligned


def _segments(starts: np.ndarray | None, n_bins: int) -> list[tuple[int, int]]:
    edges = [0, n_bins] if starts is None else [*np.asarray(starts).tolist(), n_bins]
    return list(pairwise(edges))


def _window_bins(bin_s: float, window_s: float, percentile: float) -> int:
    _refuse_width(bin_s)
    if not (np.isfinite(window_s) and window_s > 0):
        raise InputError(f"window_s is {window_s}", remedy="Give seconds, as 50.")
    if not 0 <= percentile <= 100:
        raise InputError(f"percentile is {percentile}", remedy="Give 0 to 100, as 10.")
    return max(1, round(window_s / bin_s))


def _refuse_width(bin_s: float) -> None:
    if not (np.isfinite(bin_s) and bin_s > 0):
        raise InputError(
            f"the width of a bin is {bin_s}; it must be known", remedy="Give bin_s in seconds."
        )
