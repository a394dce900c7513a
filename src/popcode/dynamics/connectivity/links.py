"""Links that are there or not, less the chance of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from popcode.dynamics.connectivity.dense import mixed
from popcode.dynamics.connectivity.matrices import Connectivity, dense_connectivity
from popcode.threads import pieces

Float32 = NDArray[np.float32]
# chances(start, stop): of a link from each neuron of these rows to every neuron, and what of it
# the offsets do not hold; (stop - start, n_neurons) or anything that spreads to it.
Chances = Callable[[int, int], tuple[NDArray, NDArray | float]]
_ROWS_AT_ONCE = 256


def dense_links(
    n_neurons: int, chances: Chances, asymmetry: float, rng: np.random.Generator
) -> Connectivity:
    """Links less their chance as a dense matrix."""
    matrix = np.empty((n_neurons, n_neurons), np.float32)
    for start, stop in pieces(n_neurons, _ROWS_AT_ONCE):
        chance, _ = chances(start, stop)
        matrix[start:stop] = _links(chance, (stop - start, n_neurons), rng) - chance
    return dense_connectivity(mixed(matrix, asymmetry))


def sparse_links(
    n_neurons: int,
    chances: Chances,
    offsets: Float32,
    weights: Float32,
    rng: np.random.Generator,
) -> Connectivity:
    """Symmetric links less their chance; offsets diag(weights) offsets^T is most of the chance."""
    rows = []
    for start, stop in pieces(n_neurons, _ROWS_AT_ONCE):
        chance, excess = chances(start, stop)
        block = _links(chance, (stop - start, n_neurons), rng) - excess
        rows.append(csr_array(np.triu(block, start + 1).astype(np.float32)))
    upper = vstack(rows, format="csr")
    return Connectivity(csr_array(upper + upper.T), offsets, weights)


def _links(chance: NDArray, shape: tuple[int, int], rng: np.random.Generator) -> Float32:
    return (rng.random(shape, np.float32) < chance).astype(np.float32)
