"""Two Gaussians fitted to the values of each hidden unit: its levels and the point between them.

van der Plas et al. 2023 (eLife 12:e83139), Methods: a mixture of two Gaussians a unit; the
transition point is the mean of their means.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.dynamics.mixture import NARROWEST, climb
from popcode.analysis.dynamics.segments import checked_starts, phase_randomised
from popcode.errors import InputError
from popcode.metrics.wells import two_wells

Float = NDArray[np.float64]
_LOG_2PI = float(np.log(2 * np.pi))
# Of a range of some ten deviations: a hundredth of one, the narrowest Gaussian.
_N_BARS = 1000
_GRID = 400
_DEEP = 0.5
_STREAM = 75


class TwoLevels(NamedTuple):
    """Two Gaussians a unit, (n_hidden,) each; nan for a unit that does not vary.

    Attributes
    ----------
    low, high : ndarray
        Their means.
    low_deviation, high_deviation : ndarray
    high_share : ndarray
        Weight of the upper one.
    transition : ndarray
        (low + high) / 2, the article's border between inactive and active.
    gain : ndarray
        Log-likelihood over that of one Gaussian, in nats a bin.
    valley : ndarray
        Fitted density at the lowest point between the levels over its lower peak: 1 without a
        valley. Two Gaussians also fit a skewed or heavy-tailed single hump better than one does;
        a valley is what bimodal means.
    """

    low: Float
    high: Float
    low_deviation: Float
    high_deviation: Float
    high_share: Float
    transition: Float
    gain: Float
    valley: Float

    @property
    def two_modes(self) -> NDArray[np.bool_]:
        """Units whose valley is below 0.5; that of a uniform law, one plateau, is about 0.6."""
        return self.valley < _DEEP


def fit_two_levels(traces: NDArray[np.floating]) -> TwoLevels:
    """Fit two Gaussians to each trace by expectation maximisation.

    It starts from the exact two-means split, so that no seed is needed.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_hidden)
        E[h|v] of every bin.

    Returns
    -------
    TwoLevels

    Raises
    ------
    InputError
        Fewer than two bins, values that are not finite.
    """
    values = _checked(traces)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    varies = deviation > 1e-9 * np.maximum(np.abs(mean), 1e-300)
    scaled = (values[:, varies] - mean[varies]) / deviation[varies]
    found = np.full((6, len(mean)), np.nan)
    found[:, varies] = _mixtures(scaled)
    share, low, high, low_deviation, high_deviation, likelihood = found
    one = -0.5 * (_LOG_2PI + 1)
    return TwoLevels(
        low=mean + deviation * low,
        high=mean + deviation * high,
        low_deviation=deviation * low_deviation,
        high_deviation=deviation * high_deviation,
        high_share=share,
        transition=mean + deviation * (low + high) / 2,
        gain=likelihood - one,
        valley=_valley(share, low, high, low_deviation, high_deviation),
    )


def chance_gain(
    traces: NDArray[np.floating],
    segment_starts: NDArray[np.int64],
    *,
    n_surrogates: int = 19,
    seed: int = 0,
) -> Float:
    """Gain of two Gaussians on Gaussian traces of the same spectra: the control of bimodality.

    Slow traces visit few values, and two Gaussians fit few values better than one.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_hidden)
    segment_starts : ndarray of int, (n_segments,)
    n_surrogates : int
        The largest of 19 is exceeded by chance once in 20.
    seed : int

    Returns
    -------
    ndarray, (n_surrogates, n_hidden)
        In nats a bin, to be compared with `TwoLevels.gain`.

    Raises
    ------
    InputError
        As `fit_two_levels`; no surrogate, segments that do not increase from 0.
    """
    if n_surrogates < 1:
        raise InputError(f"{n_surrogates} surrogates", remedy="Give at least 1")
    values, starts = _checked(traces), checked_starts(segment_starts, len(traces))
    rng = np.random.default_rng((seed, _STREAM))
    gains = [
        fit_two_levels(phase_randomised(values, starts, rng)).gain for _ in range(n_surrogates)
    ]
    return np.array(gains)


def _checked(traces: NDArray[np.floating]) -> Float:
    values = np.asarray(traces, np.float64)
    if values.ndim != 2 or len(values) < 2:
        raise InputError(
            f"traces of shape {values.shape}", remedy="Give (n_bins, n_hidden), two bins or more"
        )
    if not np.isfinite(values).all():
        raise InputError("traces that are not finite", remedy="Fit the model again")
    return values


def _mixtures(values: Float) -> Float:
    """Share, means, deviations and log-likelihood a bin of every column, (6, n_columns)."""
    found = np.empty((6, values.shape[1]))
    for k, column in enumerate(values.T):
        found[:, k] = climb(*_histogram(column), _start(column))
    swapped = found[1] > found[2]
    found[:, swapped] = found[np.array([0, 2, 1, 4, 3, 5])][:, swapped]
    found[0, swapped] = 1 - found[0, swapped]
    return found


def _histogram(column: Float) -> tuple[Float, Float]:
    """Values as the means of fine bars and how many each holds: no fit sees the difference."""
    low, high = column.min(), column.max()
    bars = np.minimum(((column - low) / (high - low) * _N_BARS).astype(np.int64), _N_BARS - 1)
    counts = np.bincount(bars, minlength=_N_BARS)
    sums = np.bincount(bars, column, minlength=_N_BARS)
    filled = counts > 0
    return sums[filled] / counts[filled], counts[filled].astype(np.float64)


def _start(column: Float) -> Float:
    wells = two_wells(column)
    upper = column > (wells.low + wells.high) / 2
    spreads = np.maximum((column[~upper].std(), column[upper].std()), NARROWEST)
    return np.array([upper.mean(), wells.low, wells.high, *spreads])


def _valley(
    share: Float, low: Float, high: Float, low_deviation: Float, high_deviation: Float
) -> Float:
    """Smallest ratio of the density at a point between the means to the lower peak beside it."""
    at = low + (high - low) * np.linspace(0, 1, _GRID)[:, None]
    density = (1 - share) / low_deviation * np.exp(-(((at - low) / low_deviation) ** 2) / 2)
    density = density + share / high_deviation * np.exp(-(((at - high) / high_deviation) ** 2) / 2)
    before = np.maximum.accumulate(density, axis=0)
    after = np.maximum.accumulate(density[::-1], axis=0)[::-1]
    return (density / np.minimum(before, after)).min(axis=0)
