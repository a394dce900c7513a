"""Traces of cells in an NWB file: fluorescence, dF/F, deconvolved events, any series."""

from typing import NamedTuple

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.clock import Clock
from popcode.io.hollow import refuse_hollow
from popcode.io.nwb.candidates import Candidate, chosen
from popcode.io.nwb.intervals import invalid_times
from popcode.io.nwb.rois import n_rois, roi_columns
from popcode.io.nwb.timeseries import clock_of_series, n_timestamps, scale_of, times_of
from popcode.io.options import ReadOptions
from popcode.io.transposing import Rows, held_type, transposed
from popcode.recording import Recording
from popcode.recording.kinds import KINDS, row_blocks
from popcode.recording.recorded_time import edge_share
from popcode.recording.text import plural


class Kept(NamedTuple):
    """Which samples (n_samples,) and cells (n_cells,) are kept, and why others are not."""

    samples: np.ndarray
    cells: np.ndarray
    notes: list[str]


class Scaled:
    """A data set in the unit that the file gives, computed in double precision by rows."""

    def __init__(self, data: h5py.Dataset, conversion: float, offset: float) -> None:
        self.data, self.conversion, self.offset = data, conversion, offset
        self.shape, self.chunks, self.dtype = data.shape, data.chunks, np.dtype(np.float64)

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self.data[rows].astype(np.float64) * self.conversion + self.offset


def read_series(file: h5py.File, options: ReadOptions) -> tuple[Recording, np.ndarray | None]:
    """Recording of the series that is meant (see `chosen`), one sample a bin.

    And the time of the middle of every bin (n_bins,), by the timestamps where they are given:
    an uneven clock is followed. None where the file does not say.

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
    times = times_of(series, series["data"].shape[int(across)])
    clock = clock_of_series(series, times, bin_s=options.bin_s)
    values, value_notes = _values(series["data"], across)
    table = roi_columns(file, series, values.shape[1])
    kept = _kept(file, values, _spans(times, clock), table, options)
    step = {
        "step": "series read",
        "what": candidate.path,
        "unit": str(series["data"].attrs.get("unit", "")),
        "notes": [*notes, *clock.notes, *value_notes, *kept.notes],
    }
    middles = None if times is None else (times + clock.bin_s / 2)[kept.samples]
    return _recording(_whole(values, kept), candidate, clock, table, step, kept), middles


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
    source = data if plain else Scaled(data, conversion, offset)
    refuse_hollow(data, data.size * held_type(source.dtype).itemsize)
    values = transposed(source) if across else _straight(source)
    notes = ["stored as cells x samples: transposed"] if across else []
    if not plain:
        notes.append(f"values as stored times {conversion:g} plus {offset:g}")
    return values, notes


def _straight(data: Rows) -> np.ndarray:
    n_rows, n_columns = data.shape
    values = np.empty((n_rows, n_columns), dtype=held_type(data.dtype))
    for rows in row_blocks(n_rows, n_columns):
        with np.errstate(over="ignore"):  # beyond float32: infinite, which a recording refuses
            values[rows] = data[rows]
    return values


def _kept(
    file: h5py.File,
    values: np.ndarray,
    spans: np.ndarray | None,
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
    if spans is not None:
        samples &= ~overlapping(spans, intervals)
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


def _spans(times: np.ndarray | None, clock: Clock) -> np.ndarray | None:
    """Start and stop of every bin (n_samples, 2), none reaching into the next."""
    if times is None:
        return None
    stops = times + clock.bin_s
    stops[:-1] = np.minimum(stops[:-1], times[1:])
    return np.stack([times, stops], axis=1)


def overlapping(spans: np.ndarray, intervals: np.ndarray) -> np.ndarray:
    """Which of the spans (n, 2), in order and apart, share time with an interval (m, 2).

    To touch is not to share, nor is it what rounding of an edge leaves.
    """
    starts, stops = spans.T
    width = float(np.median(stops - starts))
    edge_s = edge_share(float(starts[0]), float(stops[-1]), width) * width
    first = np.searchsorted(stops, intervals[:, 0] + edge_s, side="right")
    after = np.searchsorted(starts, intervals[:, 1] - edge_s, side="left")
    shared = first < after
    n_more = np.zeros(len(spans) + 1, dtype=np.int64)
    np.add.at(n_more, first[shared], 1)
    np.add.at(n_more, after[shared], -1)
    return np.cumsum(n_more[:-1]) > 0


def _whole(values: np.ndarray, kept: Kept) -> np.ndarray:
    """Zero where nothing is kept, so that what is cut out next is finite until then."""
    values[~kept.samples] = 0
    values[:, ~kept.cells] = 0
    return values
