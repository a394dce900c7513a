"""Estimates of ln Z from the log weights of independent chains, with their standard errors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class LogPartition(NamedTuple):
    """An estimate of ln Z.

    Attributes
    ----------
    value, standard_error : float
        Nats.
    effective_samples : float
        Chains that carry the weight, (sum w)^2 / sum w^2.
    n_chains, n_steps : int
        Chains; sweeps of each.
    """

    value: float
    standard_error: float
    effective_samples: float
    n_chains: int
    n_steps: int


def log_mean(log_weights: NDArray[np.float64]) -> float:
    """Logarithm of the mean of exp(log_weights)."""
    # Called after every few updates of a fit: scipy's logsumexp takes twenty times as long.
    largest = log_weights.max()
    return float(largest + np.log(np.exp(log_weights - largest).mean()))


def normalised_weights(log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp(log_weights) over their sum."""
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()


def effective_samples(log_weights: NDArray[np.float64]) -> float:
    """(sum w)^2 / sum w^2 of w = exp(log_weights), from 1 to their number."""
    return float(1 / np.square(normalised_weights(log_weights)).sum())


def relative_variance(log_weights: NDArray[np.float64]) -> float:
    """Variance of the mean of independent weights over its square, (n / ESS - 1) / (n - 1)."""
    n = log_weights.size
    return max(n / effective_samples(log_weights) - 1, 0.0) / max(n - 1, 1)


def log_mean_variance(log_weights: NDArray[np.float64]) -> float:
    """Variance of the log of the mean of independent weights, guarded against a missed tail.

    The delta method sees only the weights drawn; where log weights spread by more than a nat the
    largest are missing and it is far too small. A normal law of the log weights with their own
    variance s^2 gives (e^(s^2) - 1) / n; the larger of the two is taken.
    """
    n = log_weights.size
    spread = float(log_weights.var(ddof=1)) if n > 1 else 0.0
    normal = np.expm1(min(spread, 50.0)) / n
    return max(relative_variance(log_weights), float(normal))


def systematic_choice(log_weights: NDArray[np.float64], start: float) -> NDArray[np.int64]:
    """Indices drawn by weights exp(log_weights), evenly spaced from `start` in [0, 1).

    Index i is drawn floor or ceil of n w_i / sum w times.
    """
    n = log_weights.size
    reached = np.cumsum(normalised_weights(log_weights))
    chosen = np.searchsorted(reached, (np.arange(n) + start) / n * reached[-1], side="right")
    return np.minimum(chosen, n - 1)


def pooled(first: LogPartition, second: LogPartition, goal: float) -> LogPartition:
    """Pool two estimates either of which may have missed a well, and is then too low.

    Nothing raises an estimate by much: a mean weight e times Z has a chance below 1/e (Markov's
    inequality). So where they differ by more than two errors the higher is taken, with half the
    difference in its error. Else they are weighted by their variances, but alike where both
    errors are below `goal`: what goes unnoticed in one is then within two errors of the mean.
    """
    low, high = sorted((first, second))
    errors = np.array([low.standard_error, high.standard_error])
    gap = high.value - low.value
    if gap > 2 * np.hypot(*errors):
        return high._replace(standard_error=float(np.hypot(errors[1], gap / 2)))
    weights = np.maximum(errors, goal) ** -2.0
    weights /= weights.sum()
    return LogPartition(
        float(weights @ (low.value, high.value)),
        float(np.hypot(*(weights * errors))),
        low.effective_samples + high.effective_samples,
        low.n_chains + high.n_chains,
        max(low.n_steps, high.n_steps),
    )
