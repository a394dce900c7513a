"""Many values of a model against the data's, as counts in squares that a page can draw."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from popcode.metrics.evidence import Counts, Density, Values

N_SQUARES = 60
# Of the test data nearly all is shown; a model that is far off must not squeeze it into a corner.
_SHOWN, _BULK = (0.1, 99.9), (1.0, 99.0)
_ENOUGH = 1 << 20  # values that tell a percentile
_NOTHING = 1e-250  # near the least that a float can be, halves and thirds are no more
_BLOCK = 1 << 20  # values worked on at once


def density_of(test: Values, model: Values, train: Values, independent: Values) -> Density:
    """Count the pairs of values of models and test data in common squares.

    Parameters
    ----------
    test, model, train, independent : ndarray, shape (n_values,)
        One statistic, in the same order; it may be empty.

    Returns
    -------
    Density
        Each of its counts adds up to n_values.
    """
    edges = shared_edges(test, model, train)
    x = square_of(test, edges)
    counts = (
        count_squares(x, square_of(y, edges), len(edges) - 1) for y in (model, train, independent)
    )
    return Density(edges, *counts)


def shared_edges(test: Values, *others: Values, n_squares: int = N_SQUARES) -> Values:
    """Edges that show nearly all of the test data and the bulk of what it is compared with.

    Parameters
    ----------
    test : ndarray, shape (n_values,)
        Its 0.1st to 99.9th percentile is within.
    *others : ndarray, shape (n_values,)
        Their 1st to 99th percentiles are within.
    n_squares : int
        At most 255.

    Returns
    -------
    ndarray, shape (n_squares + 1,)
        Increasing, evenly spaced; around 0 or the one value where values do not vary.
    """
    ends = [_percentiles(test, _SHOWN), *(_percentiles(other, _BULK) for other in others)]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    if not np.isfinite(high - low):
        low, high = 0.0, 0.0
    size = max(abs(low), abs(high))
    size = 0.0 if size < _NOTHING else size
    # Edges nearer than rounding would not increase.
    if high - low <= 1e-9 * size or size == 0:
        low, high = low - (size or 1.0) / 2, high + (size or 1.0) / 2
    return np.linspace(low, high, n_squares + 1)


def square_of(values: Values, edges: Values) -> npt.NDArray[np.uint8]:
    """Which interval of the edges each value falls into, the outermost for values beyond.

    Parameters
    ----------
    values : ndarray, shape (n_values,)
    edges : ndarray, shape (n_squares + 1,)

    Returns
    -------
    ndarray of uint8, shape (n_values,)
        An interval holds its lower edge, the last one both.
    """
    inner = edges[1:-1]
    squares = np.empty(len(values), dtype=np.uint8)
    for part in _parts(len(values)):
        squares[part] = np.searchsorted(inner, values[part], side="right")
    return squares


def count_squares(
    x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8], n_squares: int = N_SQUARES
) -> Counts:
    """How many pairs fall into each square.

    Parameters
    ----------
    x, y : ndarray of uint8, shape (n_values,)
        From :func:`square_of`.
    n_squares : int

    Returns
    -------
    ndarray of int64, shape (n_squares, n_squares)
        Indexed [x, y].
    """
    counts = np.zeros(n_squares**2, dtype=np.int64)
    for part in _parts(len(x)):
        square = x[part].astype(np.int64) * n_squares + y[part]
        counts += np.bincount(square, minlength=n_squares**2)
    return counts.reshape(n_squares, n_squares)


def _percentiles(values: Values, percentages: tuple[float, float]) -> tuple[float, float]:
    some = values[:: len(values) // _ENOUGH + 1]
    some = some[np.isfinite(some)]
    if not some.size:
        return np.inf, -np.inf
    low, high = np.percentile(some, percentages)
    return float(low), float(high)


def _parts(n_values: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, n_values, _BLOCK)]
