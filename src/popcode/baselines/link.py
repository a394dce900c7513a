"""From a real-valued reconstruction to the probability of a spike, neuron by neuron."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

_NEWTON_STEPS = 12
# Penalty on the slopes in units of standardised values, so that silent neurons stay finite.
_RIDGE = 1.0


class Link(NamedTuple):
    """P(v_i = 1) = logistic(intercepts_i + slopes_i y_i), each (n_neurons,)."""

    slopes: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def probability(self, y: NDArray) -> NDArray[np.float32]:
        """Probabilities of values (n_bins, n_neurons)."""
        return expit(self.intercepts + self.slopes * y).astype(np.float32)

    def of(self, neurons: NDArray[np.int64]) -> "Link":
        """Those of some neurons."""
        return Link(self.slopes[neurons], self.intercepts[neurons])


def fit_link(y: NDArray, activity: NDArray[np.uint8]) -> Link:
    """Logistic regression of each neuron's activity on its own value alone, by Newton's method.

    Parameters
    ----------
    y : ndarray, (n_bins, n_neurons)
    activity : ndarray of uint8, (n_bins, n_neurons)
    """
    n_bins = len(activity)
    centre, scale = y.mean(axis=0), np.maximum(y.std(axis=0), 1e-12)
    x = (y - centre) / scale
    rates = np.clip(activity.mean(axis=0), 0.5 / n_bins, 1 - 0.5 / n_bins)
    slopes, intercepts = np.zeros(rates.size), logit(rates)
    for _ in range(_NEWTON_STEPS):
        p = expit(intercepts + slopes * x)
        residual, curvature = activity - p, p * (1 - p)
        up, across = residual.sum(axis=0), (residual * x).sum(axis=0) - _RIDGE * slopes
        a, b = curvature.sum(axis=0) + 1e-6, (curvature * x).sum(axis=0)
        c = (curvature * x**2).sum(axis=0) + _RIDGE
        determinant = a * c - b**2
        # A separable neuron's steps grow without end; one of 2 is more than enough.
        slopes = slopes + np.clip((a * across - b * up) / determinant, -2, 2)
        intercepts = intercepts + np.clip((c * up - b * across) / determinant, -2, 2)
    return Link(slopes / scale, intercepts - slopes * centre / scale)
