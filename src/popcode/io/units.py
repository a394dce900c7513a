"""Sorted units and their spike times to a recording: quality, bins, the lowest rate."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from popcode.errors import InputError, PopcodeWarning
from popcode.io.options import DEFAULT_BIN_S, Quality, ReadOptions
from popcode.recording import Recording
from popcode.recording.kinds import row_blocks
from popcode.recording.spike_times import SpikeCounts, Spikes, count_spikes
from popcode.recording.text import plural
from popcode.recording.validation import checked_table

# Allen Institute, Visual Coding - Neuropixels: a metric and whether it must be below or above.
ALLEN_THRESHOLDS = (
    ("isi_violations", "below", 0.5),
    ("amplitude_cutoff", "below", 0.1),
    ("presence_ratio", "above", 0.9),
)
OUTSIDE_THE_BRAIN = ("", "nan", "none", "null", "root", "void", "no area", "out of brain")
MAX_LISTED = 12


class Units(NamedTuple):
    """Units of a sorting.

    spikes, of units numbered as the rows of the table; table, one row a unit: `id` and, where
    known, `region`, `x_um`, `y_um`, `z_um`, `quality` and anything else.
    """

    spikes: Spikes
    table: pd.DataFrame


class KeptUnits:
    """Spikes of some units, renumbered; those of the others only tell that the recording ran.

    Parameters
    ----------
    spikes : Spikes
    kept : ndarray of bool (spikes.n_units,)
    """

    def __init__(self, spikes: Spikes, kept: np.ndarray) -> None:
        self.spikes, self.time_dtype = spikes, spikes.time_dtype
        self.n_units = int(kept.sum())
        self.numbers = np.append(-1, np.where(kept, np.cumsum(kept) - 1, -1))  # from unit -1 on

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for times, units in self.spikes:
            yield times, self.numbers[units + 1]


def keep_units(units: Units, quality: Quality) -> tuple[np.ndarray, list[str]]:
    """Which units pass a quality preset (see `ReadOptions`).

    Returns
    -------
    kept : ndarray of bool (n_units,)
    notes : list of str
        How many fail, and why. A unit may fail by several criteria.

    Raises
    ------
    InputError
        The table lacks a column that the preset needs.
    """
    criteria = _criteria(units.table, quality)
    kept = np.ones(len(units.table), dtype=bool)
    for passed in criteria.values():
        kept &= passed
    if kept.all():
        return kept, []
    failing = ", ".join(
        f"{name} {int((~passed).sum()):,}" for name, passed in criteria.items() if not passed.all()
    )
    n_dropped = int((~kept).sum())
    note = f"{n_dropped:,} of {plural(len(kept), 'unit')} fail quality {quality!r} ({failing})"
    return kept, [note]


def recording_of_units(
    units: Units,
    options: ReadOptions,
    *,
    start_s: float | None = None,
    stop_s: float | None = None,
    invalid_s: Any = (),
    valid_s: Any = (),
    notes: Sequence[str] = (),
) -> Recording:
    """Spike counts of the units that are kept, in bins of `options.bin_s` (20 ms by default).

    Which units are kept does not move the bins: the spikes of all tell when the recording ran.

    Parameters
    ----------
    units : Units
    options : ReadOptions
        `bin_s`, `quality` and `min_rate_hz` are used.
    start_s, stop_s, invalid_s, valid_s
        See `popcode.recording.spike_times.count_spikes`.
    notes : sequence of str
        What the reader did on the user's behalf, for the provenance.

    Raises
    ------
    InputError
        No units or none left, two of one id, a quality column that is missing, and whatever
        `count_spikes` refuses.
    """
    table = _checked(units)
    kept, quality_notes = keep_units(Units(units.spikes, table), options.quality)
    if not kept.any():
        raise InputError(quality_notes[0], remedy="Choose another quality: all keeps every unit.")
    bin_s = DEFAULT_BIN_S if options.bin_s is None else options.bin_s
    counted = count_spikes(
        KeptUnits(units.spikes, kept),
        bin_s,
        start_s=start_s,
        stop_s=stop_s,
        invalid_s=invalid_s,
        valid_s=valid_s,
    )
    if counted.n_saturated:
        warnings.warn(counted.notes[-1], PopcodeWarning, stacklevel=2)
    n_spikes = _spikes_of_units(counted.counts)
    fast = _fast_enough(n_spikes, len(counted.counts) * bin_s, options.min_rate_hz)
    step = _step(options, bin_s, counted, kept, fast) | {
        "spikes_counted": int(n_spikes[fast].sum()),
        "notes": [*notes, *quality_notes, *_rate_notes(fast, options), *_count_notes(counted)],
    }
    return Recording(
        _with_columns(counted.counts, fast),
        kind="counts",
        bin_s=bin_s,
        neurons=table[kept][fast],
        segment_starts=counted.segment_starts,
        segment_start_s=counted.segment_start_s,
        provenance=(step,),
    )


def _step(
    options: ReadOptions, bin_s: float, counted: SpikeCounts, kept: np.ndarray, fast: np.ndarray
) -> dict[str, Any]:
    """What was kept and dropped, in numbers."""
    return {
        "step": "units binned",
        "bin_s": float(bin_s),
        "quality": options.quality,
        "min_rate_hz": float(options.min_rate_hz),
        "units_found": len(kept),
        "units_kept": int(fast.sum()),
        "units_dropped": {"quality": int((~kept).sum()), "rate": int((~fast).sum())},
        "spikes_outside": counted.n_outside,
        "entries_saturated": counted.n_saturated,
    }


def _checked(units: Units) -> pd.DataFrame:
    """The table in its one form: a unit a row, each with an id of its own."""
    if len(units.table) == 0:
        raise InputError("it holds no units", remedy="Sort the spikes, or give another source.")
    if len(units.table) != units.spikes.n_units:
        raise InputError(
            f"the table has {plural(len(units.table), 'unit')}, but there are spikes of "
            f"{units.spikes.n_units:,}",
            remedy="Export the units again.",
        )
    table = checked_table(units.table, len(units.table))
    twice = table["id"][table["id"].duplicated()]
    if len(twice):
        raise InputError(
            f"{len(twice):,} of {len(table):,} units have an id that another has",
            where=f"unit id {twice.iloc[0]}",
            remedy="Give every unit an id of its own.",
        )
    return table


def _criteria(table: pd.DataFrame, quality: Quality) -> dict[str, np.ndarray]:
    """Criterion -> which units pass it, (n_units,) of bool."""
    if quality == "all":
        return {}
    if quality == "good":
        _need(table, ["quality"], quality)
        label = table["quality"].astype(str).str.strip().str.lower()
        return {"labelled otherwise": (label == "good").to_numpy()}
    _need(table, [name for name, _, _ in ALLEN_THRESHOLDS], quality)
    criteria = {}
    for name, side, threshold in ALLEN_THRESHOLDS:
        values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
        criteria[name] = values < threshold if side == "below" else values > threshold
    if "valid_data" in table:
        criteria["valid_data"] = table["valid_data"].isin([True]).to_numpy()
    if "region" in table:
        region = table["region"].astype(str).str.strip().str.lower()
        criteria["outside the brain"] = ~region.isin(OUTSIDE_THE_BRAIN).to_numpy()
    return criteria


def _need(table: pd.DataFrame, columns: Sequence[str], quality: Quality) -> None:
    missing = [name for name in columns if name not in table]
    if not missing:
        return
    listed = ", ".join(map(str, table.columns[:MAX_LISTED]))
    raise InputError(
        f"quality {quality!r} needs the unit column {', '.join(missing)}, and there is none",
        remedy=f"Use quality 'all', or add it. The columns are {listed}.",
    )


def _spikes_of_units(counts: np.ndarray) -> np.ndarray:
    """Spikes of every unit, int64 (n_units,)."""
    n_spikes = np.zeros(counts.shape[1], dtype=np.int64)
    for rows in row_blocks(*counts.shape):
        n_spikes += counts[rows].sum(axis=0, dtype=np.int64)
    return n_spikes


def _fast_enough(n_spikes: np.ndarray, recorded_s: float, min_rate_hz: float) -> np.ndarray:
    fast = n_spikes >= min_rate_hz * recorded_s
    if not fast.any():
        raise InputError(
            f"no unit reaches {min_rate_hz:g} spikes a second; "
            f"the fastest has {n_spikes.max() / recorded_s:.3g}",
            remedy="Lower min_rate_hz.",
        )
    return fast


def _with_columns(counts: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The kept columns, moved together within the memory of `counts`, which is overwritten."""
    if kept.all():
        return counts
    n_bins, n_kept = len(counts), int(kept.sum())
    moved = counts.reshape(-1)[: n_bins * n_kept].reshape(n_bins, n_kept)
    for rows in row_blocks(*counts.shape):
        moved[rows] = counts[rows][:, kept]
    return moved


def _rate_notes(fast: np.ndarray, options: ReadOptions) -> list[str]:
    if fast.all():
        return []
    slow = plural(int((~fast).sum()), "unit")
    return [f"{slow} with fewer than {options.min_rate_hz:g} spikes a second dropped"]


def _count_notes(counted: SpikeCounts) -> list[str]:
    if not counted.n_outside:
        return list(counted.notes)
    outside = f"{plural(counted.n_outside, 'spike')} outside the time kept, not counted"
    return [*counted.notes, outside]
