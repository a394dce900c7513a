"""Covariances of a model with the noise of its samples' spikes taken out."""

import numpy as np

from popcode.metrics.equilibrium.models import Binary, EquilibriumModel, Values
from popcode.metrics.tuples import Indices

# Of more neurons the products of all pairs would take over 200 MB.
MOST_NEURONS = 5_000
_ROWS = 4096


def expected_covariance(
    model: EquilibriumModel, samples: Binary, pairs: tuple[Indices, Indices] | None, seed: int
) -> Values | None:
    """Covariance of pairs by the means of neurons given hidden units, shape (n_pairs,).

    Neurons are independent given the hidden units, so the covariance of their means is their own.
    Where neurons are weakly coupled it is as exact as that of hundreds of times as many samples.

    Parameters
    ----------
    model : EquilibriumModel
    samples : ndarray of uint8, shape (n_samples, n_neurons)
        Of the model.
    pairs : (i, j) or None
        None for all.
    seed : int
        Of the hidden units.

    Returns
    -------
    ndarray or None
        None beyond 5,000 neurons.
    """
    n_samples, n_neurons = samples.shape
    if n_neurons > MOST_NEURONS:
        return None
    products, total = np.zeros((n_neurons, n_neurons)), np.zeros(n_neurons)
    for block, start in enumerate(range(0, n_samples, _ROWS)):
        rows = samples[start : start + _ROWS]
        means = model.expected_activity(rows, seed=seed + block)
        products += means.T @ means
        total += means.sum(axis=0, dtype=np.float64)
    mean = total / n_samples
    i, j = np.triu_indices(n_neurons, 1) if pairs is None else pairs
    return products[i, j] / n_samples - mean[i] * mean[j]
