"""In how many assemblies a neuron is, and how evenly neurons take part.

van der Plas et al. 2023 (eLife 12:e83139), figure 2 and its supplement 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.membership.members import members_beyond
from popcode.errors import InputError
from popcode.metrics.weights import EMBEDDED_ABOVE, strong_degrees

Float = NDArray[np.float64]
AT_LEAST = (1, 3, 5, 7, 10)
_STREAM = 71


class Embedding(NamedTuple):
    """Number of assemblies that each neuron is in.

    Attributes
    ----------
    thresholds : tuple of float
        |weight| beyond which a neuron is in an assembly; 0 is exact sparsity.
    degrees : ndarray of int, (n_thresholds, n_neurons)
    at_least : tuple of int
    shares : ndarray, (n_thresholds, len(at_least))
        Of all neurons, those in so many assemblies or more.
    """

    thresholds: tuple[float, ...]
    degrees: NDArray[np.int64]
    at_least: tuple[int, ...]
    shares: Float


class Interval(NamedTuple):
    """A number, and what shuffled weights give: their mean and the range of 95 %."""

    value: float
    shuffled: float
    shuffled_low: float
    shuffled_high: float


class Uniformity(NamedTuple):
    """How evenly the strong weights lie on neurons, one a neuron on average.

    Attributes
    ----------
    degrees : ndarray of int, (n_neurons,)
        Strong weights of each neuron.
    without : Interval
        Share of neurons with none.
    dispersion : Interval
        Variance of the degrees over their mean; about 1 - 1 / n_hidden for shuffled weights.
        Less is more even than chance; more means that some neurons are hubs.
    """

    degrees: NDArray[np.int64]
    without: Interval
    dispersion: Interval


def embedding(
    weights: NDArray[np.floating], thresholds: Sequence[float] = (0.0, *EMBEDDED_ABOVE)
) -> Embedding:
    """Count the assemblies of every neuron at several thresholds.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    thresholds : sequence of float

    Returns
    -------
    Embedding

    Raises
    ------
    InputError
        A threshold below 0.
    """
    degrees = np.array(
        [np.count_nonzero(members_beyond(weights, each), axis=1) for each in thresholds],
        dtype=np.int64,
    ).reshape(len(thresholds), len(weights))
    least = np.array(AT_LEAST)
    shares = (degrees[:, :, None] >= least).sum(axis=1) / max(1, len(weights))
    return Embedding(tuple(map(float, thresholds)), degrees, AT_LEAST, shares)


def degree_uniformity(
    weights: NDArray[np.floating], *, n_shuffles: int = 200, seed: int = 0
) -> Uniformity:
    """Compare the degrees of neurons with those of the same weights, shuffled over all cells.

    The threshold is the (100 - 100 / n_hidden) percentile of |w|, one strong weight a neuron on
    average, as in the article.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    n_shuffles, seed : int

    Returns
    -------
    Uniformity

    Raises
    ------
    InputError
        Fewer than 2 shuffles.
    """
    if n_shuffles < 2:
        raise InputError(f"{n_shuffles} shuffles", remedy="Give at least 2; 200 for an interval")
    degrees = strong_degrees(weights)
    rng = np.random.default_rng((seed, _STREAM))
    shuffled = [_shuffled_degrees(degrees, weights.shape[1], rng) for _ in range(n_shuffles)]
    without, dispersion = zip(*map(_evenness, shuffled), strict=True)
    of_none, of_all = _evenness(degrees)
    return Uniformity(degrees, _interval(of_none, without), _interval(of_all, dispersion))


def expected_degrees(sizes: NDArray[np.integer], n_neurons: int) -> Float:
    """Share of neurons in so many assemblies, had each drawn its members from all by itself.

    Parameters
    ----------
    sizes : ndarray of int, (n_hidden,)
        Members of every assembly.
    n_neurons : int

    Returns
    -------
    ndarray, (n_hidden + 1,)
        Of a neuron in 0, 1, ... assemblies: the Poisson binomial law of the shares.
    """
    law = np.ones(1)
    for share in np.asarray(sizes) / max(1, n_neurons):
        law = np.convolve(law, (1 - share, share))
    return law


def _shuffled_degrees(
    degrees: NDArray[np.int64], n_hidden: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Only where the strong cells fall matters: as many cells are drawn, none twice."""
    cells = rng.choice(len(degrees) * n_hidden, int(degrees.sum()), replace=False)
    return np.bincount(cells // n_hidden, minlength=len(degrees))


def _evenness(degrees: NDArray[np.int64]) -> tuple[float, float]:
    mean = degrees.mean()
    return float((degrees == 0).mean()), float(degrees.var() / mean) if mean > 0 else float("nan")


def _interval(value: float, shuffled: Sequence[float]) -> Interval:
    low, high = np.quantile(shuffled, (0.025, 0.975))
    return Interval(value, float(np.mean(shuffled)), float(low), float(high))
