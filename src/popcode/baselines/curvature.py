"""How sharply the log-likelihood of a pairwise model bends: the scale of its steps and its prior.

Where all moments are matched, the Hessian in the couplings is the covariance over bins of the
products (v_i - rate_i)(v_j - rate_j), so the data give it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from popcode.baselines.moments import Moments
from popcode.baselines.parameters import BLOCK

_N_PATTERNS = 3


def covariance(moments: Moments) -> NDArray[np.float64]:
    """<(v_i - rate_i)(v_j - rate_j)> of the data, (n_neurons, n_neurons)."""
    rates, raw = moments.rates, np.diag(moments.joint)
    crossed = np.outer(raw, rates) + np.outer(rates, raw)
    return moments.joint - crossed + np.outer(rates, rates)


def pair_variance(moments: Moments) -> NDArray[np.float64]:
    """Variance of (v_i - rate_i)(v_j - rate_j) over bins, (n_neurons, n_neurons).

    The curvature in each coupling alone. The diagonal has no meaning.
    """
    rates, raw = moments.rates, np.diag(moments.joint)
    # (v - r)^2 = r^2 + (1 - 2 r) v for binary v.
    slope, square = 1 - 2 * rates, rates**2
    second = (
        np.outer(square, square)
        + np.outer(slope * raw, square)
        + np.outer(square, slope * raw)
        + np.outer(slope, slope) * moments.joint
    )
    return np.maximum(second - covariance(moments) ** 2, 0)


def spread_of_couplings(moments: Moments) -> float:
    """Standard deviation of the couplings that the data speak for, in nats.

    To first order a coupling's best value is covariance / variance of its product, with a
    sampling variance of 1 / (n_bins variance). What the squares exceed that by, weighted by the
    inverse of their sampling variance, is the variance of the couplings themselves (empirical
    Bayes by moments). Never below the error of their mean square under independence.
    """
    pairs = np.triu_indices(moments.rates.size, 1)
    either = (moments.constant[:, None] | moments.constant)[pairs]
    variance = pair_variance(moments)[pairs][~either]
    information = moments.n_bins * variance[variance > 0]
    if information.size == 0:
        return 1.0
    values = covariance(moments)[pairs][~either][variance > 0] / variance[variance > 0]
    excess = information @ (information * values**2 - 1) / (information @ information)
    # Squares of normal numbers have variance 2.
    least = np.sqrt(2 / (information @ information))
    return float(np.sqrt(max(excess, least)))


def collective_curvature(activity: NDArray[np.uint8], moments: Moments) -> float:
    """Curvature when all couplings move together, in units of that of each alone.

    The largest found among moves along a_i a_j, with a the leading patterns of the correlation
    matrix or all neurons alike. A step of each parameter by its own curvature overshoots along
    these by that factor. 1 for neurons that are independent.

    Parameters
    ----------
    activity : ndarray of uint8, (n_bins, n_neurons)
    moments : Moments
        Of this activity.
    """
    kept = np.flatnonzero(~moments.constant)
    if kept.size < 2:
        return 1.0
    spread = np.sqrt(np.diag(covariance(moments))[kept])
    patterns = _patterns(covariance(moments)[np.ix_(kept, kept)] / np.outer(spread, spread))
    moves = patterns / spread[:, None]
    variance = pair_variance(moments)[np.ix_(kept, kept)]
    np.fill_diagonal(variance, 0)
    alone = np.einsum("ik,ij,jk->k", moves**2, variance, moves**2) / 2
    together = _product_variances(activity, kept, moments.rates[kept], moves)
    return float(np.max(together[alone > 0] / alone[alone > 0], initial=1.0))


def _patterns(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leading eigenvectors and the uniform vector, (n_kept, n_patterns)."""
    n = len(correlation)
    leading = eigh(correlation, subset_by_index=(max(0, n - _N_PATTERNS), n - 1))[1]
    return np.column_stack([leading, np.full(n, n**-0.5)])


def _product_variances(
    activity: NDArray[np.uint8],
    kept: NDArray[np.int64],
    rates: NDArray[np.float64],
    moves: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Variance over bins of sum_{i<j} a_i a_j (v_i - r_i)(v_j - r_j), one a column of moves."""
    products = np.empty((len(activity), moves.shape[1]))
    for start in range(0, len(activity), BLOCK):
        centred = activity[start : start + BLOCK, kept] - rates
        squares = centred**2 @ moves**2
        products[start : start + BLOCK] = ((centred @ moves) ** 2 - squares) / 2
    return products.var(axis=0)
