"""Whether the data surprise a model as much as its own samples do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from popcode.errors import InputError
from popcode.metrics.jackknife import Estimate, block_edges, estimate, jackknife_error

Values = npt.NDArray[np.float64]
_TAILS = (0.95, 0.99)


class SurpriseCalibration(NamedTuple):
    """Surprise -ln p(v) of recorded bins among that of a model's samples.

    How to read it: were the data drawn from the model, `rank` would be 0.5, `above_95` 0.05 and
    `above_99` 0.01. A rank above 0.5 and heavy tails mean bins that the model hardly makes; a rank
    below 0.5 a model that is broader than the data. `excess` is the cross-entropy less the model's
    own entropy: it needs no partition function. A small `p_value` with a small `excess` is only a
    long recording.

    Attributes
    ----------
    mean, mean_samples : float
        Nats a bin, of data and samples.
    excess : Estimate
        Their difference with its 95 % interval, as the next three have.
    rank : Estimate
        Mean share of samples that surprise less than a bin does, half of those that do the same.
    above_95, above_99 : Estimate
        Share of bins above that quantile of the samples.
    distance : float
        Mean absolute difference of the two distributions' quantiles, nats.
    p_value : float
        Of a mean rank as far from 0.5, two-sided, blocks of time as the unit.
    """

    mean: float
    mean_samples: float
    excess: Estimate
    rank: Estimate
    above_95: Estimate
    above_99: Estimate
    distance: float
    p_value: float


def calibrate_surprise(surprise: Values, of_samples: Values) -> SurpriseCalibration:
    """Compare the surprise of recorded bins with that of a model's own samples.

    Parameters
    ----------
    surprise : ndarray, shape (n_bins,)
        -ln p(v) of the recorded bins in the order of time, nats; free energies do as well.
    of_samples : ndarray, shape (n_samples,)
        The same of equilibrium samples, those of one chain next to each other in time or not:
        their errors too are taken over blocks.

    Returns
    -------
    SurpriseCalibration

    Raises
    ------
    InputError
        Values that are not finite, or fewer than 20 of either.
    """
    for name, values in (("the bins", surprise), ("the samples", of_samples)):
        if not np.all(np.isfinite(values)):
            raise InputError(f"the surprise of {name} is not finite everywhere")
    found = _statistics(surprise, of_samples)
    error = np.hypot(
        jackknife_error(_left_out(surprise, lambda part: _statistics(part, of_samples))),
        jackknife_error(_left_out(of_samples, lambda part: _statistics(surprise, part))),
    )
    excess, rank, above_95, above_99 = map(estimate, found, error)
    return SurpriseCalibration(
        mean=float(surprise.mean()),
        mean_samples=float(of_samples.mean()),
        excess=excess,
        rank=rank,
        above_95=above_95,
        above_99=above_99,
        distance=_quantile_distance(surprise, of_samples),
        p_value=_p_value(rank.value - 0.5, error[1]),
    )


def _p_value(deviation: float, error: float) -> float:
    return float(2 * ndtr(-abs(deviation) / error)) if error > 0 else float(deviation == 0)


def _statistics(surprise: Values, of_samples: Values) -> Values:
    """Excess, mean rank and the shares above two quantiles of the samples."""
    ordered = np.sort(of_samples)
    below = np.searchsorted(ordered, surprise, side="left")
    ranks = (below + np.searchsorted(ordered, surprise, side="right")) / (2 * ordered.size)
    # By rank and not by value: a state in which many samples lie is on both sides of a quantile.
    shares = [np.mean(ranks > tail) for tail in _TAILS]
    return np.array([surprise.mean() - of_samples.mean(), ranks.mean(), *shares])


def _left_out(values: Values, statistic: Callable[[Values], Values]) -> Values:
    edges = block_edges(len(values))
    pairs = pairwise(edges)
    return np.array([statistic(np.delete(values, slice(a, b))) for a, b in pairs])


def _quantile_distance(a: Values, b: Values) -> float:
    levels = (np.arange(1000) + 0.5) / 1000
    return float(np.mean(np.abs(np.quantile(a, levels) - np.quantile(b, levels))))
