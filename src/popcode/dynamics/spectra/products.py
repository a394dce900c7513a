"""Products with standardised activity, a block of bins at a time, the same bits on any threads.

Threads share fixed pieces of the result, never a sum: no bit depends on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.standardised import Standardised
from popcode.threads import Team, pieces

PIECE = 512  # rows or columns of a result that one thread computes at a time
Single = NDArray[np.float32]
Values = NDArray[np.float64]


class Matrix(Protocol):
    """A matrix that is known by its products."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n_rows, n_columns)."""

    def products(self, left: Single, right: Single) -> tuple[Values, Values]:
        """The matrix times `right` (n_columns, k), and its transpose times `left` (n_rows, k)."""


class ActivityMatrix(NamedTuple):
    """Z / sqrt(n_bins), (n_bins, n_neurons): its singular values squared are the spectrum."""

    activity: Standardised
    team: Team

    @property
    def shape(self) -> tuple[int, int]:
        """(n_bins, n_neurons)."""
        return self.activity.n_bins, self.activity.n_neurons

    def products(self, left: Single, right: Single) -> tuple[Values, Values]:
        """In one pass over the bins."""
        of_bins = np.empty((self.shape[0], right.shape[1]))
        of_neurons = np.zeros((self.shape[1], left.shape[1]))
        for rows, z in self.activity.blocks(self.team):
            multiply(self.team, z, right, of_bins[rows])
            add_transposed(self.team, z, left[rows], of_neurons)
        root = np.sqrt(self.shape[0])
        return of_bins / root, of_neurons / root


class CrossCovariance(NamedTuple):
    """Covariance between the first `n_first` neurons and the others, (n_first, n_others)."""

    activity: Standardised
    n_first: int
    team: Team

    @property
    def shape(self) -> tuple[int, int]:
        """(n_first, n_others)."""
        return self.n_first, self.activity.n_neurons - self.n_first

    def products(self, left: Single, right: Single) -> tuple[Values, Values]:
        """In one pass over the bins."""
        of_first, of_others = (
            np.zeros((n, k.shape[1])) for n, k in zip(self.shape, (right, left), strict=True)
        )
        for _, z in self.activity.blocks(self.team):
            first, others = z[:, : self.n_first], z[:, self.n_first :]
            add_transposed(self.team, first, projected(self.team, others, right), of_first)
            add_transposed(self.team, others, projected(self.team, first, left), of_others)
        return of_first / self.activity.n_bins, of_others / self.activity.n_bins


def projected(team: Team, z: NDArray, vectors: NDArray) -> NDArray:
    """Rows of z on some vectors, (n_rows, n_vectors)."""
    out = np.empty((len(z), vectors.shape[1]), dtype=z.dtype)
    multiply(team, z, vectors, out)
    return out


def multiply(team: Team, z: NDArray, vectors: NDArray, out: NDArray) -> None:
    """Overwrite `out` with z @ vectors."""
    team.run(partial(_multiply, z, vectors, out, *cut) for cut in pieces(len(z), PIECE))


def add_transposed(team: Team, z: NDArray, vectors: NDArray, out: NDArray) -> None:
    """Add z.T @ vectors to `out`, (n_columns, n_vectors)."""
    team.run(partial(_add, z, vectors, out, *cut) for cut in pieces(z.shape[1], PIECE))


def _multiply(z: NDArray, vectors: NDArray, out: NDArray, start: int, stop: int) -> None:
    out[start:stop] = z[start:stop] @ vectors


def _add(z: NDArray, vectors: NDArray, out: NDArray, start: int, stop: int) -> None:
    out[start:stop] += z[:, start:stop].T @ vectors


def _add_above(z: Values, total: Values, start: int, stop: int) -> None:
    """Columns of z^T z down to the diagonal (and the rest of its block)."""
    total[:stop, start:stop] += z[:, :stop].T @ z[:, start:stop]


def accumulated(
    activity: Standardised,
    shape: tuple[int, int],
    add: Callable[[Values, Values], None],
    team: Team,
) -> Values:
    """A sum over blocks of bins in float64, divided by the number of bins.

    Parameters
    ----------
    activity : Standardised
    shape : (int, int)
    add : callable
        (block of bins, sum so far): adds to the second.
    team : Team
    """
    total = np.zeros(shape)
    for _, z in activity.blocks(team):
        add(z.astype(np.float64), total)
    total /= activity.n_bins
    return total


def covariance(activity: Standardised, team: Team) -> Values:
    """Z^T Z / n_bins, (n_neurons, n_neurons)."""
    n = activity.n_neurons

    def add(z: Values, total: Values) -> None:
        team.run(partial(_add_above, z, total, *cut) for cut in pieces(n, PIECE))

    above = accumulated(activity, (n, n), add, team)
    return np.triu(above) + np.triu(above, 1).T


def cross_covariance(activity: Standardised, n_first: int, team: Team) -> Values:
    """Covariance of the first `n_first` neurons with the others, (n_first, n_others)."""

    def add(z: Values, total: Values) -> None:
        add_transposed(team, z[:, :n_first], z[:, n_first:], total)

    return accumulated(activity, (n_first, activity.n_neurons - n_first), add, team)
