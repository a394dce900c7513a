"""Which neurons belong to which assembly: three rules, one boolean matrix each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.assemblies import membership_threshold
from popcode.errors import InputError


def connected_neurons(weights: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Neurons with a weight at all: membership by exact sparsity.

    It needs a fit whose penalty sets weights to exactly 0 (a proximal step); where none is 0
    every neuron is in every assembly.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)

    Returns
    -------
    ndarray of bool, (n_neurons, n_hidden)
    """
    return np.asarray(weights) != 0


def members_beyond(weights: NDArray[np.floating], threshold: float) -> NDArray[np.bool_]:
    """Neurons with |weight| above one threshold for all assemblies.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    threshold : float
        The article counts the size of an assembly at 0.01 and embedding at .001, .01 and .1.

    Returns
    -------
    ndarray of bool, (n_neurons, n_hidden)

    Raises
    ------
    InputError
        A threshold below 0 or not finite.
    """
    if not (np.isfinite(threshold) and threshold >= 0):
        raise InputError(f"threshold is {threshold!r}", remedy="Give a number of at least 0")
    return np.abs(weights) > threshold


def members_by_level(weights: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Neurons with |weight| of a third of their assembly's own level, as the report shows them.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)

    Returns
    -------
    ndarray of bool, (n_neurons, n_hidden)
        `popcode.analysis.assemblies.membership_threshold` of every column.
    """
    weights = np.asarray(weights)
    levels = [membership_threshold(column) for column in weights.T]
    return np.abs(weights) >= np.array(levels, dtype=np.float64)
