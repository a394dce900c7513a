"""Curves of accuracy against delay: their mean over networks, and when they have fallen by half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Float = NDArray[np.floating]


class HalfDecay(NamedTuple):
    """The delay at which accuracy is half-way from perfect to chance.

    Attributes
    ----------
    seconds : float
    bound : {"", "<", ">"}
        "<": it was below from the first delay on; ">": it is above up to the last.
    """

    seconds: float
    bound: str


class MeanCurve(NamedTuple):
    """Mean over networks with its 95 % interval, (n_delays,); nan ends for one network."""

    mean: Float
    low: Float
    high: Float


def half_decay(delays_s: Float, accuracy: Float, chance: float) -> HalfDecay:
    """When a curve first crosses half-way to chance, between delays by a straight line.

    Parameters
    ----------
    delays_s, accuracy : ndarray, (n_delays,)
    chance : float
    """
    level = (1 + chance) / 2
    below = np.flatnonzero(accuracy < level)
    if below.size == 0:
        return HalfDecay(float(delays_s[-1]), ">")
    k = int(below[0])
    if k == 0:
        return HalfDecay(float(delays_s[0]), "<")
    share = (accuracy[k - 1] - level) / (accuracy[k - 1] - accuracy[k])
    return HalfDecay(float(delays_s[k - 1] + share * (delays_s[k] - delays_s[k - 1])), "")


def mean_curve(curves: Sequence[Float]) -> MeanCurve:
    """Mean of curves, one a network, with Student's interval over networks.

    Parameters
    ----------
    curves : sequence of ndarray, (n_delays,)
    """
    values = np.asarray(curves, np.float64)
    n, mean = len(values), values.mean(axis=0)
    if n < 2:
        unknown = np.full_like(mean, np.nan)
        return MeanCurve(mean, unknown, unknown)
    error = values.std(axis=0, ddof=1) / np.sqrt(n)
    margin = student.ppf(0.975, n - 1) * error
    return MeanCurve(mean, np.clip(mean - margin, 0, 1), np.clip(mean + margin, 0, 1))
