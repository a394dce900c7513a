"""The exponent of a spectrum: a straight line through log value against log rank."""

from __future__ import annotations

import warnings
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError, PopcodeWarning

RANKS = (11, 500)
FEWEST_RANKS = 5
Weights = Literal["inverse_rank", "inverse_log_rank", "equal"]


class PowerLaw(NamedTuple):
    """The law value = exp(intercept) * rank ** -exponent.

    Attributes
    ----------
    exponent : float
    intercept : float
        Log of the law at rank 1.
    ranks : (int, int)
        First and last rank of the fit, counted from 1.
    r_squared : float
        Share of the (weighted) variance of the log values that the line explains.
    n_negative : int
        Values in the range that were negative, of which the size was taken: cross-validated
        spectra scatter around zero where there is no reliable variance left.
    """

    exponent: float
    intercept: float
    ranks: tuple[int, int]
    r_squared: float
    n_negative: int

    def at(self, ranks: Any) -> NDArray[np.float64]:
        """The law at some ranks, counted from 1."""
        return np.exp(self.intercept) * np.asarray(ranks, dtype=np.float64) ** -self.exponent


def fit_power_law(
    values: Any, ranks: tuple[int, int] = RANKS, *, weights: Weights = "inverse_rank"
) -> PowerLaw:
    """Fit a power law to a spectrum by weighted least squares of log |value| on log rank.

    Parameters
    ----------
    values : array-like (n_values,)
        Largest first.
    ranks : (int, int)
        First and last rank, counted from 1. Of a spectrum that ends before the last, ranks up to
        half its length are taken, with a PopcodeWarning; `ranks` of the result says which.
    weights : {"inverse_rank", "inverse_log_rank", "equal"}
        Of each rank. The published code weighs by 1 / rank; the article's text says by
        1 / log(rank).

    Returns
    -------
    PowerLaw

    Raises
    ------
    InputError
        Fewer than five ranks, values that are zero or not finite, unknown weights.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026); Stringer et al., Nature 571, 361-365 (2019).

    Examples
    --------
    >>> import numpy as np
    >>> round(fit_power_law(np.arange(1, 1001) ** -0.7).exponent, 6)
    0.7
    """
    spectrum = np.asarray(values, dtype=np.float64).ravel()
    first, last = _ranks_within(spectrum.size, ranks)
    window = spectrum[first - 1 : last]
    _refuse_no_logarithm(window, first)
    rank = np.arange(first, last + 1, dtype=np.float64)
    weight = _weights(rank, weights)
    x, y = np.log(rank), np.log(np.abs(window))
    x_mean, y_mean = np.average(x, weights=weight), np.average(y, weights=weight)
    variance = np.average((x - x_mean) ** 2, weights=weight)
    slope = np.average((x - x_mean) * (y - y_mean), weights=weight) / variance
    total = np.average((y - y_mean) ** 2, weights=weight)
    explained = slope**2 * variance / total if total > 0 else 1.0
    return PowerLaw(
        exponent=float(-slope),
        intercept=float(y_mean - slope * x_mean),
        ranks=(first, last),
        r_squared=float(explained),
        n_negative=int(np.count_nonzero(window < 0)),
    )


def _ranks_within(n_values: int, ranks: tuple[int, int]) -> tuple[int, int]:
    first, last = (int(rank) for rank in ranks)
    if n_values < last:
        last = n_values // 2
    if first < 1 or last - first + 1 < FEWEST_RANKS:
        raise InputError(
            f"ranks {ranks[0]} to {ranks[1]} of a spectrum of {n_values:,} values leave fewer "
            f"than {FEWEST_RANKS} to fit",
            remedy="Give other ranks, or more neurons and bins",
        )
    if last != int(ranks[1]):
        warnings.warn(
            f"the spectrum has {n_values:,} values: the power law is fitted to ranks "
            f"{first} to {last} and not to {ranks[1]}; exponents of other ranges differ",
            PopcodeWarning,
            stacklevel=3,
        )
    return first, last


def _refuse_no_logarithm(window: NDArray[np.float64], first: int) -> None:
    bad = np.flatnonzero(~np.isfinite(window) | (window == 0))
    if bad.size:
        raise InputError(
            f"the value is {window[bad[0]]:g}, which has no logarithm",
            where=f"rank {first + int(bad[0])}",
            remedy="Fit fewer ranks",
        )


def _weights(rank: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    if weights == "inverse_rank":
        return 1 / rank
    if weights == "inverse_log_rank":
        return 1 / np.log(np.maximum(rank, 2))  # rank 1 has no weight of its own: that of rank 2
    if weights == "equal":
        return np.ones_like(rank)
    raise InputError(
        f"unknown weights {weights!r}", remedy="Use inverse_rank, inverse_log_rank or equal"
    )
