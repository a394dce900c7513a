"""Dense connectivity of independent entries, from symmetric to independent in both directions."""

from __future__ import annotations

import numpy as np

from popcode.dynamics.connectivity.laws import Float32, draw_entries
from popcode.dynamics.connectivity.matrices import Connectivity, dense_connectivity


def draw_dense(
    n_neurons: int, law: str, asymmetry: float, rng: np.random.Generator
) -> Connectivity:
    """Connectivity with an entry of `law` between any two neurons.

    Parameters
    ----------
    n_neurons : int
    law : str
        As in `draw_entries`.
    asymmetry : float
        0: symmetric; 1: both directions independent; in between as `mixed`.
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        Another law.
    """
    entries = draw_entries(law, (n_neurons, n_neurons), rng)
    return dense_connectivity(mixed(entries, asymmetry))


def mixed(entries: Float32, asymmetry: float) -> Float32:
    """A_ij = a_ij above the diagonal, A_ji = (1 - s) a_ij + s a_ji below it, 0 on it.

    With asymmetry s = 1/3 the two directions correlate by 0.89, with 2/3 by 0.45. Overwrites and
    returns `entries`.
    """
    if asymmetry < 1:
        for i in range(1, len(entries)):  # row by row: no second matrix
            entries[i, :i] *= asymmetry
            entries[i, :i] += (1 - asymmetry) * entries[:i, i]
    np.fill_diagonal(entries, 0)
    return entries
