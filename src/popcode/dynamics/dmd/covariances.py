"""Covariances of a population with itself and with itself a lag later, block by block of bins."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.source import Read, block_rows
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
Int = NDArray[np.int64]

_TILE = 256  # columns of a covariance that one call fills


class LaggedCovariances(NamedTuple):
    """Means over pairs of bins (t, t + lag); nothing is subtracted.

    Attributes
    ----------
    same : ndarray, (n_neurons, n_neurons)
        <x(t) x(t)ᵀ>, over the first bins of the pairs.
    lagged : ndarray, (n_neurons, n_neurons)
        <x(t + lag) x(t)ᵀ>.
    n_pairs : int
    lag : int
        In bins.
    """

    same: Float
    lagged: Float
    n_pairs: int
    lag: int


def lagged_covariances(
    read: Read, starts: Int, lag: int, n_neurons: int, *, rows: int | None = None
) -> LaggedCovariances:
    """Covariances in one pass over blocks of bins, added up in float64.

    A block is multiplied in its own precision, and tile by tile: the same bits whatever the
    number of threads.

    Parameters
    ----------
    read : callable
        Gives the activity of bins start to stop.
    starts : ndarray of int, (n_pairs,)
        First bins of the pairs, increasing.
    lag : int
    n_neurons : int
    rows : int, optional
        Bins of a block.

    Returns
    -------
    LaggedCovariances
    """
    same, lagged = np.zeros((2, n_neurons, n_neurons))
    tiles = list(pieces(n_neurons, _TILE))
    with Team() as team:
        for _, now, later in pair_blocks(read, starts, lag, rows):
            team.run(
                [partial(_add_lower, same, now, *tile) for tile in tiles]
                + [partial(_add_product, lagged, later, now, *tile) for tile in tiles]
            )
    same /= starts.size
    lagged /= starts.size
    _mirror(same)
    return LaggedCovariances(same, lagged, int(starts.size), lag)


def covariance(read: Read, n_bins: int, n_neurons: int, *, rows: int | None = None) -> Float:
    """<x(t) x(t)ᵀ> over all bins, as `lagged_covariances`, (n_neurons, n_neurons)."""
    total = np.zeros((n_neurons, n_neurons))
    tiles = list(pieces(n_neurons, _TILE))
    with Team() as team:
        for start, stop in pieces(n_bins, rows or block_rows(n_neurons)):
            block = read(start, stop)
            team.run(partial(_add_lower, total, block, *tile) for tile in tiles)
    _mirror(total)
    return total / n_bins


def pair_blocks(
    read: Read, starts: Int, lag: int, rows: int | None = None
) -> Iterator[tuple[slice, NDArray[np.floating], NDArray[np.floating]]]:
    """Which pairs, their first and their second bins: those that start in the same `rows` bins."""
    if rows is None:
        rows = block_rows(read(0, 1).shape[1])
    for first, last in pieces(int(starts[-1]) + 1, rows):
        pairs = slice(*np.searchsorted(starts, (first, last)).tolist())
        chosen = starts[pairs]
        if chosen.size == 0:
            continue
        block = read(int(chosen[0]), int(chosen[-1]) + lag + 1)
        if chosen.size == chosen[-1] - chosen[0] + 1:  # without gaps: no copy
            yield pairs, block[: chosen.size], block[lag:]
        else:
            yield pairs, block[chosen - chosen[0]], block[chosen - chosen[0] + lag]


def _add_lower(total: Float, now: NDArray, start: int, stop: int) -> None:
    total[start:, start:stop] += now[:, start:].T @ now[:, start:stop]


def _add_product(total: Float, later: NDArray, now: NDArray, start: int, stop: int) -> None:
    total[:, start:stop] += later.T @ now[:, start:stop]


def _mirror(total: Float) -> None:
    """Fill what `_add_lower` leaves out."""
    for start, stop in pieces(len(total), _TILE):
        total[start:stop, stop:] = total[stop:, start:stop].T
