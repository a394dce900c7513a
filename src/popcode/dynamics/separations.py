"""Distances between neurons, in the plane or on a torus."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Float = NDArray[np.float64]


def checked_positions(positions_um: Any, n_neurons: int) -> Float:
    """Positions (n_neurons, n_axes), axes that nobody has left out.

    Raises
    ------
    InputError
        None, another number of neurons, neurons without a position.
    """
    if positions_um is None:
        raise InputError(
            "the neurons have no positions", remedy="Give positions_um, or a recording with them"
        )
    positions = np.asarray(positions_um, dtype=np.float64)
    if positions.ndim != 2 or len(positions) != n_neurons:
        raise InputError(
            f"positions have shape {positions.shape} for {n_neurons:,} neurons",
            remedy="Give one row of x and y (and z) in micrometres a neuron",
        )
    positions = positions[:, np.isfinite(positions).any(axis=0)]
    placed = np.isfinite(positions).all(axis=1) & (positions.shape[1] > 0)
    if not placed.all():
        raise InputError(
            f"{np.count_nonzero(~placed):,} of {n_neurons:,} neurons have no position",
            where=f"neuron {int((~placed).argmax())}",
            remedy="Leave them out",
        )
    return positions


def separations(here: Float, there: Float, box_um: float | None = None) -> Float:
    """Distance of each of `here` from each of `there`, in micrometres.

    Parameters
    ----------
    here : ndarray, (n, n_axes)
    there : ndarray, (m, n_axes)
    box_um : float, optional
        Side of a torus on which the neurons lie.

    Returns
    -------
    ndarray, (n, m)
    """
    squares = np.zeros((len(here), len(there)))
    for a, b in zip(here.T, there.T, strict=True):
        squares += np.square(shortest(np.subtract.outer(a, b), box_um))
    return np.sqrt(squares)


def paired_separations(here: Float, there: Float, box_um: float | None = None) -> Float:
    """Distance of each of `here` from the one of `there` beside it, (n,)."""
    return np.sqrt(np.square(shortest(here - there, box_um)).sum(axis=1))


def shortest(differences: Float, box_um: float | None) -> Float:
    """Differences along an axis; on a torus of side `box_um` the shorter way round."""
    if box_um is None:
        return differences
    return differences - box_um * np.rint(differences / box_um)


def check_box(box_um: float | None) -> None:
    """Refuse a torus without a finite side.

    Raises
    ------
    InputError
    """
    if box_um is not None and not 0 < box_um < np.inf:
        raise InputError(f"box_um is {box_um!r}", remedy="Give the side of the torus, above 0")
