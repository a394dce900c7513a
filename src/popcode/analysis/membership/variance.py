"""Two-way analysis of variance of a grid of fits, balanced or not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as f_law

from popcode.errors import InputError

Float = NDArray[np.float64]
# A residual below this share of the total is rounding.
_ROUNDING = 1e-12


class Effect(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    sum_of_squares : float
        Of type II: beyond the other factor, and for the interaction beyond both.
    degrees : int
        Of freedom.
    f, p : float
        nan where nothing is left to judge by.
    share : float
        Of the total sum of squares (eta squared).
    """

    sum_of_squares: float
    degrees: int
    f: float
    p: float
    share: float


class TwoWay(NamedTuple):
    """Effects of two factors, of their interaction, and what neither explains."""

    first: Effect
    second: Effect
    interaction: Effect
    residual: Effect


def two_way_variance(values: ArrayLike, first: ArrayLike, second: ArrayLike) -> TwoWay:
    """Analyse values by two factors and their interaction, by exact least squares.

    Sums of squares of type II (Langsrud, Statistics and Computing 13:163, 2003), those of the
    classical table where the design is balanced; cells may be empty. Without a second fit in any
    cell the interaction cannot be told from noise: it takes its place in the F ratios.

    Parameters
    ----------
    values : array_like, (n,)
        One a fit, such as the mean size of its assemblies.
    first, second : array_like, (n,)
        Levels of the factors, such as the number of hidden units and the penalty.

    Returns
    -------
    TwoWay

    Raises
    ------
    InputError
        Values that are not finite, different lengths, a factor with one level.
    """
    y, a, b = _checked(values, first, second)
    designs = [_dummies(a), _dummies(b), np.hstack([_dummies(a), _dummies(b)]), _cells(a, b)]
    (rss_a, rank_a), (rss_b, rank_b), (rss_ab, rank_ab), (rss_cells, rank_cells) = (
        _residual(y, design) for design in designs
    )
    total = float(((y - y.mean()) ** 2).sum())
    left = rss_cells if len(y) > rank_cells else rss_ab
    left_degrees = len(y) - (rank_cells if len(y) > rank_cells else rank_ab)
    error = left if left > _ROUNDING * total else 0.0

    def effect(squares: float, degrees: int, judged: bool = True) -> Effect:
        squares = squares if squares > _ROUNDING * total else 0.0
        share = squares / total if total > 0 else float("nan")
        if not (judged and degrees and left_degrees and (error or squares)):
            return Effect(squares, degrees, float("nan"), float("nan"), share)
        ratio = (squares / degrees) / (error / left_degrees) if error else float("inf")
        p = float(f_law.sf(ratio, degrees, left_degrees))
        return Effect(squares, degrees, ratio, p, share)

    replicated = len(y) > rank_cells
    return TwoWay(
        effect(rss_b - rss_ab, rank_ab - rank_b),
        effect(rss_a - rss_ab, rank_ab - rank_a),
        effect(rss_ab - rss_cells, rank_cells - rank_ab, replicated),
        effect(rss_cells, len(y) - rank_cells, False),
    )


def _checked(
    values: ArrayLike, first: ArrayLike, second: ArrayLike
) -> tuple[Float, NDArray, NDArray]:
    y = np.asarray(values, np.float64)
    a, b = (np.unique(np.asarray(each), return_inverse=True)[1].ravel() for each in (first, second))
    if not y.shape == a.shape == b.shape or y.ndim != 1:
        raise InputError(
            f"{y.size} values, {a.size} and {b.size} levels", remedy="Give one of each a fit"
        )
    if not np.isfinite(y).all():
        raise InputError(
            f"{(~np.isfinite(y)).sum()} values are not finite", remedy="Leave those fits out"
        )
    for name, levels in (("first", a), ("second", b)):
        if levels.max(initial=0) < 1:
            raise InputError(f"the {name} factor has one level", remedy="Give two or more")
    return y, a, b


def _dummies(levels: NDArray) -> Float:
    return np.eye(levels.max() + 1)[levels]


def _cells(a: NDArray, b: NDArray) -> Float:
    return _dummies(np.unique(a * (b.max() + 1) + b, return_inverse=True)[1])


def _residual(y: Float, design: Float) -> tuple[float, int]:
    """Residual sum of squares and rank of a linear model."""
    coefficients, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    return float(((y - design @ coefficients) ** 2).sum()), int(rank)
