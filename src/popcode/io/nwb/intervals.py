"""Tables of time intervals: rows with a start and a stop in seconds."""

from typing import NamedTuple

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.nwb.tables import EXPORT_AGAIN, values_of

INVALID_TIMES = ("intervals/invalid_times", "invalid_times")


def bounds_of(table: h5py.Group) -> np.ndarray:
    """Start and stop of every row in seconds, float64 (n_rows, 2); nan where not given.

    Raises
    ------
    InputError
        A table without either column, or with columns of two lengths.
    """
    sides = []
    for name in ("start_time", "stop_time"):
        data = table.get(name)
        if not isinstance(data, h5py.Dataset) or data.dtype.kind not in "iuf":
            raise InputError(f"{table.name} has no column {name!r}", remedy=EXPORT_AGAIN)
        sides.append(values_of(data).astype(np.float64))
    if sides[0].shape != sides[1].shape or sides[0].ndim != 1:
        raise InputError(
            f"{table.name} has {sides[0].size:,} starts and {sides[1].size:,} stops",
            remedy=EXPORT_AGAIN,
        )
    return np.stack(sides, axis=1)


def invalid_times(file: h5py.File) -> tuple[np.ndarray, list[str]]:
    """Intervals (n, 2) in which the file says that the recording is not to be trusted."""
    tables = [file.get(name) for name in INVALID_TIMES]
    bounds = [bounds_of(table) for table in tables if isinstance(table, h5py.Group)]
    if not bounds:
        return np.empty((0, 2)), []
    intervals = np.concatenate(bounds)
    known = np.isfinite(intervals).all(axis=1)
    notes = []
    if not known.all():
        notes.append(f"{int((~known).sum()):,} invalid times without a start or stop ignored")
    intervals = intervals[known]
    if len(intervals):
        seconds = float(np.sum(intervals[:, 1] - intervals[:, 0]))
        notes.append(f"{len(intervals):,} invalid times cut out, {seconds:.4g} s in the file")
    return intervals, notes


class RowsAt(NamedTuple):
    """Row of a table of intervals at each of some times: the row it lies in, -1 in none.

    started, the row that began last (-1 before the first); following, the row that begins next
    (-1 after the last).
    """

    inside: np.ndarray
    started: np.ndarray
    following: np.ndarray


def rows_at(times_s: np.ndarray, bounds: np.ndarray) -> RowsAt:
    """Rows of the intervals `bounds` (n_rows, 2) at `times_s` (n_times,), by bisection.

    Where intervals overlap the one counts that began last of those still open. An interval
    without a stop lasts as long as the median of the others, one without a start is nowhere.
    """
    starts, stops = bounds.T
    lengths = (stops - starts)[np.isfinite(stops - starts)]
    usual = float(np.median(lengths)) if len(lengths) else 0.0
    stops = np.where(np.isnan(stops), starts + usual, stops)
    order = np.argsort(starts, kind="stable")[: np.count_nonzero(~np.isnan(starts))]
    last = np.searchsorted(starts[order], times_s, side="right") - 1
    padded = np.concatenate(([-1], order, [-1]))
    started, following = padded[last + 1], padded[last + 2]
    moments, open_rows = _last_open(starts[order], stops[order])
    now = np.searchsorted(moments, times_s, side="right")
    inside = np.append(order, -1)[np.append(-1, open_rows)[now]]
    return RowsAt(inside, started, following)


def _last_open(starts: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Moments at which an interval starts or stops, and which counts from each on, -1 none.

    Starts in order; the last that is still open counts. One that has stopped never counts
    again, so each is put on a stack and taken off once.
    """
    moments = np.unique(np.concatenate([starts, stops]))
    n_begun = np.searchsorted(starts, moments, side="right")
    ends, begun = stops.tolist(), 0
    waiting: list[int] = []
    counting = np.empty(len(moments), dtype=np.int64)
    for k, (moment, n) in enumerate(zip(moments.tolist(), n_begun.tolist(), strict=True)):
        waiting.extend(range(begun, n))
        begun = n
        while waiting and ends[waiting[-1]] <= moment:
            waiting.pop()
        counting[k] = waiting[-1] if waiting else -1
    return moments, counting
