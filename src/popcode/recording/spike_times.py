"""Spike times to counts in bins: in blocks, without a finer grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from popcode.errors import InputError
from popcode.recording.kinds import MAX_COUNT
from popcode.recording.memory import refuse_beyond_memory
from popcode.recording.recorded_time import (
    Stretches,
    checked_intervals,
    complement,
    stretches,
    without,
)
from popcode.recording.spike_survey import Survey, notes_of, survey
from popcode.recording.text import duration, plural
from popcode.recording.validation import checked_bin_s

SPIKES_AT_ONCE = 1 << 20
FAR_FROM_ZERO_S = 60.0


class Spikes(Protocol):
    """Spikes of many units, to be gone through more than once."""

    n_units: int
    time_dtype: np.dtype
    """Precision in which the times are stored, which says how near to an edge they are on it."""

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks: times in seconds, float64 (n,), and the unit of each, int64 (n,).

        Spikes of unit -1 are not counted, but tell that the recording ran.
        """


class RaggedSpikes:
    """Times of one unit after the other, as NWB holds them.

    Parameters
    ----------
    times : ndarray, memory map or HDF5 data set (n_spikes,)
    ends : array-like of int (n_units,)
        Where the times of each unit end.
    tick_s : float
        Seconds a unit of `times`; units other than seconds are counted in whole numbers.
    """

    def __init__(self, times: Any, ends: Any, tick_s: float = 1.0) -> None:
        self.times, self.tick_s = times, tick_s
        self.time_dtype = _time_dtype(times, tick_s)
        self.ends = np.asarray(ends, dtype=np.int64)
        self.n_units = len(self.ends)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        n_spikes = self._n_spikes()
        for start in range(0, n_spikes, SPIKES_AT_ONCE):
            stop = min(start + SPIKES_AT_ONCE, n_spikes)
            first, last = np.searchsorted(self.ends, (start, stop - 1), side="right")
            bounds = np.clip(self.ends[first : last + 1], start, stop)
            units = np.repeat(np.arange(first, last + 1), np.diff(bounds, prepend=start))
            yield np.asarray(self.times[start:stop]) * np.float64(self.tick_s), units

    def _n_spikes(self) -> int:
        """Where the last unit ends; refuses ends that cannot be."""
        steps = np.diff(self.ends, prepend=0)
        n_spikes = int(self.ends[-1]) if self.n_units else 0
        if (steps < 0).any() or n_spikes > len(self.times):
            unit = int(np.argmin(steps)) if (steps < 0).any() else self.n_units - 1
            raise InputError(
                f"its spikes end at {self.ends[unit]:,}, before those of the unit before it or "
                f"beyond all {len(self.times):,} spike times",
                where=f"unit {unit}",
                remedy="The index of the spike times is damaged: export the file again.",
            )
        return n_spikes


class LabelledSpikes:
    """Times of all units together, each with its unit, as Kilosort writes them.

    Parameters
    ----------
    times : ndarray or memory map (n_spikes,)
    units : array-like of int (n_spikes,), sliced block by block
        From 0 to n_units - 1, or -1 for spikes that belong to none and are not counted.
    n_units : int
    tick_s : float
        Seconds a unit of `times`; units other than seconds are counted in whole numbers.
    """

    def __init__(self, times: Any, units: Any, n_units: int, tick_s: float = 1.0) -> None:
        self.times, self.units, self.n_units, self.tick_s = times, units, n_units, tick_s
        self.time_dtype = _time_dtype(times, tick_s)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(self.times), SPIKES_AT_ONCE):
            block = slice(start, start + SPIKES_AT_ONCE)
            times = np.asarray(self.times[block]) * np.float64(self.tick_s)
            yield times, np.asarray(self.units[block], dtype=np.int64)


def _time_dtype(times: Any, tick_s: float) -> np.dtype:
    """Type of the stored seconds where it is coarser than float64, in which all is computed."""
    stored = np.dtype(getattr(times, "dtype", np.float64))
    coarser = stored.kind == "f" and stored.itemsize < np.dtype(np.float64).itemsize
    return stored if coarser and tick_s == 1 else np.dtype(np.float64)


class SpikeCounts(NamedTuple):
    """What `count_spikes` gives.

    counts (n_bins, n_units) uint8; the first bin and the absolute start of every segment;
    n_outside, spikes in no bin (before the start, after the end, in invalid times or gaps);
    n_saturated, entries held at 255; notes, what was dropped and why, in words.
    """

    counts: np.ndarray
    segment_starts: np.ndarray
    segment_start_s: np.ndarray
    n_outside: int
    n_saturated: int
    notes: tuple[str, ...]


def count_spikes(
    spikes: Spikes,
    bin_s: float,
    *,
    start_s: float | None = None,
    stop_s: float | None = None,
    invalid_s: Any = (),
    valid_s: Any = (),
    gap_s: float = 30.0,
) -> SpikeCounts:
    """Count spikes in bins of `bin_s`, segment by segment.

    The spike at t falls in bin floor((t - start of its segment) / bin_s); a time that misses an
    edge by rounding alone (`recorded_time.ON_THE_EDGE`) is on it. Only whole bins are kept, but
    where nothing tells when the recording stopped, it ends with the bin of the last spike. The
    spikes are gone through twice; beside the counts a few blocks are held.

    Parameters
    ----------
    spikes : Spikes
        In any order.
    bin_s : float
        Seconds a bin.
    start_s, stop_s : float, optional
        Time to keep, in seconds; from the first spike to the last by default.
    invalid_s : array-like (n_intervals, 2), optional
        Intervals cut out, in seconds. Bins that are partly invalid are dropped, and a new
        segment starts where the interval stops.
    valid_s : array-like (n_intervals, 2), optional
        Where given, the only time kept, each interval a segment; silence in it is silence.
    gap_s : float
        A longer stretch without a spike of any unit was not recorded: the next spike starts a
        new segment. It must also be 20 times the mean interval between spikes.

    Raises
    ------
    InputError
        No spikes, times that are NaN, infinite or in samples, impossible intervals, no whole
        bin or no spike left, or more bins than fit into memory.
    """
    bin_s = checked_bin_s(bin_s)
    _check_bounds(start_s, stop_s, gap_s)
    invalid = checked_intervals(invalid_s, "invalid_s")
    valid = checked_intervals(valid_s, "valid_s")
    found = survey(spikes, max(gap_s, bin_s))
    kept, pauses = _recorded(found, start_s, stop_s, valid)
    planned = stretches(without(kept, invalid), pauses, bin_s, spikes.time_dtype)
    _check_bins(planned, spikes.n_units, bin_s)
    notes = [
        *notes_of(found),
        *_time_notes(found, start_s is None and not len(valid), invalid, pauses),
    ]
    return _filled(spikes, planned, bin_s, notes)


def _recorded(
    found: Survey, start_s: float | None, stop_s: float | None, valid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Intervals to keep, invalid ones still in them, and the pauses that cut them."""
    if len(valid):
        low = -math.inf if start_s is None else start_s
        high = math.inf if stop_s is None else stop_s
        return without(valid, complement(np.array([[low, high]]))), np.empty((0, 2))
    start = found.first_s if start_s is None else start_s
    if stop_s is not None:
        return np.array([[start, stop_s]]), found.pauses
    end = [[found.last_s, math.inf]]
    return np.array([[start, math.inf]]), np.concatenate([found.pauses, end])


def _filled(spikes: Spikes, planned: Stretches, bin_s: float, notes: list[str]) -> SpikeCounts:
    from popcode.recording.spike_kernels import add_spikes  # noqa: PLC0415  (half a second)

    n_bins = planned.n_bins.astype(np.int64)
    first_bins = np.cumsum(n_bins) - n_bins
    counts = np.zeros((int(n_bins.sum()), spikes.n_units), dtype=np.uint8)
    n_outside, n_lost, saturated = 0, 0, np.empty(0, dtype=np.int64)
    for times, units in spikes:
        overflow = np.empty(len(times), dtype=np.int64)
        outside, n_over = add_spikes(
            times, units, bin_s, planned.starts, planned.edges, n_bins, first_bins, counts, overflow
        )
        n_outside, n_lost = n_outside + outside, n_lost + n_over
        if n_over:
            saturated = np.union1d(saturated, overflow[:n_over])
    if n_outside and not counts.any():
        _refuse_all_outside(planned, bin_s, n_outside)
    if n_lost:
        notes.append(
            f"{plural(len(saturated), 'bin')} of a unit with more than {MAX_COUNT} spikes "
            f"held at {MAX_COUNT}: {plural(n_lost, 'spike')} not counted"
        )
    return SpikeCounts(counts, first_bins, planned.starts, n_outside, len(saturated), tuple(notes))


def _check_bounds(start_s: float | None, stop_s: float | None, gap_s: float) -> None:
    for name, value in (("start_s", start_s), ("stop_s", stop_s)):
        if value is not None and not math.isfinite(value):
            raise InputError(f"{name} is {value}", remedy="Give seconds, or None.")
    if start_s is not None and stop_s is not None and stop_s <= start_s:
        raise InputError(
            f"the time to keep stops at {stop_s:g} s, before it starts at {start_s:g} s",
            remedy="Give a stop after the start.",
        )
    if not gap_s > 0:
        raise InputError(f"gap_s is {gap_s!r}", remedy="Give seconds above 0.")


def _check_bins(planned: Stretches, n_units: int, bin_s: float) -> None:
    n_bins = float(planned.n_bins.sum())
    if n_bins == 0:
        raise InputError(
            f"no whole bin of {duration(bin_s)} is left in the time that was recorded and is valid",
            remedy="Give shorter bins, or check the start, the stop and the invalid times.",
        )
    if not math.isfinite(n_bins):
        raise InputError("valid_s holds an interval without an end", remedy="Give finite seconds.")
    try:
        refuse_beyond_memory(int(n_bins) * n_units)
    except InputError as error:
        raise InputError(
            f"{n_bins:,.0f} bins of {duration(bin_s)} x {plural(n_units, 'unit')}: {error.what}",
            remedy="Give longer bins (bin_s) or a shorter time, keep fewer units, or check that "
            "the spike times are seconds of one clock.",
        ) from None


def _refuse_all_outside(planned: Stretches, bin_s: float, n_spikes: int) -> None:
    stop_s = planned.starts[-1] + planned.n_bins[-1] * bin_s
    raise InputError(
        f"none of {plural(n_spikes, 'spike')} lies in the time that is kept, "
        f"{planned.starts[0]:,.6g} to {stop_s:,.6g} s",
        remedy="Check that spikes, valid and invalid times are seconds of one clock.",
    )


def _time_notes(
    found: Survey, starts_by_itself: bool, invalid: np.ndarray, pauses: np.ndarray
) -> list[str]:
    """What was left out of the time, in words."""
    notes = []
    if starts_by_itself and abs(found.first_s) > FAR_FROM_ZERO_S:
        notes.append(f"the clock does not start at 0: the first spike is at {found.first_s:,.6g} s")
    lengths = np.diff(pauses[np.isfinite(pauses).all(axis=1)], axis=1)
    if lengths.size:
        notes.append(
            f"{plural(lengths.size, 'pause')} without a spike of any unit, up to "
            f"{duration(float(lengths.max()))} long: cut out, new segments start after them"
        )
    lengths = np.diff(np.clip(invalid, found.first_s, found.last_s), axis=1)
    if lengths.any():
        notes.append(
            f"{plural(int(np.count_nonzero(lengths)), 'invalid interval')} "
            f"({duration(float(lengths.sum()))} in all) cut out"
        )
    return notes
