"""How alike the read-outs of trials are: all that the decoders need of them.

The decoders see read-outs z-scored over neurons, trial by trial (ours is this reading of the
published "z-scored read-outs"). Between such vectors all inner products, and so nearest means,
ridge regression and Euclidean distances, follow from correlations over neurons.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.memory.network import Readouts
from popcode.threads import Team

Float32 = NDArray[np.float32]
Delays = NDArray[np.intp]
_STREAM = 176


def delays_read(n_delays: int, n_trials: int, seed: int) -> Delays:
    """Which delay every trial is read out at, for every point of both curves.

    Returns
    -------
    ndarray of int, (2, n_delays, n_trials)
        First at a known time: all trials of point k at delay k. Then at an unknown one: each at
        any of the delays up to k, drawn anew at every point.
    """
    rng = np.random.default_rng((seed, _STREAM))
    points = np.arange(n_delays)[:, None]
    known = np.broadcast_to(points, (n_delays, n_trials))
    unknown = rng.integers(0, points + 1, (n_delays, n_trials))
    return np.stack([known, unknown]).astype(np.intp)


def correlations(
    team: Team, parts: Iterable[Readouts], constant: Float32, delays: Delays
) -> Float32:
    """Correlations over neurons between the read-outs of trials.

    Parameters
    ----------
    team : Team
    parts : iterable of Readouts
        All coordinates of the network, in parts.
    constant : ndarray, (n_neurons,)
        The unit vector in which all neurons are alike, in these coordinates.
    delays : ndarray of int, (n_points, n_trials)
        Which delay every trial is read out at.

    Returns
    -------
    ndarray of float32, (n_points, n_trials, n_trials)
    """
    n_points, n_trials = delays.shape
    products = np.zeros((n_points, n_trials, n_trials), np.float32)
    sums = np.zeros((n_points, n_trials), np.float32)
    for part in parts:
        along = constant[part.start : part.stop]
        team.run(
            partial(_add, products[p], sums[p], part.values, along, delays[p])
            for p in range(n_points)
        )
    team.run(partial(_normalise, products[p], sums[p]) for p in range(n_points))
    return products


def _add(products: Float32, sums: Float32, values: Float32, along: Float32, delays: Delays) -> None:
    read = values[delays, np.arange(len(delays))]
    products += read @ read.T
    sums += read @ along


def _normalise(products: Float32, sums: Float32) -> None:
    """Make inner products correlations; those of a read-out that is nowhere become 0."""
    products -= np.outer(sums, sums)
    norms = np.sqrt(np.maximum(np.diag(products), 0))
    with np.errstate(divide="ignore"):
        scale = np.where(norms > 0, 1 / norms, 0).astype(np.float32)
    products *= scale
    products *= scale[:, None]
