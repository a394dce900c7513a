"""The largest eigenvalues of a symmetric connectivity, without its other eigenvalues."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

from popcode.dynamics.connectivity.krylov import block_lanczos
from popcode.dynamics.connectivity.matrices import Connectivity

_STREAM = 76
_SMALL = 400
_TOLERANCE = 1e-6  # of the edge: far below the 1e-3 that the radius stays away from 1
_MANY, _WIDTH, _MOVED = 64, 16, 1e-4  # the last eigenvalues to settle are far from the edge


def leading_eigenvalues(connectivity: Connectivity, n_values: int) -> NDArray[np.float64]:
    """Largest eigenvalues of a symmetric connectivity, largest first.

    By Lanczos iteration, where they are few of those there are.

    Parameters
    ----------
    connectivity : Connectivity
        Symmetric.
    n_values : int

    Returns
    -------
    ndarray of float64, (n_values,)
    """
    n_neurons = connectivity.n_neurons
    if n_neurons <= _SMALL or n_values > n_neurons // 16:
        values = np.linalg.eigvalsh(connectivity.to_array().astype(np.float64))
        return values[::-1][:n_values]
    rng = np.random.default_rng((n_neurons, _STREAM))
    if n_values >= _MANY:
        multiply = connectivity.operator().matmat
        return block_lanczos(multiply, n_neurons, n_values, _WIDTH, _MOVED, rng)
    start = rng.standard_normal(n_neurons, np.float32)
    values = eigsh(
        connectivity.operator(), n_values, which="LA", v0=start, tol=_TOLERANCE,
        return_eigenvectors=False,
    )  # fmt: skip
    return np.sort(values.astype(np.float64))[::-1]
