r"""What is compared between a recording and a network: numbers free of the neurons' own noise.

All come from the covariance C(l) = <z_I(t) z_J(t + l)^T> between two halves I and J of the neurons,
which noise of single neurons does not reach, with the population's mean taken out: a rectified or
thresholded observation bends every correlation rho by a term in rho^2, positive for all pairs,
that would stand out as one component along the mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]
RANKS = (1, 2, 3, 5, 8, 13, 21, 34)
LAGS = (1, 2, 4, 8, 16)
N_STATISTICS = len(RANKS) + 2 * len(LAGS) + 1


class Signature(NamedTuple):
    """Statistics of the covariances between two halves of the neurons.

    Attributes
    ----------
    spectrum : ndarray, (n_ranks,)
        log(s_k / |C(0)|) at `RANKS`, s_k the singular values of C(0) and |.| its Frobenius norm;
        nan where a half has too few neurons.
    persistence : ndarray, (n_lags,)
        (|C(l)|^2 + |C(-l)|^2) / 2 |C(0)|^2 at `LAGS`.
    irreversibility : ndarray, (n_lags,)
        |C(l) - C(-l)|^2 / 2 (|C(l)|^2 + |C(-l)|^2): 0 where time has no direction.
    log_shared : float
        log of the mean squared correlation between neurons of the two halves.
    """

    spectrum: Float
    persistence: Float
    irreversibility: Float
    log_shared: float

    def flat(self) -> NDArray[np.float64]:
        """All statistics in a row, (19,)."""
        return np.concatenate([*self[:3], [self.log_shared]]).astype(np.float64)


class Lagged(NamedTuple):
    """C(l) and C(-l) between the halves, (n_first, n_second) each."""

    later: Float
    earlier: Float


def signature_of(same: Float, lagged: list[Lagged]) -> Signature:
    """The signature of exact covariances, in units where every neuron has variance 1.

    Parameters
    ----------
    same : ndarray, (n_first, n_second)
        C(0).
    lagged : list of Lagged
        At `LAGS`.
    """
    same = without_mean(same)
    square = float(np.sum(same**2))
    values = singular_values(same)
    spectrum = log_at_ranks(values) - np.log(square) / 2
    pairs = [Lagged(*map(without_mean, each)) for each in lagged]
    norms = np.array([np.sum(one**2) + np.sum(other**2) for one, other in pairs]) / 2
    turned = np.array([np.sum((one - other) ** 2) for one, other in pairs]) / 4
    gone = norms == 0  # at lags far beyond every relaxation
    turned = turned / np.where(gone, np.inf, norms)
    return Signature(spectrum, norms / square, turned, float(np.log(square / same.size)))


def without_mean(block: Float) -> Float:
    """Covariances of deviations from the mean of each half."""
    return block - block.mean(axis=0) - block.mean(axis=1, keepdims=True) + block.mean()


def singular_values(block: Float) -> NDArray[np.float64]:
    """Largest first."""
    return np.linalg.svd(np.asarray(block, np.float64), compute_uv=False)


def log_at_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of the values at `RANKS`; nan past a half of them, where halves distort the spectrum."""
    found = np.full(len(RANKS), np.nan)
    for k, rank in enumerate(RANKS):
        if 2 * rank <= len(values):
            found[k] = np.log(values[rank - 1])
    return found
