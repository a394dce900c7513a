"""Whether hidden units are slower than neurons."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from popcode.errors import InputError

Float = NDArray[np.float64]
N_DRAWS = 1000
_STREAM = 76


class SlowerTest(NamedTuple):
    """One-sided Mann-Whitney test that one group's time constants are longer.

    Attributes
    ----------
    p : float
        Of groups without difference. Units and neurons count as independent, which they are
        not: read the effect and its interval first.
    superiority, low, high : float
        Chance that a unit is slower than a neuron, ties counted half, and its 95 % interval from
        units and neurons drawn with replacement; .5 where there is no difference.
    hidden_median, neuron_median : float
    n_hidden, n_neurons : int
        With a time constant.
    """

    p: float
    superiority: float
    low: float
    high: float
    hidden_median: float
    neuron_median: float
    n_hidden: int
    n_neurons: int


def slower_than(hidden: NDArray, neurons: NDArray, *, seed: int = 0) -> SlowerTest:
    """Test whether hidden units are slower than neurons.

    Parameters
    ----------
    hidden : ndarray, (n_hidden,)
        Time constants, such as `TimeConstants.period`; nan is left out.
    neurons : ndarray, (n_neurons,)
        The same of neurons, in the same unit.
    seed : int
        Of the interval.

    Returns
    -------
    SlowerTest

    Raises
    ------
    InputError
        A group without a time constant.
    """
    ours, theirs = (np.asarray(each, np.float64) for each in (hidden, neurons))
    ours, theirs = ours[np.isfinite(ours)], theirs[np.isfinite(theirs)]
    for name, group in (("hidden unit", ours), ("neuron", theirs)):
        if not group.size:
            raise InputError(
                f"no {name} has a time constant",
                remedy="Take longer stretches: a complete interval needs two changes in one",
            )
    statistic, p = mannwhitneyu(ours, theirs, alternative="greater")
    scores = _superiorities(ours, theirs, np.random.default_rng((seed, _STREAM)))
    low, high = np.quantile(scores, (0.025, 0.975))
    superiority = float(statistic / (ours.size * theirs.size))
    return SlowerTest(
        float(p), superiority, float(low), float(high), float(np.median(ours)),
        float(np.median(theirs)), ours.size, theirs.size,
    )  # fmt: skip


def _superiorities(ours: Float, theirs: Float, rng: np.random.Generator) -> Float:
    """Of resampled groups, (n_draws,), from how often each value is drawn."""
    values, where = np.unique(theirs, return_inverse=True)
    counts = np.bincount(where)
    first = np.searchsorted(values, ours, side="left")
    last = np.searchsorted(values, ours, side="right")
    found = np.empty(N_DRAWS)
    for k in range(N_DRAWS):
        drawn = rng.multinomial(theirs.size, counts / theirs.size)
        below = np.append(0, np.cumsum(drawn))
        each = (below[first] + below[last]) / (2 * theirs.size)
        found[k] = each[rng.integers(ours.size, size=ours.size)].mean()
    return found
