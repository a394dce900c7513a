"""Eigenvalues of large symmetric random matrices without the matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigvalsh_tridiagonal

Float = NDArray[np.float64]
_STREAM = 72
_N_BISECTIONS = 60


def ensemble_eigenvalues(n_neurons: int, n_values: int, seed: int = 0) -> Float:
    """Largest eigenvalues of a symmetric Gaussian matrix with a semicircle on [-1, 1].

    Any dense symmetric law of independent entries has the same spectrum at large size. Of the
    tridiagonal form (diagonal N(0, 2), beside it chi of n - 1, ..., 1 degrees of freedom), by
    bisection: O(n_neurons) memory.

    Parameters
    ----------
    n_neurons, n_values : int
    seed : int

    Returns
    -------
    ndarray of float64, (n_values,)
        Largest first.

    References
    ----------
    Dumitriu and Edelman, J. Math. Phys. 43, 5830 (2002).
    """
    rng = np.random.default_rng((seed, _STREAM))
    scale = 2 * np.sqrt(n_neurons)
    diagonal = rng.normal(0, np.sqrt(2), n_neurons) / scale
    beside = np.sqrt(rng.chisquare(np.arange(n_neurons - 1, 0, -1))) / scale
    n_kept = _rows_that_matter(n_neurons, n_values)
    diagonal, beside = diagonal[:n_kept], beside[: n_kept - 1]
    if n_values == n_neurons:
        return eigvalsh_tridiagonal(diagonal, beside)[::-1]
    wanted = (n_kept - n_values, n_kept - 1)
    return eigvalsh_tridiagonal(diagonal, beside, select="i", select_range=wanted)[::-1]


def semicircle_quantiles(n_neurons: int) -> Float:
    """Eigenvalues of the average network, at (k - 1/2) / n_neurons of the semicircle on [-1, 1].

    Returns
    -------
    ndarray of float64, (n_neurons,)
        Largest first.
    """
    above = (np.arange(n_neurons) + 0.5) / n_neurons
    low, high = np.zeros(n_neurons), np.full(n_neurons, np.pi)
    for _ in range(_N_BISECTIONS):
        middle = (low + high) / 2
        too_few = (middle - np.sin(2 * middle) / 2) / np.pi < above
        low, high = np.where(too_few, middle, low), np.where(too_few, high, middle)
    return np.cos((low + high) / 2)


def _rows_that_matter(n_neurons: int, n_values: int) -> int:
    """Rows of the tridiagonal matrix that the largest eigenvalues reach.

    From row i on, the matrix has eigenvalues up to sqrt(1 - i / n) only. Eigenvectors decay beyond
    within some n^(1/3) rows at the edge; forty of these lengths leave nothing in double precision.
    """
    lowest = semicircle_quantiles(n_neurons)[n_values - 1]
    if lowest <= 0:
        return n_neurons
    reached = n_neurons * (1 - lowest**2)
    return min(n_neurons, int(reached + 40 * n_neurons ** (1 / 3)) + n_values)
