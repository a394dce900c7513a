"""When was recorded: what is left of time once pauses and invalid intervals are cut out."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from popcode.errors import InputError

# A time within this share of a bin below an edge is on it: 0.3 / 0.1 is 2.9999999999999996.
ON_THE_EDGE = 1e-6


class Stretches(NamedTuple):
    """Contiguous stretches of whole bins, in order.

    starts, absolute, in seconds; n_bins, as real numbers that may be infinite; edges, the share
    of a bin by which times there may miss an edge. Each (n_stretches,).
    """

    starts: np.ndarray
    n_bins: np.ndarray
    edges: np.ndarray


def checked_intervals(intervals: Any, name: str) -> np.ndarray:
    """Intervals (n, 2) in order, those that touch or overlap joined, empty ones left out.

    Raises
    ------
    InputError
        Another shape, NaN, or an interval that stops before it starts.
    """
    array = np.asarray(intervals, dtype=np.float64)
    if array.size == 0:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise InputError(
            f"{name} has shape {array.shape}; expected (n_intervals, 2)",
            remedy="Give a start and a stop, in seconds, for each interval.",
        )
    bad = ~(array[:, 1] >= array[:, 0])
    if bad.any():
        row = int(bad.argmax())
        raise InputError(
            f"{name} has an interval from {array[row, 0]:g} to {array[row, 1]:g} s",
            where=f"interval {row}",
            remedy="An interval must not stop before it starts.",
        )
    array = array[array[:, 1] > array[:, 0]]
    if len(array) == 0:
        return array
    return _joined(array[np.argsort(array[:, 0], kind="stable")])


def without(intervals: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """What is left of `intervals` (n, 2) outside `cut` (m, 2); both in order and disjoint."""
    left = []
    first = 0
    for start, stop in intervals:
        while first < len(cut) and cut[first, 1] <= start:
            first += 1
        for cut_start, cut_stop in cut[first:]:
            if cut_start >= stop:
                break
            if cut_start > start:
                left.append((start, cut_start))
            start = cut_stop  # noqa: PLW2901  (what is left of the interval)
        if start < stop:
            left.append((start, stop))
    return np.array(left).reshape(-1, 2)


def complement(intervals: np.ndarray) -> np.ndarray:
    """All time outside `intervals` (n, 2)."""
    return without(np.array([[-np.inf, np.inf]]), intervals)


def stretches(
    intervals: np.ndarray, pauses: np.ndarray, bin_s: float, time_dtype: Any = np.float64
) -> Stretches:
    """Whole bins of every interval, which pauses cut further.

    A stretch starts where its interval does, or at the first spike after a pause. It ends with
    the last bin that lies in its interval, or with the bin of the last spike before a pause.

    Parameters
    ----------
    intervals : ndarray (n, 2)
        In order and disjoint.
    pauses : ndarray (m, 2)
        The spikes before and after every pause, in order; inf where there is none.
    bin_s : float
        Seconds a bin.
    time_dtype : dtype
        Precision in which the times of spikes are stored.
    """
    found = []
    first = 0
    for start, limit in intervals:
        while first < len(pauses) and pauses[first, 1] <= start:
            first += 1
        for last_spike, next_spike in pauses[first:]:
            if last_spike >= limit:
                break
            if last_spike >= start:
                edge = edge_share(start, last_spike, bin_s, time_dtype)
                n_to_spike = math.floor((last_spike - start) / bin_s + edge) + 1
                n_bins = min(n_to_spike, _whole_bins(start, limit, bin_s, edge))
                found.append((start, n_bins, edge))
            start = next_spike  # noqa: PLW2901  (what is left of the interval)
        if start < limit:
            edge = edge_share(start, limit, bin_s, time_dtype)
            found.append((start, _whole_bins(start, limit, bin_s, edge), edge))
    kept = [stretch for stretch in found if stretch[1] > 0]
    return Stretches(*np.array(kept, dtype=np.float64).reshape(-1, 3).T)


def edge_share(start: float, stop: float, bin_s: float, time_dtype: Any = np.float64) -> float:
    """`ON_THE_EDGE`, or more where times of this type or size are rounded more coarsely."""
    largest = max(abs(value) for value in (start, stop, 0.0) if math.isfinite(value))
    return min(0.5, max(ON_THE_EDGE, 2 * _spacing(largest, time_dtype) / bin_s))


def _spacing(time: float, time_dtype: Any) -> float:
    """Seconds between two times of this type; infinite beyond the largest."""
    with np.errstate(over="ignore", invalid="ignore"):
        spacing = float(np.spacing(np.dtype(time_dtype).type(time)))
    return spacing if math.isfinite(spacing) else math.inf


def _whole_bins(start: float, limit: float, bin_s: float, edge: float) -> float:
    n_bins = (limit - start) / bin_s + edge
    return math.floor(n_bins) if math.isfinite(n_bins) else n_bins


def _joined(intervals: np.ndarray) -> np.ndarray:
    reached = np.maximum.accumulate(intervals[:, 1])
    first = np.flatnonzero(np.append(True, intervals[1:, 0] > reached[:-1]))
    return np.stack([intervals[first, 0], np.maximum.reduceat(intervals[:, 1], first)], axis=1)
