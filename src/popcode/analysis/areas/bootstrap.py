"""Intervals of area tables: what another draw of neurons from the same areas would give."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.areas.grouping import Areas
from popcode.analysis.areas.sums import Float, drawn_means, off_diagonal
from popcode.analysis.areas.tables import within_between

_STREAM = 33


class TableInterval(NamedTuple):
    """95 % intervals by resampling neurons.

    Attributes
    ----------
    low, high : ndarray, (n_areas, n_areas)
        Of the table of means.
    difference : (float, float)
        Of the mean within minus the mean between areas.
    ratio : (float, float)
        Of the mean within over the mean between areas.
    """

    low: Float
    high: Float
    difference: tuple[float, float]
    ratio: tuple[float, float]


def resampled(rows: NDArray[np.int64], n_neurons: int, rng: np.random.Generator) -> Float:
    """How often each neuron is drawn when `rows` are drawn with replacement, (n_neurons,)."""
    drawn = rows[rng.integers(rows.size, size=rows.size)]
    return np.bincount(drawn, minlength=n_neurons).astype(np.float64)


def table_interval(
    values: NDArray, areas: Areas, n_resamples: int = 300, seed: int = 0
) -> TableInterval:
    """Resample the neurons of the areas; pairs of a neuron with its own copy do not count.

    Parameters
    ----------
    values : ndarray, (n_neurons, n_neurons)
        Symmetric, the diagonal is not looked at.
    areas : Areas
    n_resamples, seed : int

    Returns
    -------
    TableInterval

    Raises
    ------
    InputError
        A matrix that is not square, symmetric and finite.
    """
    matrix, placed = off_diagonal(values), areas.placed
    rng = np.random.default_rng((seed, _STREAM))

    def draw(n: int) -> Float:
        counts = np.stack([resampled(placed, len(matrix), rng) for _ in range(n)])
        return counts[:, :, None] * areas.member

    means = drawn_means(matrix, draw, n_resamples)
    within, between = within_between(means)
    low, high = interval(means.tables)
    positive = np.where(between > 0, between, np.nan)
    return TableInterval(low, high, _ends(within - between), _ends(within / positive))


def interval(drawn: Float) -> tuple[Float, Float]:
    """Ends of the middle 95 % of draws, the first axis; nan where a draw is not known."""
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return low, high


def _ends(drawn: Float) -> tuple[float, float]:
    low, high = interval(drawn)
    return float(low), float(high)
