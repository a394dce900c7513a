"""Whether a table of areas follows an order of areas that was known before."""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from popcode.analysis.areas.sums import Float
from popcode.errors import InputError

_STREAM = 32
_MOST_ENUMERATED = 7
_DRAWN = 5000


class OrderTest(NamedTuple):
    """Agreement of a table with an expected one.

    Attributes
    ----------
    spearman : float
        Rank correlation over all area pairs, each area with itself included.
    p : float
        Share of the ways to rename the areas that agree at least as well. Renaming keeps the
        difference of within and between, which therefore does not count.
    n_orders : int
        Ways looked at: all of them for up to 7 areas (720 for 6).
    """

    spearman: float
    p: float
    n_orders: int


def order_test(table: NDArray, expected: NDArray, seed: int = 0) -> OrderTest:
    """Test the order of areas in a table by renaming them (Mantel's test on ranks).

    Parameters
    ----------
    table, expected : ndarray, (n_areas, n_areas)
        Symmetric, areas in the same order.
    seed : int
        For more than 7 areas, where orders are drawn.

    Returns
    -------
    OrderTest

    Raises
    ------
    InputError
        Tables of different shapes, of fewer than 3 areas, or not finite.
    """
    observed, wanted = np.asarray(table, np.float64), np.asarray(expected, np.float64)
    if observed.shape != wanted.shape or len(observed) < 3:
        raise InputError(
            f"tables of shapes {observed.shape} and {wanted.shape}",
            remedy="Give two of the same 3 areas or more",
        )
    if not (np.isfinite(observed).all() and np.isfinite(wanted).all()):
        raise InputError("a table with entries that are not finite", remedy="Leave those areas out")
    upper = np.triu_indices(len(observed))
    ranks = np.empty_like(observed)
    ranks[upper] = rankdata(observed[upper])
    ranks.T[upper] = ranks[upper]
    reference = rankdata(wanted[upper])
    orders = _orders(len(observed), seed)
    # The first order is the one given.
    agreements = np.array([_correlation(ranks[np.ix_(o, o)][upper], reference) for o in orders])
    at_least = agreements >= agreements[0] - 1e-12
    return OrderTest(float(agreements[0]), float(at_least.mean()), len(orders))


def _orders(n_areas: int, seed: int) -> NDArray[np.int64]:
    if n_areas <= _MOST_ENUMERATED:
        return np.array(list(permutations(range(n_areas))))
    rng = np.random.default_rng((seed, _STREAM))
    drawn = [rng.permutation(n_areas) for _ in range(_DRAWN)]
    return np.array([np.arange(n_areas), *drawn])


def _correlation(x: Float, y: Float) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 0 else 0.0
