"""Expectation maximisation of two Gaussians on one variable."""

import numpy as np
from numba import njit

# No Gaussian gets narrower than this share of the values' deviation: the likelihood of one that
# shrinks onto a value grows without bound.
NARROWEST = 1e-2
_CONVERGED = 1e-6  # nats a value
_MOST_STEPS = 300
_HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


@njit(nogil=True, cache=True, error_model="numpy")
def climb(values, counts, start):
    """Raise the likelihood of a mixture until a step gains less than 1e-6 nats a value.

    Parameters
    ----------
    values, counts : ndarray of float64, (n,)
        Values of deviation 1, and how often each counts.
    start : ndarray of float64, (5,)
        Weight of the second Gaussian, both means, both deviations.

    Returns
    -------
    ndarray of float64, (6,)
        The same, and the log-likelihood a value.
    """
    state, reached, total = start.copy(), -np.inf, counts.sum()
    for _ in range(_MOST_STEPS):
        better, likelihood = _step(values, counts, total, state)
        gained, reached = likelihood - reached, likelihood
        if not gained > _CONVERGED:
            break
        state = better
    return np.append(state, reached)


@njit(nogil=True, cache=True, error_model="numpy")
def _step(values, counts, total, state):
    """Parameters after one step, and the log-likelihood a value before it."""
    share, low, high, low_deviation, high_deviation = state
    offset_low = np.log(1 - share) - np.log(low_deviation)
    offset_high = np.log(share) - np.log(high_deviation)
    likelihood, sums = 0.0, np.zeros((2, 3))
    for k in range(values.size):
        x, count = values[k], counts[k]
        log_low = offset_low - 0.5 * ((x - low) / low_deviation) ** 2
        log_high = offset_high - 0.5 * ((x - high) / high_deviation) ** 2
        ratio = np.exp(-abs(log_high - log_low))
        likelihood += count * (max(log_low, log_high) + np.log1p(ratio))
        of_high = count * (1 / (1 + ratio) if log_high >= log_low else ratio / (1 + ratio))
        # About the present means, so that squares do not cancel.
        _add(sums[0], count - of_high, x - low)
        _add(sums[1], of_high, x - high)
    better = np.empty(5)
    # A Gaussian that no value is left to keeps a trace of weight.
    better[0] = min(max(sums[1, 0] / total, 1e-12), 1 - 1e-12)
    for j in range(2):
        weight = max(sums[j, 0], 1e-300)
        shift = sums[j, 1] / weight
        better[1 + j] = state[1 + j] + shift
        better[3 + j] = max(np.sqrt(max(sums[j, 2] / weight - shift**2, 0.0)), NARROWEST)
    return better, likelihood / total - _HALF_LOG_2PI


@njit(nogil=True, cache=True, error_model="numpy")
def _add(sums, weight, distance):
    sums[0] += weight
    sums[1] += weight * distance
    sums[2] += weight * distance * distance
