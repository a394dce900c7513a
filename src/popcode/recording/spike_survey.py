"""A first pass over spike times: when they start and end, where all units pause, what is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.recording.text import plural

if TYPE_CHECKING:
    from popcode.recording.spike_times import Spikes

# A pause must also be this many times the mean interval between spikes outside the pauses: one
# place cell is silent for minutes, a hundred units never are.
PAUSE_INTERVALS = 20
LONGEST_CELL_S = 1e9
# Whole numbers over more than a day, or at less than a spike in 10 s a unit, are samples.
LONGEST_IN_WHOLE_SECONDS = 1e5
LOWEST_RATE_IN_WHOLE_SECONDS_HZ = 0.1
FEW_SPIKES = 100


class Survey(NamedTuple):
    """What a first pass over the spikes of all units tells.

    n_spikes; first and last time in seconds; pauses (n_pauses, 2), the spikes before and after
    every stretch without any; n_negative, spikes before 0; n_units_backwards, units some of
    whose spikes are earlier than the one before.
    """

    n_spikes: int
    first_s: float
    last_s: float
    pauses: np.ndarray
    n_negative: int
    n_units_backwards: int


def survey(spikes: Spikes, gap_s: float) -> Survey:
    """Go through all spikes once.

    Raises
    ------
    InputError
        No spikes, NaN or infinite times, a unit that is not there, or times in samples.
    """
    cells = np.empty((3, 0))
    previous = np.full(spikes.n_units, -np.inf)
    n_backwards = np.zeros(spikes.n_units, dtype=np.int64)
    n_spikes, n_negative, n_whole = 0, 0, 0
    for times, units in spikes:
        runs, negative, whole, bad = _runs(times, units, gap_s, previous, n_backwards)
        if bad >= 0:
            _refuse_spike(n_spikes + bad, times[bad], int(units[bad]), spikes.n_units)
        cells = _merged_cells(np.concatenate([cells, runs], axis=1))
        n_spikes, n_negative = n_spikes + len(times), n_negative + negative
        n_whole += whole
    if n_spikes == 0:
        raise InputError("there is not one spike", remedy="Choose a source that holds spikes.")
    first_s, last_s = float(cells[1].min()), float(cells[2].max())
    if n_whole == n_spikes:
        _refuse_samples(n_spikes, spikes.n_units, first_s, last_s)
    pauses = _pauses(cells, gap_s, n_spikes)
    n_units_backwards = int(np.count_nonzero(n_backwards))
    return Survey(n_spikes, first_s, last_s, pauses, n_negative, n_units_backwards)


def notes_of(found: Survey) -> list[str]:
    """What is odd about the times, in words."""
    notes = []
    if found.n_negative:
        notes.append(
            f"{plural(found.n_negative, 'spike')} before time 0, the first at {found.first_s:g} s"
        )
    if found.n_units_backwards:
        notes.append(
            f"the times of {plural(found.n_units_backwards, 'unit')} go backwards in places; "
            "they were counted all the same"
        )
    return notes


def _runs(
    times: np.ndarray,
    units: np.ndarray,
    gap_s: float,
    previous: np.ndarray,
    n_backwards: np.ndarray,
) -> tuple[np.ndarray, int, int, int]:
    """What `survey_block` finds in one block; its runs are (3, n_runs)."""
    from popcode.recording.spike_kernels import survey_block  # noqa: PLC0415  (half a second)

    runs = np.empty((3, len(times)))
    n_runs, negative, whole, bad = survey_block(
        times, units, min(gap_s, LONGEST_CELL_S), previous, n_backwards, *runs
    )
    return runs[:, :n_runs], negative, whole, bad


def _merged_cells(cells: np.ndarray) -> np.ndarray:
    """Join what lies in one cell: its number, first and last time, (3, n_cells), in order."""
    if cells.shape[1] == 0:
        return cells
    order = np.argsort(cells[0], kind="stable")
    number, earliest, latest = cells[:, order]
    first = np.flatnonzero(np.diff(number, prepend=-np.inf))
    return np.stack(
        [number[first], np.minimum.reduceat(earliest, first), np.maximum.reduceat(latest, first)]
    )


def _pauses(cells: np.ndarray, gap_s: float, n_spikes: int) -> np.ndarray:
    """Stretches without any spike; none is shorter than a cell, so none hides inside one."""
    before = np.maximum.accumulate(cells[2])[:-1]
    after = cells[1, 1:]
    longer = after - before > gap_s
    pauses = np.stack([before[longer], after[longer]], axis=1)
    n_intervals = n_spikes - 1 - len(pauses)
    if n_intervals == 0:
        return pauses[:0]
    lengths = pauses[:, 1] - pauses[:, 0]
    mean_interval = (cells[2].max() - cells[1].min() - lengths.sum()) / n_intervals
    return pauses[lengths > PAUSE_INTERVALS * mean_interval]


def _refuse_spike(spike: int, time: float, unit: int, n_units: int) -> None:
    if unit >= n_units:
        raise InputError(
            f"spike {spike:,} belongs to unit {unit}, but there are {n_units:,} units",
            remedy="Give a unit from 0 on for every spike, or -1 for none.",
        )
    raise InputError(
        f"spike {spike:,} is at {time} s",
        remedy="Remove spikes without a time before reading.",
    )


def _refuse_samples(n_spikes: int, n_units: int, first_s: float, last_s: float) -> None:
    """Refuse whole numbers that no recording in seconds gives."""
    span_s = last_s - first_s
    rare = n_spikes < LOWEST_RATE_IN_WHOLE_SECONDS_HZ * span_s * n_units
    if span_s > LONGEST_IN_WHOLE_SECONDS or (rare and n_spikes >= FEW_SPIKES):
        raise InputError(
            f"spike times look like samples, not seconds: all {n_spikes:,} are whole "
            f"numbers, from {first_s:,.0f} to {last_s:,.0f}",
            remedy="Give the samples a second: sampling_rate_hz=30000.",
        )
