"""Links between near neurons of a sheet, and fewer between far ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.connectivity.links import dense_links, sparse_links
from popcode.dynamics.connectivity.matrices import Connectivity
from popcode.dynamics.connectivity.sparse import MOST_FILLED
from popcode.dynamics.connectivity.structures import Local

_PLACE_STREAM = 75


def places_um(n_neurons: int, structure: Local, seed: int) -> NDArray[np.float64]:
    """Where the neurons are, even over the sheet, (n_neurons, 2) in micrometres."""
    rng = np.random.default_rng((seed, _PLACE_STREAM))
    return rng.random((n_neurons, 2)) * structure.extent_um


def distances_um(
    places: NDArray[np.float64], others: NDArray[np.float64], structure: Local
) -> NDArray[np.float64]:
    """Distances between two sets of places, (n_places, n_others), on the sheet or its torus."""
    apart = np.abs(places[:, None] - others)
    if structure.torus:
        apart = np.minimum(apart, structure.extent_um - apart)
    return np.hypot(apart[..., 0], apart[..., 1])


def draw_local(
    places: NDArray[np.float64], structure: Local, asymmetry: float, rng: np.random.Generator
) -> Connectivity:
    """Bernoulli links less their probability, by the distance of neurons at `places`."""
    n_neurons = len(places)
    far = np.float32(structure.far)

    def chances(start: int, stop: int) -> tuple[NDArray, NDArray]:
        distance = distances_um(places[start:stop], places, structure)
        near = structure.nearest * np.exp(-distance / structure.length_um)
        chance = np.maximum(near, structure.far).astype(np.float32)
        return chance, chance - far

    if asymmetry > 0 or _share_near(structure) + structure.far > MOST_FILLED:
        return dense_links(n_neurons, chances, asymmetry, rng)
    offsets = np.ones((n_neurons, 1), np.float32)
    return sparse_links(n_neurons, chances, offsets, np.full(1, far), rng)


def _share_near(structure: Local) -> float:
    """Of the pairs, those near enough for a probability above that of far ones."""
    if structure.far <= 0:
        return 1.0
    reach = structure.length_um * np.log(max(structure.nearest / structure.far, 1.0))
    return min(1.0, float(np.pi * (reach / structure.extent_um) ** 2))
