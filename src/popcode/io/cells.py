"""Which ROIs beside the activity are cells, as suite2p labels them in `iscell`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.io.reading import refuse_beyond_memory

if TYPE_CHECKING:
    from popcode.io.named_arrays import Entry

CELL_LABELS = "iscell"
_MOST_COLUMNS = 2  # whether it is a cell, and the probability that it is


class Cells(NamedTuple):
    """Labels of all ROIs: is_cell (n_rois,) bool; columns of the table of neurons, (n_rois,)."""

    is_cell: np.ndarray
    columns: dict[str, np.ndarray]

    @property
    def note(self) -> str:
        """What is dropped."""
        n_dropped = len(self.is_cell) - int(self.is_cell.sum())
        return (
            f"{n_dropped:,} of {len(self.is_cell):,} ROIs dropped, no cells after {CELL_LABELS!r}"
        )

    def of(self, activity: np.ndarray) -> np.ndarray:
        """Columns of the cells of activity (n_bins, n_rois)."""
        if self.is_cell.all():
            return activity
        n_bytes = len(activity) * int(self.is_cell.sum()) * activity.dtype.itemsize
        refuse_beyond_memory(n_bytes)
        return np.compress(self.is_cell, activity, axis=1)


def cells_beside(companions: Mapping[str, Entry], n_rois: int, notes: list[str]) -> Cells | None:
    """The labels among the companions of the activity, if any fit it. See `cells_of`."""
    for name, entry in companions.items():
        if name.lower() == CELL_LABELS:
            if labels_fit(entry.shape, n_rois):
                cells = cells_of(np.asarray(entry.values()), n_rois)
                notes.append(cells.note)
                return cells
            notes.append(f"{name!r} fits no side of the activity: left out")
    return None


def labels_fit(shape: tuple[int, ...], n_rois: int) -> bool:
    """Whether labels of this shape have one row (or, turned, one column) a ROI."""
    if len(shape) == 1:
        return shape == (n_rois,)
    return len(shape) == 2 and max(shape) == n_rois and min(shape) <= _MOST_COLUMNS


def cells_of(labels: np.ndarray, n_rois: int) -> Cells:
    """Read labels that fit: the first column says what is a cell.

    Raises
    ------
    InputError
        There is none.
    """
    rows = labels.reshape(n_rois, 1) if labels.size == n_rois else labels
    rows = rows if len(rows) == n_rois else rows.T
    is_cell = rows[:, 0] > 0
    if not is_cell.any():
        raise InputError(
            f"none of {n_rois:,} ROIs is a cell after {CELL_LABELS!r}",
            remedy="Look at it in suite2p, and accept some.",
        )
    columns = {"roi": np.arange(n_rois)}
    if rows.shape[1] > 1:
        columns["probability"] = rows[:, 1]
    return Cells(is_cell, columns)
