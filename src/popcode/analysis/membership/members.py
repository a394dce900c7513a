"""Which neurons belong to which assembly: two rules, one boolean matrix each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.metrics.phase import ALIVE_WEIGHT

MEMBER_SHARE = 1 / 3
LEVEL_WEIGHTS = 10


def members_beyond(weights: NDArray[np.floating], threshold: float) -> NDArray[np.bool_]:
    """Neurons with |weight| above one threshold for all assemblies.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    threshold : float
        0 is membership by exact sparsity, for fits whose penalty sets weights to exactly 0. The
        article counts the size of an assembly at 0.01 and embedding at .001, .01 and .1.

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


def membership_threshold(weights: NDArray[np.floating]) -> float:
    """Size from which a weight of a unit makes its neuron a member.

    A third of the median of the unit's ten largest |w|, and at least 0.05. It follows the unit,
    since units differ in scale (Var(h) = 1 holds for each), and a median of ten does not follow
    one outstanding neuron, as the largest weight would. Below 0.05 an assembly moves a neuron's
    odds by less than 5 % for one standard deviation of h.

    Parameters
    ----------
    weights : ndarray, (n_neurons,)

    Returns
    -------
    float
    """
    largest = np.sort(np.abs(weights))[-LEVEL_WEIGHTS:]
    level = float(np.median(largest)) if largest.size else 0.0
    return max(MEMBER_SHARE * level, ALIVE_WEIGHT)


def living_units(weights: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Hidden units with a weight of at least 0.05, (n_hidden,)."""
    return np.abs(weights).max(axis=0, initial=0) >= ALIVE_WEIGHT


def excitatory_signs(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Signs in which the activity of a unit excites its members on the whole, (n_hidden,).

    h and -h with -w are the same model.
    """
    sums = np.where(members_by_level(weights), weights, 0).sum(axis=0, dtype=np.float64)
    return np.where(sums < 0, -1.0, 1.0)
