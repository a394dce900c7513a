"""Links between few pairs of neurons, anywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.connectivity.links import dense_links, sparse_links
from popcode.dynamics.connectivity.matrices import Connectivity
from popcode.dynamics.connectivity.structures import Sparse

# A sparse product moves three times the bytes an entry, in no order.
MOST_FILLED = 0.1


def draw_sparse(
    n_neurons: int, structure: Sparse, asymmetry: float, rng: np.random.Generator
) -> Connectivity:
    """Bernoulli(probability) less the probability."""
    chance = np.full((1, 1), structure.probability, np.float32)

    def chances(start: int, stop: int) -> tuple[NDArray, float]:
        return chance, 0.0

    if asymmetry > 0 or structure.probability > MOST_FILLED:
        return dense_links(n_neurons, chances, asymmetry, rng)
    return sparse_links(n_neurons, chances, np.ones((n_neurons, 1), np.float32), chance[0], rng)
