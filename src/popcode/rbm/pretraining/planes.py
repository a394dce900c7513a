"""Candidate hidden units of the low-rank model: planes that cut the space of projections."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Directions and offsets, by rank.
_N_NORMALS = {1: 1, 2: 12, 3: 20, 4: 24}
_N_OFFSETS = {1: 24, 2: 10, 3: 6, 4: 5}
_TAIL = 0.002


class Planes(NamedTuple):
    """Planes n . m = z.

    Attributes
    ----------
    normals : ndarray of float64, (n_planes, rank)
    offsets : ndarray of float64, (n_planes,)
    """

    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]

    def distances(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """|n . m - z| of points (n_points, rank), (n_points, n_planes)."""
        return np.abs(points @ self.normals.T - self.offsets)

    def keep(self, chosen: NDArray) -> "Planes":
        """Give the chosen planes."""
        return Planes(self.normals[chosen], self.offsets[chosen])


def candidate_planes(projections: NDArray[np.float64]) -> Planes:
    """Lay planes across the cloud of the data, (n_bins, rank), evenly in angle and offset.

    Angles are even in units of the data's standard deviations. Planes that have all data on one
    side would tilt the model only, as its linear term does.
    """
    rank = projections.shape[1]
    normals = _half_sphere(rank, _N_NORMALS[rank]) / projections.std(axis=0)
    along = projections @ normals.T
    low, high = np.quantile(along, [_TAIL, 1 - _TAIL], axis=0)
    shares = (np.arange(_N_OFFSETS[rank]) + 0.5) / _N_OFFSETS[rank]
    offsets = low[:, None] + (high - low)[:, None] * shares
    return Planes(np.repeat(normals, len(shares), axis=0), offsets.ravel())


def _half_sphere(rank: int, number: int) -> NDArray[np.float64]:
    """Unit vectors spread over half a sphere, (number, rank)."""
    if rank == 1:
        return np.ones((1, 1))
    if rank == 2:
        angles = np.pi * np.arange(number) / number
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(200 * number, rank))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    chosen = [drawn[0]]
    for _ in range(number - 1):  # the farthest from all so far, up to sign
        chosen.append(drawn[np.abs(drawn @ np.array(chosen).T).max(axis=1).argmin()])
    return np.array(chosen)
