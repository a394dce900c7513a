"""Keeping some neurons, bins or segments of a recording, with all that belongs to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from popcode.errors import InputError
from popcode.recording import segments as stretches
from popcode.recording.provenance import with_step

if TYPE_CHECKING:
    from popcode.recording.recording import Recording

Index = Any  # array-like of int or bool, a slice, or None for everything


def select(
    recording: Recording, *, neurons: Index, bins: Index, segments: Index, why: str
) -> Recording:
    """See `Recording.select`."""
    if bins is not None and segments is not None:
        raise InputError("both bins and segments were given", remedy="Give one of them.")
    if segments is not None:
        chosen = as_indices(segments, recording.n_segments, "segments")
        bins = stretches.bins_of_segments(recording.segment_starts, recording.n_bins, chosen)
    rows = as_indices(bins, recording.n_bins, "bins")
    columns = as_indices(neurons, recording.n_neurons, "neurons")
    first_rows = stretches.starts_after_selection(recording.segment_starts, rows)
    labels = recording.region_labels
    return replace(
        recording,
        activity=take(recording.activity, rows, columns),
        neurons=recording.neurons.iloc[columns].reset_index(drop=True),
        neuron_arrays={k: v[as_slice(columns)] for k, v in recording.neuron_arrays.items()},
        region_labels=None if labels is None else labels[as_slice(columns)],
        segment_starts=first_rows,
        segment_start_s=_start_times(recording, rows[first_rows]),
        covariates={k: v[as_slice(rows)] for k, v in recording.covariates.items()},
        provenance=_provenance(recording, rows, columns, why),
    )


def as_indices(index: Index, size: int, what: str) -> np.ndarray:
    """Index or mask as an int64 array of positions from 0 to size - 1, in the order given."""
    if index is None:
        return np.arange(size)
    if isinstance(index, slice):
        positions = np.arange(size)[index]
    else:
        positions = np.atleast_1d(np.asarray(index))
    if positions.size == 0:
        raise InputError(f"no {what} left", remedy=f"Select at least one of {size:,} {what}.")
    if positions.ndim != 1 or positions.dtype.kind not in "bui":
        raise InputError(
            f"the selection of {what} is of type {positions.dtype} and shape {positions.shape}",
            remedy="Give a list of whole numbers or a boolean mask.",
        )
    if positions.dtype == bool:
        if len(positions) != size:
            raise InputError(
                f"the mask of {what} has {len(positions):,} entries; expected {size:,}",
                remedy=f"Give one entry for each of the {what}.",
            )
        return as_indices(np.flatnonzero(positions), size, what)
    positions = positions.astype(np.int64)
    beyond = (positions < -size) | (positions >= size)
    if beyond.any():
        raise InputError(
            f"{what} {positions[beyond][0]} is out of range",
            remedy=f"The recording has {size:,} {what}, counted from 0.",
        )
    return np.where(positions < 0, positions + size, positions)


def as_slice(positions: np.ndarray) -> np.ndarray | slice:
    """Slice where the positions are contiguous, so that taking them is a view."""
    contiguous = positions[-1] - positions[0] == len(positions) - 1 and bool(
        (np.diff(positions) == 1).all()
    )
    return slice(int(positions[0]), int(positions[-1]) + 1) if contiguous else positions


def take(activity: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """activity[rows][:, columns], copied at most once and not at all where both are contiguous."""
    row_index, column_index = as_slice(rows), as_slice(columns)
    if isinstance(row_index, slice) or isinstance(column_index, slice):
        return activity[row_index, column_index]
    return activity[np.ix_(row_index, column_index)]


def _start_times(recording: Recording, first_bins: np.ndarray) -> np.ndarray | None:
    times = recording.segment_start_s
    if times is None:
        return None
    return stretches.start_times_after_selection(
        recording.segment_starts, times, recording.bin_s, first_bins
    )


def _provenance(recording: Recording, rows: np.ndarray, columns: np.ndarray, why: str) -> tuple:
    n_bins, n_neurons = recording.shape
    return with_step(
        recording,
        "select",
        bins_kept=len(rows),
        bins_dropped=n_bins - len(np.unique(rows)),
        neurons_kept=len(columns),
        neurons_dropped=n_neurons - len(np.unique(columns)),
        why=why,
    )
