"""An autocorrelation curve with its error, its halves and its shuffled band."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.autocorrelation import curves, lag_sums, resampled_weights
from popcode.metrics.jackknife import alternate_halves

N_BLOCKS, N_RESAMPLES, N_SHUFFLES = 40, 200, 20
# The curve is followed down to here, or to twice its error.
FLOOR = 0.05
# Shuffled curves exceed this many of their standard deviations once in 30,000 lags.
NULL_DEVIATIONS = 4.0

Values = npt.NDArray[np.float64]


class Curve(NamedTuple):
    """An autocorrelation with what bounds it, from lag 0 on, each of shape (max_lag + 1,).

    Attributes
    ----------
    value, error : the curve and its standard error over resampled blocks
    halves : of the two halves that alternate block by block, shape (2, max_lag + 1)
    resampled : of resampled blocks, shape (n_resamples, max_lag + 1)
    null_low, null_high : 4 standard deviations about the mean of shuffled bins
    window : number of lags from 1 on before the curve has sunk to 0.05 or twice its error
    relaxes : whether lag 1 is above the shuffled band; if not, there is no time in it
    """

    value: Values
    error: Values
    halves: Values
    resampled: Values
    null_low: Values
    null_high: Values
    window: int
    relaxes: bool


def measured_curve(
    activity: npt.NDArray, segment_starts: npt.NDArray, max_lag: int, rng: np.random.Generator
) -> Curve:
    """Autocorrelation with its error, halves, resamples and shuffled band.

    Where segments repeat one stimulus, the error is that of other repeats, not of other stimuli.

    Parameters
    ----------
    activity : ndarray, shape (n_bins,)
    segment_starts : ndarray of int, shape (n_segments,)
    max_lag : int
    rng : numpy.random.Generator

    Returns
    -------
    Curve

    Raises
    ------
    InputError
        No stretch is longer than the largest lag.
    """
    sums = lag_sums(activity, segment_starts, max_lag, N_BLOCKS)
    n_blocks = len(sums.counts)
    value = curves(sums, np.ones((1, n_blocks)))[0]
    resampled = curves(sums, resampled_weights(n_blocks, N_RESAMPLES, rng))
    error = resampled.std(axis=0)
    low, high = _shuffled_band(activity, segment_starts, max_lag, rng)
    sunk = np.flatnonzero(~(value[1:] > np.maximum(FLOOR, 2 * error[1:])))
    return Curve(
        value=value,
        error=error,
        halves=curves(sums, alternate_halves(n_blocks)),
        resampled=resampled,
        null_low=low,
        null_high=high,
        window=int(sunk[0]) if sunk.size else max_lag,
        relaxes=bool(value[1] > high[1]),
    )


def _shuffled_band(
    activity: npt.NDArray, segment_starts: npt.NDArray, max_lag: int, rng: np.random.Generator
) -> tuple[Values, Values]:
    """Lags of shuffled bins differ in their number of pairs alone: one deviation serves all."""
    shuffled = np.empty((N_SHUFFLES, max_lag + 1))
    for k in range(N_SHUFFLES):
        sums = lag_sums(rng.permutation(activity), segment_starts, max_lag, 1)
        shuffled[k] = curves(sums, np.ones((1, len(sums.counts))))[0]
    roots = np.sqrt(sums.counts.sum(axis=0))
    centre = shuffled[:, 1:].mean()
    spread = NULL_DEVIATIONS * ((shuffled[:, 1:] - centre) * roots[1:]).std() / roots
    return centre - spread, centre + spread
