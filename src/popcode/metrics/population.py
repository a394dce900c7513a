"""How many neurons are active at once: P(K), and how far a model's is from the data's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

EPSILON = 1e-6


def activity_counts(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Number of bins with each number K of active neurons.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.

    Returns
    -------
    ndarray of int64, shape (n_neurons + 1,)
    """
    return np.bincount(x.sum(axis=1, dtype=np.int64), minlength=x.shape[1] + 1)


def divergence(counts: npt.NDArray, model_counts: npt.NDArray, epsilon: float = EPSILON) -> float:
    """Kullback-Leibler divergence KL(p || q) of two histograms.

    Parameters
    ----------
    counts, model_counts : ndarray, shape (n_values,)
        Histograms of p (the test data) and of q.
    epsilon : float
        Added to every probability up to the largest value that occurs in either, before both are
        normalised again, so that a K the model never showed costs much but not all.

    Returns
    -------
    float
        Nats, not negative.
    """
    occupied = np.flatnonzero(counts + model_counts)[-1] + 1

    def smoothed(histogram: npt.NDArray) -> npt.NDArray[np.float64]:
        p = histogram[:occupied] / histogram.sum() + epsilon
        return p / p.sum()

    p, q = smoothed(counts), smoothed(model_counts)
    return max(float(np.sum(p * np.log(p / q))), 0.0)
