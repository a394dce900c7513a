"""Spectra of standardised activity: exact where it is small, its leading part where it is large."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.spectra.leading import leading_triplets
from popcode.dynamics.spectra.products import (
    ActivityMatrix,
    CrossCovariance,
    Values,
    add_transposed,
    covariance,
    cross_covariance,
)
from popcode.dynamics.standardised import Standardised
from popcode.errors import InputError, PopcodeWarning
from popcode.recording.memory import refuse_beyond_memory
from popcode.threads import Team

EXACT_UP_TO = 2500  # of the smaller side of a matrix
SEARCHED_SHARE = 4  # a search for more than a fourth of all values costs more than all of them
POOR = 1e-3  # relative error that is told
N_LEADING = 600  # values of a large recording where no number is asked for


class Search(NamedTuple):
    """How a spectrum is computed.

    Attributes
    ----------
    n_components : int or None
        Values wanted; None is all of them where they are exact, 600 otherwise.
    seed : int
        Of halves, divisions of time and random starts.
    exact_up_to : int
        Smaller side of a matrix up to which its decomposition is exact, in float64.
    """

    n_components: int | None = None
    seed: int = 0
    exact_up_to: int = EXACT_UP_TO


class Decomposed(NamedTuple):
    """Values, largest first, the relative error of each (0: exact), and their vectors.

    Attributes
    ----------
    values, errors : ndarray, (n_values,)
    left, right : ndarray, (n_rows, n_values), (n_columns, n_values)
        Of a cross-covariance: of the first half and the other. Of a covariance: both its vectors.
    """

    values: Values
    errors: Values
    left: NDArray[np.floating]
    right: NDArray[np.floating]


def n_wanted(search: Search, available: int, exact: bool) -> int:
    """Number of values to return.

    Raises
    ------
    InputError
        More than there are.
    """
    asked = search.n_components
    if asked is None:
        return available if exact else min(available, N_LEADING)
    if not 1 <= asked <= available:
        raise InputError(
            f"{asked:,} components are asked for and there are {available:,}",
            remedy="Ask for fewer, or give more neurons and bins",
        )
    return int(asked)


def _is_exact(smaller: int, search: Search) -> bool:
    """Small, or so many values that a search would hold nearly all directions anyway."""
    return smaller <= search.exact_up_to or SEARCHED_SHARE * (search.n_components or 0) > smaller


def of_covariance(activity: Standardised, search: Search, team: Team) -> Decomposed:
    """Eigenvalues and eigenvectors of Z^T Z / n_bins."""
    n_bins, n_neurons = activity.n_bins, activity.n_neurons
    smaller = min(n_bins, n_neurons)
    exact = _is_exact(smaller, search)
    n_values = n_wanted(search, smaller, exact)
    if exact:
        whole = _of_bins if n_bins < n_neurons else _of_neurons
        found = whole(activity, n_values, team)
        return Decomposed(found.values, np.zeros(n_values), found.right, found.right)
    matrix = ActivityMatrix(activity, team)
    leading = leading_triplets(matrix, n_values, team, seed=search.seed)
    # Squared: twice the relative error.
    return _told(Decomposed(leading.values**2, 2 * leading.errors, leading.right, leading.right))


def of_cross_covariance(
    activity: Standardised, n_first: int, search: Search, team: Team
) -> Decomposed:
    """Singular values and vectors of the covariance of the first neurons with the others."""
    matrix = CrossCovariance(activity, n_first, team)
    sides = min(matrix.shape)
    available = min(sides, activity.n_bins)
    exact = _is_exact(available, search)
    n_values = n_wanted(search, available, exact)
    if not exact:
        leading = leading_triplets(matrix, n_values, team, seed=search.seed)
        return _told(Decomposed(leading.values, leading.errors, leading.left, leading.right))
    if activity.n_bins < sides:
        left, values, right = _svd_through_bins(activity, n_first, team)
    else:
        refuse_beyond_memory(3 * 8 * matrix.shape[0] * matrix.shape[1])
        left, values, right = _svd(cross_covariance(activity, n_first, team))
    return Decomposed(
        values[:n_values], np.zeros(n_values), left[:, :n_values], right[:, :n_values]
    )


def _told(found: Decomposed) -> Decomposed:
    """Say so where a search ended before its values were known well."""
    poor = np.flatnonzero(found.errors > POOR)
    if poor.size:
        warnings.warn(
            f"from rank {poor[0] + 1} on, values may be off by up to {found.errors.max():.1g} of "
            "themselves: the spectrum is nearly flat there",
            PopcodeWarning,
            stacklevel=5,
        )
    return found


class _Eigen(NamedTuple):
    values: Values
    right: Values


def _of_neurons(activity: Standardised, n_values: int, team: Team) -> _Eigen:
    values, vectors = np.linalg.eigh(covariance(activity, team))
    return _Eigen(np.maximum(values[::-1], 0)[:n_values], vectors[:, ::-1][:, :n_values])


def _of_bins(activity: Standardised, n_values: int, team: Team) -> _Eigen:
    """Fewer bins than neurons: through Z Z^T, which has the same eigenvalues but for zeros."""
    z = _all(activity, team)
    gram = np.zeros((len(z), len(z)))
    add_transposed(team, z.T, z.T, gram)
    values, of_bins = np.linalg.eigh(gram)
    values, of_bins = np.maximum(values[::-1][:n_values], 0), of_bins[:, ::-1][:, :n_values]
    length = np.sqrt(values)
    vectors = (z.T @ of_bins) / np.where(length > 0, length, 1)
    return _Eigen(values / len(z), vectors)


def _svd_through_bins(
    activity: Standardised, n_first: int, team: Team
) -> tuple[Values, Values, Values]:
    """Fewer bins than neurons in a half: Q R of each half, and what is between the two R."""
    z = _all(activity, team)
    q_first, r_first = np.linalg.qr(z[:, :n_first].T)
    q_others, r_others = np.linalg.qr(z[:, n_first:].T)
    left, values, right = _svd(r_first @ r_others.T / len(z))
    return q_first @ left, values, q_others @ right


def _svd(matrix: Values) -> tuple[Values, Values, Values]:
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return left, values, right.T


def _all(activity: Standardised, team: Team) -> Values:
    refuse_beyond_memory(3 * 8 * activity.n_bins * activity.n_neurons)
    return activity.all(team).astype(np.float64)
