"""Spike times to counts in bins: in blocks, in one pass, without a finer grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from popcode.errors import InputError

SPIKES_AT_ONCE = 1 << 20
# A time within this share of a bin below an edge is on it: 0.3 / 0.1 is 2.9999999999999996.
ON_THE_EDGE = 1e-6


class Spikes(Protocol):
    """Spikes of many units, to be gone through more than once."""

    n_units: int

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks: times in seconds, float64 (n,), and the unit of each, int64 (n,)."""


class RaggedSpikes:
    """Times of one unit after the other, as NWB holds them.

    Parameters
    ----------
    times : ndarray, memory map or HDF5 data set (n_spikes,)
    ends : array-like of int (n_units,)
        Where the times of each unit end.
    tick_s : float
        Seconds a unit of `times`.
    """

    def __init__(self, times: Any, ends: Any, tick_s: float = 1.0) -> None:
        self.times, self.tick_s = times, tick_s
        self.ends = np.asarray(ends, dtype=np.int64)
        self.n_units = len(self.ends)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        n_spikes = int(self.ends[-1]) if self.n_units else 0
        for start in range(0, n_spikes, SPIKES_AT_ONCE):
            stop = min(start + SPIKES_AT_ONCE, n_spikes)
            units = np.searchsorted(self.ends, np.arange(start, stop), side="right")
            yield np.asarray(self.times[start:stop]) * np.float64(self.tick_s), units


class LabelledSpikes:
    """Times of all units together, each with its unit, as Kilosort writes them.

    Parameters
    ----------
    times : ndarray or memory map (n_spikes,)
    units : ndarray of int (n_spikes,)
        From 0 to n_units - 1; spikes with -1 belong to none and are left out.
    n_units : int
    tick_s : float
        Seconds a unit of `times`.
    """

    def __init__(self, times: Any, units: np.ndarray, n_units: int, tick_s: float = 1.0) -> None:
        self.times, self.units, self.n_units, self.tick_s = times, units, n_units, tick_s

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(self.times), SPIKES_AT_ONCE):
            block = slice(start, start + SPIKES_AT_ONCE)
            units = np.asarray(self.units[block], dtype=np.int64)
            times = np.asarray(self.times[block]) * np.float64(self.tick_s)
            kept = units >= 0
            yield (times, units) if kept.all() else (times[kept], units[kept])


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
    """Count spikes in bins of `bin_s`, segment by segment. See the helper's version."""
    raise InputError("not yet")
