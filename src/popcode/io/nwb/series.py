"""Traces of cells in an NWB file: fluorescence, dF/F, deconvolved events, any series."""

from typing import NamedTuple

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.clock import Clock
from popcode.io.nwb.candidates import Candidate, chosen
from popcode.io.nwb.intervals import invalid_times
from popcode.io.nwb.rois import n_rois, roi_columns
from popcode.io.nwb.timeseries import clock_of_series, n_timestamps, scale_of
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.io.transposing import held_type, transposed
from popcode.recording import Recording
from popcode.recording.kinds import KINDS, row_blocks
from popcode.recording.segments import segment_of_bins
from popcode.recording.text import plural


class Kept(NamedTuple):
    """Which samples (n_samples,) and cells (n_cells,) are kept, and why others are not."""

    samples: np.ndarray
    cells: np.ndarray
    notes: list[str]


def read_series(file: h5py.File, options: ReadOptions) -> Recording:
    """Recording of the series that is meant (see `chosen`), one sample a bin.

    Cells that are nan throughout are dropped, and samples that are nan in all cells and invalid
    times cut out. With the quality "good", of regions of interest that were classified
    (suite2p's `iscell`) the cells are kept.

    Raises
    ------
    InputError
        No series or several, a shape that fits neither cells nor times, no clock, a nan that is
        left.
    """
    candidate, notes = chosen(file, options.array)
    series = file[candidate.path]
    across = _is_transposed(series)
    clock = clock_of_series(series, series["data"].shape[int(across)], bin_s=options.bin_s)
    values, value_notes = _values(series["data"], across)
    table = roi_columns(file, series, values.shape[1])
    kept = _kept(file, values, clock, table, options)
    step = {
        "step": "series read",
        "what": candidate.path,
        "unit": str(series["data"].attrs.get("unit", "")),
        "notes": [*notes, *clock.notes, *value_notes, *kept.notes],
    }
    return _recording(_whole(values, kept), candidate, clock, table, step, kept)


def _recording(
    values: np.ndarray,
    candidate: Candidate,
    clock: Clock,
    table: dict[str, np.ndarray],
    step: dict,
    kept: Kept,
) -> Recording:
    recording = Recording(
        values,
        kind=candidate.kind if candidate.kind in KINDS else None,
        bin_s=clock.bin_s,
        neurons=table or None,
        segment_starts=clock.segment_starts,
        segment_start_s=clock.segment_start_s,
        provenance=(step,),
    )
    if kept.samples.all() and kept.cells.all():
        return recording
    return recording.select(kept.cells, kept.samples, why="; ".join(kept.notes))


def _is_transposed(series: h5py.Group) -> bool:
    """Whether the data are (n_cells, n_samples), after the number of times, else of cells."""
    n_rows, n_columns = series["data"].shape
    n_times, n_cells = n_timestamps(series), n_rois(series)
    if n_times is not None:
        return n_rows != n_times and n_columns == n_times
    if n_cells is None or n_columns == n_cells:
        return False
    if n_rows == n_cells:
        return True
    raise InputError(
        f"{series.name} is {n_rows:,} x {n_columns:,}, but there are {n_cells:,} regions of "
        "interest",
        remedy="Export the file again.",
    )


def _values(data: h5py.Dataset, across: bool) -> tuple[np.ndarray, list[str]]:
    """Values (n_samples, n_cells), read in blocks, in the unit that the file gives."""
    conversion, offset = scale_of(data)
    plain = (conversion, offset) == (1.0, 0.0)
    refuse_beyond_memory(data.size * (held_type(data.dtype).itemsize if plain else 4))
    values = transposed(data) if across else _straight(data)
    notes = ["stored as cells x samples: transposed"] if across else []
    if not plain:
        values = values.astype(np.float32, copy=False)
        values *= np.float32(conversion)
        values += np.float32(offset)
        notes.append(f"values as stored times {conversion:g} plus {offset:g}")
    return values, notes


def _straight(data: h5py.Dataset) -> np.ndarray:
    values = np.empty(data.shape, dtype=held_type(data.dtype))
    for rows in row_blocks(*data.shape):
        with np.errstate(over="ignore"):  # beyond float32: infinite, which a recording refuses
            values[rows] = data[rows]
    return values


def _kept(
    file: h5py.File,
    values: np.ndarray,
    clock: Clock,
    table: dict[str, np.ndarray],
    options: ReadOptions,
) -> Kept:
    samples, cells = _not_blank(values)
    notes = []
    if not cells.all():
        notes.append(f"{plural(int((~cells).sum()), 'cell')} nan throughout dropped")
    if not samples.all():
        notes.append(f"{plural(int((~samples).sum()), 'sample')} nan in all cells cut out")
    if options.quality == "good" and "iscell" in table:
        is_cell = table["iscell"] > 0
        notes.append(f"{int((~is_cell).sum()):,} of {len(cells):,} regions are no cells: dropped")
        cells &= is_cell
    intervals, invalid_notes = invalid_times(file)
    if clock.segment_start_s is not None:
        samples &= ~_overlap(clock, len(values), intervals)
        notes += invalid_notes
    return Kept(samples, cells, notes)


def _not_blank(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Samples with a value in some cell, and cells with a value in some sample."""
    n_samples, n_cells = values.shape
    samples, cells = np.ones(n_samples, dtype=bool), np.zeros(n_cells, dtype=bool)
    if values.dtype.kind != "f":
        return samples, ~cells
    for rows in row_blocks(n_samples, n_cells):
        known = ~np.isnan(values[rows])
        samples[rows] = known.any(axis=1)
        cells |= known.any(axis=0)
    return samples, cells


def _overlap(clock: Clock, n_samples: int, intervals: np.ndarray) -> np.ndarray:
    """Samples whose bin shares time with one of the intervals (n, 2)."""
    bins = np.arange(n_samples)
    segment = segment_of_bins(clock.segment_starts, bins)
    starts_s = np.asarray(clock.segment_start_s)
    times = starts_s[segment] + (bins - clock.segment_starts[segment]) * clock.bin_s
    touched = np.zeros(n_samples, dtype=bool)
    for start, stop in intervals:
        touched |= (times < stop) & (times + clock.bin_s > start)
    return touched


def _whole(values: np.ndarray, kept: Kept) -> np.ndarray:
    """Zero where nothing is kept, so that what is cut out next is finite until then."""
    values[~kept.samples] = 0
    values[:, ~kept.cells] = 0
    return values
