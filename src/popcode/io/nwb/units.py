"""Sorted units of an NWB file: spike times in one read, and everything known of each unit."""

from typing import Any

import h5py
import numpy as np
import pandas as pd

from popcode.errors import InputError
from popcode.io.nwb.electrodes import electrode_columns
from popcode.io.nwb.intervals import invalid_times
from popcode.io.nwb.tables import Columns, n_rows, read_columns, row_ends, values_of
from popcode.io.options import ReadOptions
from popcode.io.regions import areas_of
from popcode.io.units import Units, recording_of_units
from popcode.recording import Recording
from popcode.recording.spike_times import RaggedSpikes

# Columns that name the area of a unit, the plainest first.
REGION_COLUMNS = (
    "region",
    "location",
    "brain_region",
    "brain_area",
    "area",
    "anatomical_location",
    "ecephys_structure_acronym",
    "structure",
    "acronym",
)
NO_REGION = ("", "nan", "none", "null", "n/a", "unknown")


def read_units(file: h5py.File, table: h5py.Group, options: ReadOptions) -> Recording:
    """Spike counts of a table of units.

    Raises
    ------
    InputError
        No units, no spike times, a damaged index, times in samples, and whatever
        `popcode.io.units.recording_of_units` refuses.
    """
    if n_rows(table) == 0:
        raise InputError(
            f"the table {table.name} holds no units",
            remedy="Sort the spikes first, or name another series with array (--array).",
        )
    spikes, notes = _spikes(table, options)
    columns = read_columns(table)
    of_units, unit_notes = _table(file, table, columns, options)
    invalid_s, invalid_notes = invalid_times(file)
    valid_s, valid_notes = _observed(table)
    return recording_of_units(
        Units(spikes, of_units),
        options,
        invalid_s=invalid_s,
        valid_s=valid_s,
        notes=[*notes, *unit_notes, *_left_out(columns), *invalid_notes, *valid_notes],
    )


def _spikes(table: h5py.Group, options: ReadOptions) -> tuple[RaggedSpikes, list[str]]:
    """All spike times in one contiguous read: unit by unit is slow, and slower from afar."""
    data = table.get("spike_times")
    if not isinstance(data, h5py.Dataset) or data.ndim != 1 or data.dtype.kind not in "iuf":
        raise InputError(
            f"{table.name} has no column of spike_times in seconds",
            remedy="Export the sorting with its spike times, or name a series with array.",
        )
    ends = row_ends(table, "spike_times")
    tick_s = _seconds_a_tick(data, options)
    times = values_of(data)
    notes = []
    if len(ends) and ends[-1] < len(times):
        notes.append(f"{len(times) - ends[-1]:,} spike times at the end belong to no unit")
    return RaggedSpikes(times, ends, tick_s), notes


def _seconds_a_tick(data: h5py.Dataset, options: ReadOptions) -> float:
    if data.dtype.kind == "f":
        return 1.0
    if options.sampling_rate_hz is None:
        raise InputError(
            f"spike_times holds whole numbers ({data.dtype}): samples, not seconds",
            where=data.name,
            remedy="Give the samples a second as sampling_rate_hz (--sampling-rate-hz).",
        )
    return 1 / options.sampling_rate_hz


def _table(
    file: h5py.File, table: h5py.Group, columns: Columns, options: ReadOptions
) -> tuple[pd.DataFrame, list[str]]:
    """One row a unit: its own columns, then those of its electrode that it has not."""
    values = dict(columns.values)
    if "electrode_group" in values:
        values["probe"] = values.pop("electrode_group")
    joined, notes = electrode_columns(file, table, columns)
    own = [name for name in REGION_COLUMNS if name in values]
    values = {**joined, **values}
    source = next(iter([*own, *(name for name in REGION_COLUMNS if name in joined)]), None)
    if source is not None:
        values["region"], region_notes = _regions(values[source], source, options.keep_layers)
        notes = [*notes, *region_notes]
    return pd.DataFrame(values), notes


def _regions(column: np.ndarray, source: str, keep_layers: bool) -> tuple[np.ndarray, list[str]]:
    """Area of each unit, "" where the file does not say, and what was done to the names."""
    named = column.astype(str)
    holes = np.isin(np.char.lower(np.char.strip(named)), NO_REGION)
    named = np.where(holes, "", np.char.strip(named))
    notes = []
    if holes.any():
        notes.append(f"{int(holes.sum()):,} of {len(named):,} units have no region ({source!r})")
    if keep_layers:
        return named, notes
    areas = areas_of(named)
    n_changed = int((areas != named).sum())
    if n_changed:
        notes.append(f"region of {n_changed:,} units without its layer (keep_layers keeps it)")
    return areas, notes


def _observed(table: h5py.Group) -> tuple[Any, list[str]]:
    """When the units were observed, where that is the same for all of them."""
    data = table.get("obs_intervals")
    if not isinstance(data, h5py.Dataset) or data.ndim != 2 or data.shape[1:] != (2,):
        return (), []
    ends = row_ends(table, "obs_intervals")
    counts = np.diff(ends, prepend=0)
    intervals = values_of(data)[: ends[-1] if len(ends) else 0]
    if not counts.any():
        return (), []
    if (counts == counts[0]).all():
        of_units = intervals.reshape(len(counts), counts[0], 2)
        if (of_units == of_units[0]).all():
            return of_units[0], []
    note = "units were observed at different times (obs_intervals): elsewhere they count as silent"
    return (), [note]


def _left_out(columns: Columns) -> list[str]:
    names = [name for name in columns.left_out if name not in ("spike_times", "obs_intervals")]
    return [f"columns of more than one value a unit left out: {', '.join(names)}"] if names else []


def has_units(table: Any) -> bool:
    """Whether it is a table of units with spikes and at least one row."""
    if not isinstance(table, h5py.Group) or "spike_times" not in table or "id" not in table:
        return False
    return n_rows(table) > 0
