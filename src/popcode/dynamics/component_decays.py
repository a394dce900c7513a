"""Decays of correlograms with what drawing the stretches of time again says of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from popcode.dynamics.correlograms import PieceCorrelograms
from popcode.dynamics.exponential_decay import Decays, fit_decays

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
_STREAM = 0x7C
FALSE_SHARE = 0.05


class Drawn(NamedTuple):
    """A value for each component, as measured and with units of time drawn again.

    Attributes
    ----------
    value : ndarray, (n_components,)
    resamples : ndarray, (n_resamples, n_components)
    """

    value: Float
    resamples: Float


class ComponentDecays(NamedTuple):
    """What the correlograms of the components say.

    Attributes
    ----------
    correlograms : ndarray, (n_components, n_lags + 1)
        Divided by lag 0.
    early : Drawn
        Mean over the early lags.
    log_timescale : Drawn
        Natural logarithm of bins; nan where there is no decay of positive amplitude.
    correlated : ndarray of bool, (n_components,)
    """

    correlograms: Float
    early: Drawn
    log_timescale: Drawn
    correlated: Mask


def component_decays(
    pieces: PieceCorrelograms,
    candidates: Decays,
    early_lags: tuple[int, int],
    n_resamples: int,
    seed: int,
) -> ComponentDecays:
    """Measure correlograms, and again with the units of time drawn with replacement.

    Parameters
    ----------
    pieces : PieceCorrelograms
    candidates : Decays
    early_lags : (int, int)
        First and last.
    n_resamples, seed : int

    Returns
    -------
    ComponentDecays
    """
    n_units = len(pieces.sums)
    rng = np.random.default_rng((seed, _STREAM))
    draws = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=n_resamples)
    whole = _mean_correlogram(pieces, np.ones(n_units))
    early, log_timescale = np.empty((2, n_resamples, whole.shape[1]))
    for k, counts in enumerate(draws.astype(np.float64)):
        again = _mean_correlogram(pieces, counts)
        early[k] = _early(again, early_lags)
        log_timescale[k] = np.log(fit_decays(again[1:], candidates))
    return ComponentDecays(
        (whole / _nonzero(whole[0])).T,
        Drawn(_early(whole, early_lags), early),
        Drawn(np.log(fit_decays(whole[1:], candidates)), log_timescale),
        correlated_components(pieces),
    )


def correlated_components(pieces: PieceCorrelograms) -> Mask:
    """Whether the halves are correlated at a lag of one bin, more than chance gives.

    A one-sided t-test over the units of time, with a false discovery rate of 5 % (Benjamini and
    Hochberg 1995) over the components; (n_components,).
    """
    used = pieces.n_pairs[:, 1] > 0
    means = pieces.sums[used, 1] / pieces.n_pairs[used, 1][:, None]
    error = means.std(axis=0, ddof=1) / np.sqrt(len(means))
    t = np.divide(means.mean(axis=0), error, out=np.zeros_like(error), where=error > 0)
    chance = scipy.stats.t.sf(t, len(means) - 1)
    return scipy.stats.false_discovery_control(chance) <= FALSE_SHARE


def interval(drawn: Drawn, n_units: int) -> tuple[Float, Float]:
    """95 % interval by Student's t from the spread of the resamples, (n_components,) each.

    Half the units count as degrees of freedom, for those of one block share its mean. Of planted
    timescales up to a fifteenth of a block, 90 to 95 % lie inside.
    """
    known = np.isfinite(drawn.resamples)
    n = known.sum(axis=0)
    held = np.where(known, drawn.resamples, 0.0)
    mean = held.sum(axis=0) / np.maximum(n, 1)
    squares = np.where(known, (held - mean) ** 2, 0.0).sum(axis=0)
    # Resamples of n units vary by (n - 1) / n less than the units do.
    spread = np.sqrt(squares / np.maximum(n - 1, 1) * n_units / (n_units - 1))
    reach = np.where(n > 1, scipy.stats.t.ppf(0.975, n_units // 2) * spread, np.nan)
    return drawn.value - reach, drawn.value + reach


def rank_correlation(early: Float, ranks: NDArray[np.int64]) -> float:
    """Pearson r of log value and log rank; nan for fewer than three, or where all are equal."""
    kept = early > 0
    logs = np.log(early[kept]), np.log(ranks[kept])
    if kept.sum() < 3 or min(np.ptp(each) for each in logs) == 0:
        return float("nan")
    return float(np.corrcoef(*logs)[0, 1])


def _mean_correlogram(pieces: PieceCorrelograms, weights: Float) -> Float:
    """Mean product of a pair of bins, (n_lags + 1, n_components); 0 at lags without pairs."""
    n_pairs = weights @ pieces.n_pairs
    return np.tensordot(weights, pieces.sums, axes=1) / np.maximum(n_pairs, 1)[:, None]


def _early(correlogram: Float, lags: tuple[int, int]) -> Float:
    return correlogram[lags[0] : lags[1] + 1].mean(axis=0) / _nonzero(correlogram[0])


def _nonzero(values: Float) -> Float:
    return np.where(values == 0, np.nan, values)
