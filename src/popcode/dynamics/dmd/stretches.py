"""Covariances of the components in each stretch of time by itself, to be drawn again."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.source import Source, block_rows
from popcode.errors import InputError
from popcode.recording.memory import refuse_beyond_memory
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
Int = NDArray[np.int64]
LEAST_STRETCHES = 5


class Stretches(NamedTuple):
    """Sums over the pairs of bins of each stretch, in the coordinates of the components.

    Attributes
    ----------
    same : ndarray, (n_stretches, n_components, n_components)
        Of y(t) y(t)ᵀ.
    lagged : ndarray, (n_stretches, n_components, n_components)
        Of y(t + lag) y(t)ᵀ.
    n_pairs : ndarray of int, (n_stretches,)
    """

    same: Float
    lagged: Float
    n_pairs: Int


def stretches_of(scores: NDArray[np.floating], starts: Int, units: Int, lag: int) -> Stretches:
    """Covariances of the components in each stretch.

    Parameters
    ----------
    scores : ndarray, (n_bins, n_components)
    starts : ndarray of int, (n_pairs,)
        First bins of the pairs.
    units : ndarray of int, (n_pairs,)
        Stretch of each pair, not decreasing from 0.
    lag : int

    Returns
    -------
    Stretches

    Raises
    ------
    InputError
        Fewer than 5 stretches, not enough memory.
    """
    counts = np.bincount(units)
    if counts.size < LEAST_STRETCHES:
        raise InputError(
            f"{counts.size} stretches of time cannot tell how much the result varies",
            remedy=f"Ask for at least {LEAST_STRETCHES}, and give a recording of as many pairs",
        )
    n_components = scores.shape[1]
    refuse_beyond_memory(16 * counts.size * n_components**2)
    same, lagged = np.zeros((2, counts.size, n_components, n_components))
    edges = np.concatenate(([0], np.cumsum(counts)))

    def fill(unit: int) -> None:
        chosen = starts[edges[unit] : edges[unit + 1]]
        now = scores[chosen]
        same[unit] = now.T @ now
        lagged[unit] = scores[chosen + lag].T @ now

    with Team() as team:
        team.run(partial(fill, unit) for unit in range(counts.size))
    return Stretches(same, lagged, counts)


def component_scores(source: Source, components: Float) -> NDArray[np.floating]:
    """Activity along each component, (n_bins, n_components), in the precision of the source."""
    refuse_beyond_memory(8 * source.n_bins * components.shape[1])
    blocks = list(pieces(source.n_bins, block_rows(source.n_neurons)))
    precision = source.read(0, 1).dtype
    axes = components.astype(precision)
    scores = np.empty((source.n_bins, components.shape[1]), precision)

    def fill(start: int, stop: int) -> None:
        scores[start:stop] = source.read(start, stop) @ axes

    with Team() as team:
        team.run(partial(fill, *block) for block in blocks)
    return scores
