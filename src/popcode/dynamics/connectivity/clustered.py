"""Links within clusters of neurons, and fewer between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.connectivity.links import dense_links, sparse_links
from popcode.dynamics.connectivity.matrices import Connectivity
from popcode.dynamics.connectivity.sparse import MOST_FILLED
from popcode.dynamics.connectivity.structures import Clustered


def cluster_of_neurons(n_neurons: int, structure: Clustered) -> NDArray[np.int64]:
    """Cluster of every neuron, (n_neurons,), in order."""
    return np.arange(n_neurons) * structure.n_clusters // n_neurons


def draw_clustered(
    n_neurons: int, structure: Clustered, asymmetry: float, rng: np.random.Generator
) -> Connectivity:
    """Bernoulli links less their probability, within and between clusters."""
    cluster = cluster_of_neurons(n_neurons, structure)
    within, between = np.float32(structure.within), np.float32(structure.between)

    def chances(start: int, stop: int) -> tuple[NDArray, float]:
        return np.where(cluster[start:stop, None] == cluster, within, between), 0.0

    filled = structure.between + (structure.within - structure.between) / structure.n_clusters
    if asymmetry > 0 or filled > MOST_FILLED:
        return dense_links(n_neurons, chances, asymmetry, rng)
    members = (cluster[:, None] == np.arange(structure.n_clusters)).astype(np.float32)
    offsets = np.column_stack((np.ones(n_neurons, np.float32), members))
    weights = np.full(1 + structure.n_clusters, within - between, np.float32)
    weights[0] = between
    return sparse_links(n_neurons, chances, offsets, weights, rng)
