"""How many states lie where along a few directions: the entropy of tilted neurons on a mesh."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

from popcode.rbm.exact import all_states
from popcode.rbm.pretraining.directions import Directions

# Nodes an axis, by rank: at most 9e4 points.
_NODES = {1: 801, 2: 151, 3: 41, 4: 17}
# With no more neurons than this every state is a point.
_MAX_ENUMERATED = 16
# Share of an axis's nodes within the reach of the data; the others go on to the last state.
_DENSE_SHARE = 0.7
# Numbers held at once, by any array.
_BLOCK = 2_000_000
_NEWTON_STEPS, _TOLERANCE = 60, 1e-8
# Largest change of a neuron's field in one step.
_LARGEST_STEP = 2.0
# Fields beyond which a neuron has one state, so that the mesh point lies at the edge.
_LARGEST_FIELD = 30.0
_N_SIDES = 64


class Mesh(NamedTuple):
    """Points of the space of projections, with what independent neurons put there.

    Attributes
    ----------
    points : ndarray of float64, (n_points, rank)
        Projections m.
    log_mass : ndarray of float64, (n_points,)
        Logarithm of the probability of the point's cell under independent neurons; the masses
        sum to 1.
    """

    points: NDArray[np.float64]
    log_mass: NDArray[np.float64]


def mesh_over(directions: Directions, projections: NDArray[np.float64]) -> Mesh:
    """Lay points over all projections that states can have, densest where the data lie.

    Every state is a point of its own where there are few neurons; more have a mesh.

    Parameters
    ----------
    directions : Directions
    projections : ndarray of float64, (n_bins, rank)
        Of the data.
    """
    if len(directions.rates) <= _MAX_ENUMERATED:
        return _every_state(directions)
    return _saddle_points(directions, projections)


def _every_state(directions: Directions) -> Mesh:
    states = all_states(len(directions.rates)).astype(np.float32)
    log_mass = states @ directions.fields - np.logaddexp(0, directions.fields).sum()
    return Mesh(directions.project(states), log_mass)


def _saddle_points(directions: Directions, projections: NDArray[np.float64]) -> Mesh:
    r"""Lay a mesh, with the saddle point's density of m under independent neurons.

        log p(m) = K(mu) - mu . m - (1/2) log det(2 pi K''(mu)),   K'(mu) = m,
        K(mu) = sum_i log(1 - p_i + p_i exp(d_i . mu)) - mu . sum_i p_i d_i

    The first two terms are the entropy of the states at m relative to the independent ones.

    References
    ----------
    H. E. Daniels, Ann. Math. Stat. 25, 631 (1954); for the model, Bereux et al., SciPost Phys.
    14, 032 (2023), whose uniform measure is here that of the neurons' own rates.
    """
    low, high = _reach(directions)
    nodes = [
        _nodes(*each, number=_NODES[len(low)])
        for each in zip(low, high, projections.min(axis=0), projections.max(axis=0), strict=True)
    ]
    points = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1).reshape(-1, len(low))
    widths = np.meshgrid(*[np.log(np.gradient(each)) for each in nodes], indexing="ij")
    log_volume = np.sum(widths, axis=0).ravel()
    inside = _within(directions, points)
    points, log_volume = points[inside], log_volume[inside]
    size = max(_BLOCK // len(directions.rates), 1)
    parts = [_solved(directions, points[a : a + size]) for a in range(0, len(points), size)]
    log_density, found = (np.concatenate(each) for each in zip(*parts, strict=True))
    log_mass = log_density[found] + log_volume[found]
    return Mesh(points[found], log_mass - logsumexp(log_mass))


def _reach(directions: Directions) -> tuple[NDArray, NDArray]:
    """Least and largest projection of any state on each direction."""
    vectors, offset = directions.vectors, directions.rates @ directions.vectors
    return np.minimum(vectors, 0).sum(axis=0) - offset, np.maximum(vectors, 0).sum(axis=0) - offset


def _nodes(low: float, high: float, least: float, largest: float, number: int) -> NDArray:
    """Nodes from `low` to `high` (both left out), most of them around `least` to `largest`."""
    dense_low, dense_high = max(least - 2, low), min(largest + 2, high)
    outside = (dense_low - low) + (high - dense_high)
    sparse = (1 - _DENSE_SHARE) * number / max(outside, 1e-9 * (high - low))
    n_below, n_above = round(sparse * (dense_low - low)), round(sparse * (high - dense_high))
    edges = np.concatenate(
        [
            np.linspace(low, dense_low, n_below, endpoint=False),
            np.linspace(dense_low, dense_high, number - n_below - n_above, endpoint=False),
            np.linspace(dense_high, high, n_above + 1),
        ]
    )
    return (edges[1:] + edges[:-1]) / 2


def _within(directions: Directions, points: NDArray) -> NDArray[np.bool_]:
    """Whether points pass for projections of some mixture of states, seen from many sides."""
    rng = np.random.default_rng(0)
    sides = rng.normal(size=(points.shape[1], _N_SIDES))
    sides = np.hstack([sides, -sides])
    along = directions.vectors @ sides
    return (points @ sides < np.maximum(along, 0).sum(axis=0) - directions.rates @ along).all(1)


def _solved(directions: Directions, points: NDArray) -> tuple[NDArray, NDArray]:
    """Log densities of a block of points, and whether Newton's method found their tilts."""
    tilts, half_log_det, found = _tilts(directions, points)
    vectors, fields = directions.vectors, directions.fields
    log_density = np.full(len(points), -np.inf)
    tilted = tilts[found]
    cumulant = np.logaddexp(0, fields + tilted @ vectors.T).sum(axis=1)
    work = (tilted * (points[found] + directions.rates @ vectors)).sum(axis=1)
    log_density[found] = cumulant - np.logaddexp(0, fields).sum() - work - half_log_det[found]
    return log_density, found


def _tilts(directions: Directions, points: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Tilts with mean projections at the points, (1/2) log det of their covariance, and success."""
    vectors, fields = directions.vectors, directions.fields
    targets = points + directions.rates @ vectors
    tolerance = _TOLERANCE * (1 + np.abs(points).max(axis=1))
    tilts, half_log_det = np.zeros_like(points), np.zeros(len(points))
    found, moving = np.zeros(len(points), bool), np.arange(len(points))
    for _ in range(_NEWTON_STEPS):
        active = expit(fields + tilts[moving] @ vectors.T)
        gap = targets[moving] - active @ vectors
        covariance = _covariance(active, vectors)
        determinant = np.linalg.det(covariance)
        solvable = determinant > np.finfo(float).tiny
        done = solvable & (np.abs(gap).max(axis=1) < tolerance[moving])
        half_log_det[moving[done]] = np.log(determinant[done]) / 2
        found[moving[done]] = True
        left = solvable & ~done
        moving = moving[left]
        if not moving.size:
            break
        step = np.linalg.solve(covariance[left], gap[left][..., None])[..., 0]
        largest = np.abs(step @ vectors.T).max(axis=1)
        tilts[moving] += step * np.minimum(1, _LARGEST_STEP / largest)[:, None]
        moving = moving[np.abs(tilts[moving] @ vectors.T).max(axis=1) < _LARGEST_FIELD]
    return tilts, half_log_det, found


def _covariance(active: NDArray, vectors: NDArray) -> NDArray[np.float64]:
    """Covariances of the projections, (n_points, rank, rank), of neurons with rates `active`."""
    rank = vectors.shape[1]
    row, column = np.triu_indices(rank)
    covariance = np.empty((len(active), rank, rank))
    upper = (active * (1 - active)) @ (vectors[:, row] * vectors[:, column])
    covariance[:, row, column] = upper
    covariance[:, column, row] = upper
    return covariance
