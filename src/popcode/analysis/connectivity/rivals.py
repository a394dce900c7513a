"""What region by region couplings must beat: covariances and correlations, in the same norm."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import graphical_lasso
from sklearn.exceptions import ConvergenceWarning

from popcode.analysis.areas import Areas
from popcode.analysis.connectivity.ising import PseudoLikelihoodSettings, ising_couplings
from popcode.analysis.connectivity.matrices import RegionalMatrix
from popcode.analysis.connectivity.norms import regional_l1, regional_l1_of
from popcode.errors import InputError

# A minute of scikit-learn; its time grows with the cube of the number of neurons at least.
MOST_GRAPHICAL_LASSO = 400
_MOST_STEPS = 100
_SHIFT_STREAM, _THINNING_STREAM = 88, 89


def shifted(activity: NDArray, seed: int = 0, segment_starts: Sequence[int] = (0,)) -> NDArray:
    """Move every neuron in time by itself: rates and autocorrelations stay, couplings go.

    Parameters
    ----------
    activity : ndarray, (n_bins, n_neurons)
    seed : int
    segment_starts : sequence of int
        First bin of every contiguous stretch; what is moved beyond the last bin of one comes in
        again at its first.
    """
    rng = np.random.default_rng((seed, _SHIFT_STREAM))
    moved = np.empty_like(activity)
    for start, stop in pairwise([*segment_starts, len(activity)]):
        offsets = rng.integers(stop - start, size=activity.shape[1])
        rows = (np.arange(stop - start)[:, None] - offsets) % (stop - start)
        moved[start:stop] = np.take_along_axis(activity[start:stop], rows, axis=0)
    return moved


def thinned(areas: Areas, most: int, seed: int = 0) -> NDArray[np.int64]:
    """Draw neurons in areas, at most `most` and as many of each area, or all where they are fewer.

    Parameters
    ----------
    areas : Areas
    most : int
    seed : int
    """
    if areas.placed.size <= most:
        return areas.placed
    rng, each = np.random.default_rng((seed, _THINNING_STREAM)), max(most // areas.n_areas, 1)
    groups = [np.flatnonzero(column) for column in areas.member.T]
    drawn = [rng.choice(group, min(each, group.size), replace=False) for group in groups]
    return np.unique(np.concatenate(drawn))


def covariance_factors(activity: NDArray) -> NDArray[np.float32]:
    """F (n_neurons, n_bins) of which F F^T is the covariance matrix of activity."""
    centred = activity.astype(np.float32) - activity.mean(axis=0, dtype=np.float64)
    return np.ascontiguousarray(centred.T / np.sqrt(len(activity)), np.float32)


def correlation_factors(activity: NDArray) -> NDArray[np.float32]:
    """F (n_neurons, n_bins) of which F F^T is the matrix of Pearson correlations.

    Neurons that never change correlate with none.
    """
    factors = covariance_factors(activity)
    norms = np.linalg.norm(factors, axis=1, keepdims=True)
    return (factors / np.where(norms > 0, norms, 1)).astype(np.float32)


def covariance_matrix(activity: NDArray, areas: Areas) -> RegionalMatrix:
    """Mean |covariance| of every region pair.

    Parameters
    ----------
    activity : ndarray, (n_bins, n_neurons)
    areas : Areas
    """
    return _matrix(regional_l1(covariance_factors(activity), areas.member), areas, len(activity))


def correlation_matrix(activity: NDArray, areas: Areas) -> RegionalMatrix:
    """Mean |correlation| of every region pair; arguments as `covariance_matrix`."""
    return _matrix(regional_l1(correlation_factors(activity), areas.member), areas, len(activity))


def graphical_lasso_matrix(activity: NDArray, areas: Areas, penalty: float = 0.1) -> RegionalMatrix:
    """Mean |partial correlation| of every region pair, from a sparse inverse of the correlations.

    Parameters
    ----------
    activity : ndarray, (n_bins, n_neurons)
        Of at most 400 neurons.
    areas : Areas
    penalty : float
        L1 penalty on the entries of the inverse.

    Raises
    ------
    InputError
        More neurons, or a penalty at which the inverse is not found.

    References
    ----------
    Friedman, Hastie and Tibshirani, Biostatistics 9, 432 (2008), as in scikit-learn.
    """
    n_neurons = activity.shape[1]
    if n_neurons > MOST_GRAPHICAL_LASSO:
        raise InputError(
            f"the graphical lasso of {n_neurons:,} neurons takes too long",
            remedy=f"Give at most {MOST_GRAPHICAL_LASSO} neurons, or the mean activity of regions",
        )
    factors = correlation_factors(activity).astype(np.float64)
    correlations = factors @ factors.T
    np.fill_diagonal(correlations, 1)
    precision = _sparse_inverse(correlations, penalty)
    scale = np.sqrt(np.diag(precision))
    partial = -precision / np.outer(scale, scale)
    return _matrix(regional_l1_of(partial, areas.member), areas, len(activity))


def _sparse_inverse(correlations: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    try:
        with warnings.catch_warnings():
            # Of its inner steps; whether it ends is seen by their number.
            warnings.simplefilter("ignore", ConvergenceWarning)
            _, precision, n_steps = graphical_lasso(
                correlations, penalty, max_iter=_MOST_STEPS, return_n_iter=True
            )
    except FloatingPointError:
        n_steps = _MOST_STEPS
    if n_steps >= _MOST_STEPS:
        raise InputError(
            f"the graphical lasso does not converge at a penalty of {penalty:g}",
            remedy="Raise the penalty",
        )
    return precision


def ising_matrix(
    activity: NDArray[np.uint8],
    areas: Areas,
    settings: PseudoLikelihoodSettings | None = None,
) -> RegionalMatrix:
    """Mean |coupling| of every region pair in an Ising model by pseudo-likelihood.

    Parameters
    ----------
    activity : ndarray of uint8, (n_bins, n_neurons)
    areas : Areas
    settings : PseudoLikelihoodSettings, optional
    """
    found = ising_couplings(activity, settings)
    return _matrix(regional_l1_of(found.couplings, areas.member), areas, len(activity))


def _matrix(values: NDArray[np.float64], areas: Areas, n_bins: int) -> RegionalMatrix:
    return RegionalMatrix(areas.names, values, areas.member.sum(axis=0), n_bins)
