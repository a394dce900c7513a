"""The moments of a recording that the maximum-entropy models reproduce."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from popcode.baselines.parameters import BLOCK
from popcode.errors import InputError


class Moments(NamedTuple):
    """What the models are matched to.

    Attributes
    ----------
    n_bins : int
    rates : ndarray of float64, (n_neurons,)
        Mean activity, half a spike away from 0 and 1.
    constant : ndarray of bool, (n_neurons,)
        Neurons that never change.
    joint : ndarray of float64, (n_neurons, n_neurons)
        P(v_i = v_j = 1); the raw mean activity on the diagonal.
    counts : ndarray of float64, (n_neurons + 1,)
        P(K), K the number of active neurons.
    """

    n_bins: int
    rates: NDArray[np.float64]
    constant: NDArray[np.bool_]
    joint: NDArray[np.float64]
    counts: NDArray[np.float64]


def rates_of(activity: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean activity (n_neurons,), half a spike away from 0 and 1 so that every field is finite.

    Raises
    ------
    InputError
        No bins, or no neurons.
    """
    n_bins, n_neurons = activity.shape
    if n_bins == 0 or n_neurons == 0:
        raise InputError(
            f"{n_bins} bins of {n_neurons} neurons",
            remedy="Give at least one bin and one neuron",
        )
    return np.clip(activity.mean(axis=0, dtype=np.float64), 0.5 / n_bins, 1 - 0.5 / n_bins)


def fields_of(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fields of independent neurons with the given rates, (n_neurons,)."""
    return logit(rates)


def moments_of(activity: NDArray[np.uint8]) -> Moments:
    """Moments of binary activity (n_bins, n_neurons)."""
    rates = rates_of(activity)
    n_bins, n_neurons = activity.shape
    together = np.zeros((n_neurons, n_neurons))
    histogram = np.zeros(n_neurons + 1, np.int64)
    for start in range(0, n_bins, BLOCK):
        block = activity[start : start + BLOCK].astype(np.float32)
        together += block.T @ block
        counts = block.sum(axis=1).astype(np.int64)
        histogram += np.bincount(counts, minlength=n_neurons + 1)
    raw = np.diag(together)
    constant = (raw == 0) | (raw == n_bins)
    return Moments(n_bins, rates, constant, together / n_bins, histogram / n_bins)
