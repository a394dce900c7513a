"""SWC files: one traced neuron as a tree of points.

A line a point: number, kind (1 soma, 2 axon, 3 and 4 dendrites), x, y, z, radius, number of the
parent (-1 for a root); lines that begin with # are remarks.

Source: Cannon et al., Journal of Neuroscience Methods 84, 49 (1998).
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

SOMA = 1
_COLUMNS = 7


class Tracing(NamedTuple):
    """One traced neuron.

    Attributes
    ----------
    kinds : ndarray of int, (n_points,)
        1 is the soma.
    points_um : ndarray, (n_points, 3)
        In the unit of the file, which is micrometres by custom.
    parents : ndarray of int, (n_points,)
        Row of each point's parent; -1 for a root.
    """

    kinds: NDArray[np.int64]
    points_um: NDArray[np.float64]
    parents: NDArray[np.int64]


def read_swc(path: str | os.PathLike[str]) -> Tracing:
    """Read a traced neuron.

    Raises
    ------
    InputError
        No such file, lines that are not 7 numbers, a parent that is not there, a point twice.
    """
    where = os.fspath(path)
    remedy = "Give an SWC file: number, kind, x, y, z, radius, parent on every line"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # an empty file is refused below
            table = np.loadtxt(Path(path), ndmin=2, comments="#")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", where=where, remedy=remedy) from error
    if table.size == 0 or table.shape[1] != _COLUMNS or not np.isfinite(table).all():
        raise InputError("no points, or lines not of 7 numbers", where=where, remedy=remedy)
    numbers, parents = table[:, 0].astype(np.int64), table[:, 6].astype(np.int64)
    return Tracing(
        table[:, 1].astype(np.int64), table[:, 2:5].copy(), _rows_of(numbers, parents, where)
    )


def _rows_of(
    numbers: NDArray[np.int64], parents: NDArray[np.int64], where: str
) -> NDArray[np.int64]:
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    if (np.diff(ordered) == 0).any():
        twice = ordered[1:][np.diff(ordered) == 0][0]
        raise InputError(f"point {twice} is there twice", where=where, remedy="Trace it again")
    at = np.minimum(np.searchsorted(ordered, parents), len(ordered) - 1)
    missing = (parents >= 0) & (ordered[at] != parents)
    if missing.any():
        raise InputError(
            f"the parent {parents[missing][0]} of a point is not there",
            where=where,
            remedy="Trace it again",
        )
    return np.where(parents >= 0, order[at], -1)
