"""Leading components of a population, and its lagged covariance between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from popcode.dynamics.dmd.covariances import LaggedCovariances
from popcode.dynamics.source import Read
from popcode.recording.memory import refuse_beyond_memory

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class LeadingCovariances(NamedTuple):
    """Covariances in the coordinates of the leading components, where C(0) is diagonal.

    Attributes
    ----------
    components : ndarray, (n_neurons, n_components)
        Orthonormal eigenvectors of C(0), the largest variance first.
    variances : ndarray, (n_components,)
    lagged : ndarray, (n_components, n_components)
        Uᵀ C(lag) U.
    mean_variance : float
        Of a neuron.
    n_pairs, lag : int
    """

    components: Float
    variances: Float
    lagged: Float
    mean_variance: float
    n_pairs: int
    lag: int


def leading_of_covariance(whole: LaggedCovariances, n_components: int) -> LeadingCovariances:
    """Components from the covariance of all neurons.

    Parameters
    ----------
    whole : LaggedCovariances
    n_components : int
        Fewer are kept where fewer have any variance.

    Returns
    -------
    LeadingCovariances
    """
    n_neurons = len(whole.same)
    n_kept = min(n_components, n_neurons)
    few = None if n_kept == n_neurons else (n_neurons - n_kept, n_neurons - 1)
    values, vectors = scipy.linalg.eigh(whole.same, subset_by_index=few, check_finite=False)
    values, vectors = _with_variance(values[::-1], vectors[:, ::-1])
    lagged = vectors.T @ whole.lagged @ vectors
    mean_variance = float(np.trace(whole.same)) / n_neurons
    return LeadingCovariances(vectors, values, lagged, mean_variance, whole.n_pairs, whole.lag)


def leading_of_pairs(read: Read, starts: Int, lag: int, n_components: int) -> LeadingCovariances:
    """Components from the Gram matrix of the bins, where they are fewer than the neurons.

    Parameters
    ----------
    read, starts, lag
        As `lagged_covariances`.
    n_components : int
        Fewer are kept where fewer have any variance.

    Returns
    -------
    LeadingCovariances

    Raises
    ------
    InputError
        Not enough memory for all bins at once.
    """
    first, last = int(starts[0]), int(starts[-1]) + lag + 1
    n_neurons = read(first, first + 1).shape[1]
    refuse_beyond_memory(4 * 8 * (last - first) * n_neurons)
    block = read(first, last).astype(np.float64)
    now, later = block[starts - first], block[starts - first + lag]
    n_pairs, n_kept = starts.size, min(n_components, starts.size)
    gram = now @ now.T / n_pairs
    few = (n_pairs - n_kept, n_pairs - 1)
    values, left = scipy.linalg.eigh(gram, subset_by_index=few, check_finite=False)
    values, left = _with_variance(values[::-1], left[:, ::-1])
    components = now.T @ (left / np.sqrt(values * n_pairs))
    # y(t) = left sqrt(values n_pairs), exactly: one product less, and C(0) stays diagonal.
    lagged = (later @ components).T @ (left * np.sqrt(values / n_pairs))
    mean_variance = float(np.trace(gram)) / n_neurons
    return LeadingCovariances(components, values, lagged, mean_variance, n_pairs, lag)


def _with_variance(values: Float, vectors: Float) -> tuple[Float, Float]:
    """The components whose variance is more than rounding."""
    least = max(float(values[0]), 0.0) * len(vectors) * np.finfo(np.float64).eps
    kept = values > least
    return values[kept], np.ascontiguousarray(vectors[:, kept])
