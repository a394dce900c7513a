"""Which unit of one fit is which unit of another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from popcode.analysis.membership.members import living_units
from popcode.errors import InputError

Float = NDArray[np.float64]
SAME_WEIGHTS = 0.8


class UnitMatch(NamedTuple):
    """Pairs of units, the one-to-one matching of greatest total |correlation|.

    Attributes
    ----------
    first, second : ndarray of int, (n_pairs,)
        Units of either fit; as many pairs as the smaller fit has units, `first` increasing.
    correlations : ndarray, (n_pairs,)
        Pearson, of the weights over neurons; negative where the signs of the units differ, which
        are arbitrary; 0 for a unit without weights.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    correlations: Float


def match_units(first: NDArray[np.floating], second: NDArray[np.floating]) -> UnitMatch:
    """Match the hidden units of two fits to the same neurons.

    Parameters
    ----------
    first, second : ndarray, (n_neurons, n_hidden)
        Weights; the numbers of hidden units may differ.

    Returns
    -------
    UnitMatch

    Raises
    ------
    InputError
        Fits of different numbers of neurons.
    """
    correlations = unit_correlations(first, second)
    rows, columns = linear_sum_assignment(-np.abs(correlations))
    return UnitMatch(rows, columns, correlations[rows, columns])


def unit_correlations(first: NDArray[np.floating], second: NDArray[np.floating]) -> Float:
    """Correlation over neurons of every unit of one fit with every unit of another.

    Parameters
    ----------
    first, second : ndarray, (n_neurons, n_hidden)

    Returns
    -------
    ndarray, (n_hidden of the first, n_hidden of the second)

    Raises
    ------
    InputError
        Fits of different numbers of neurons.
    """
    if len(first) != len(second):
        raise InputError(
            f"weights of {len(first):,} and {len(second):,} neurons",
            remedy="Compare fits to the same neurons",
        )
    return standard_units(first).T @ standard_units(second)


def same_weights(weights: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which pairs of units have weights that correlate by more than 0.8 in size.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)

    Returns
    -------
    ndarray of bool, (n_hidden, n_hidden)
        False on the diagonal and for units without weights.
    """
    standard = standard_units(weights)
    living = living_units(weights)
    same = (np.abs(standard.T @ standard) > SAME_WEIGHTS) & living & living[:, None]
    np.fill_diagonal(same, False)
    return same


def standard_units(weights: NDArray[np.floating]) -> Float:
    """Columns of mean 0 and norm 1, (n_neurons, n_hidden); zeros where they are constant."""
    standard = np.array(weights, dtype=np.float64)
    largest = np.abs(standard).max(axis=0, initial=0)
    standard -= standard.mean(axis=0)
    norms = np.linalg.norm(standard, axis=0)
    # A constant column leaves rounding behind.
    varies = norms > 1e-12 * largest * np.sqrt(len(standard))
    standard /= np.where(varies, norms, np.inf)
    return standard
