"""Principal axes of a long binary recording, without a copy of it as real numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import threadpoolctl

from popcode.metrics.blocks import row_blocks
from popcode.metrics.moments import mean_activity

MAX_BINS = 10_000
N_ITERATIONS, OVERSAMPLING = 4, 10
EXACT_UP_TO = 1500  # neurons
Values = npt.NDArray[np.float64]


def principal_axes(
    x: npt.NDArray[np.uint8], n_axes: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Leading eigenvectors of the covariance of neurons, by a randomised subspace iteration.

    Halko, Martinsson and Tropp 2011 (SIAM Review 53:217), algorithm 4.4, on the covariance itself:
    one pass over the recording an iteration, and n_neurons x n_axes numbers kept. Exact to
    float32 up to 1,500 neurons; beyond, the last of many axes are mixed with those that follow.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Of more than 10,000 bins every second, third, ... is taken, so that at most as many are.
    n_axes : int
        Wanted; fewer are returned where the bins span fewer.
    rng : numpy.random.Generator
        Of the subspace at the start.

    Returns
    -------
    ndarray of float32, shape (n_neurons, at most n_axes)
        Orthonormal columns, the largest variance first; their signs are arbitrary.
    """
    x = x[:: -(-len(x) // MAX_BINS)]
    mean = mean_activity(x)
    width = x.shape[1] if x.shape[1] <= EXACT_UP_TO else n_axes + OVERSAMPLING
    basis = rng.standard_normal((x.shape[1], width), dtype=np.float32).astype(np.float64)
    # One thread: how a product is shared out would otherwise change the last bits.
    with threadpoolctl.threadpool_limits(1, "blas"):
        for _ in range(N_ITERATIONS):
            basis = np.linalg.qr(covariance_product(x, mean, basis))[0]
        ritz = basis.T @ covariance_product(x, mean, basis)
        variances, rotation = np.linalg.eigh((ritz + ritz.T) / 2)
        # What is left of directions that no bin spans is rounding.
        kept = np.flatnonzero(variances > 1e-6 * max(variances[-1], 0))[::-1][:n_axes]
        return (basis @ rotation[:, kept]).astype(np.float32)


def covariance_product(x: npt.NDArray[np.uint8], mean: Values, vectors: Values) -> Values:
    """Product of the covariance of neurons with some vectors, a block of bins at a time.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
    mean : ndarray, shape (n_neurons,)
        What is subtracted from every bin.
    vectors : ndarray, shape (n_neurons, n_vectors)

    Returns
    -------
    ndarray, shape (n_neurons, n_vectors)
        (x - mean)^T (x - mean) vectors / n_bins, products in float32.
    """
    mean, vectors = mean.astype(np.float32), vectors.astype(np.float32)
    total = np.zeros(vectors.shape)
    for rows in row_blocks(*x.shape):
        centred = x[rows] - mean
        total += centred.T @ (centred @ vectors)
    return total / len(x)
