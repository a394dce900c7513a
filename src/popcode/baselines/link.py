"""From a real-valued reconstruction to the probability of a spike, neuron by neuron."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

_MOST_STEPS, _MOST_HALVINGS = 100, 30
# Of the objective's gradient, a share of a bin.
_CONVERGED = 1e-6
# Penalty on the slopes in units of standardised values, so that silent neurons stay finite.
_RIDGE = 1.0
# Values that spread less than this share of what is usual among neurons tell nothing.
_FLAT = 1e-3
Values = NDArray[np.float64]


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
    rates = np.clip(activity.mean(axis=0), 0.5 / n_bins, 1 - 0.5 / n_bins)
    spread = y.std(axis=0)
    tells = (spread > _FLAT * np.median(spread)) & activity.any(axis=0) & ~activity.all(axis=0)
    slopes, intercepts = np.zeros(rates.size), logit(rates)
    centre, scale = y[:, tells].mean(axis=0), spread[tells]
    x = (y[:, tells] - centre) / scale
    of_x, at_0 = _regressions(x, activity[:, tells], intercepts[tells])
    slopes[tells], intercepts[tells] = of_x / scale, at_0 - of_x * centre / scale
    return Link(slopes, intercepts)


def _regressions(x: Values, activity: NDArray[np.uint8], start: Values) -> tuple[Values, Values]:
    """Slopes and intercepts of all neurons by Newton's method; no step is worse than none."""
    slopes, intercepts = np.zeros(start.size), start.copy()
    best = _objective(slopes, intercepts, x, activity)
    for _ in range(_MOST_STEPS):
        up, down, gradient = _newton_step(slopes, intercepts, x, activity)
        if not gradient.size or gradient.max() < _CONVERGED * len(activity):
            break
        length = np.ones(start.size)
        for _ in range(_MOST_HALVINGS):
            tried = slopes + length * up, intercepts + length * down
            reached = _objective(*tried, x, activity)
            worse = reached < best
            if not worse.any():
                break
            length[worse] /= 2
        length[worse] = 0
        slopes, intercepts = slopes + length * up, intercepts + length * down
        best = np.where(worse, best, reached)
    return slopes, intercepts


def _objective(
    slopes: Values, intercepts: Values, x: Values, activity: NDArray[np.uint8]
) -> Values:
    odds = intercepts + slopes * x
    return (activity * odds - np.logaddexp(0, odds)).sum(axis=0) - _RIDGE / 2 * slopes**2


def _newton_step(
    slopes: Values, intercepts: Values, x: Values, activity: NDArray[np.uint8]
) -> tuple[Values, Values, Values]:
    """Steps of slopes and intercepts, and the larger of both derivatives."""
    p = expit(intercepts + slopes * x)
    residual, curvature = activity - p, p * (1 - p)
    up, across = residual.sum(axis=0), (residual * x).sum(axis=0) - _RIDGE * slopes
    a, b = curvature.sum(axis=0) + 1e-6, (curvature * x).sum(axis=0)
    c = (curvature * x**2).sum(axis=0) + _RIDGE
    determinant = a * c - b**2
    step = (a * across - b * up) / determinant, (c * up - b * across) / determinant
    return *step, np.maximum(np.abs(up), np.abs(across))
