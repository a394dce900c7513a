"""The normal law restricted to a half line, in float64: what every rectified unit is made of.

For a threshold x, s >= 0 has the density exp(-(s + x)^2 / 2), whose integral relative to
exp(-x^2 / 2) is Mills' ratio Phi(x). Its mean and variance are m(x) = 1/Phi(x) - x and -m'(x).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, log_ndtr

Float = NDArray[np.float64]

# Beyond this threshold the closed forms lose digits to cancellation and four terms of the
# asymptotic series are exact to 1e-9.
_SERIES_FROM = 30.0


def log_mills(x: Float) -> Float:
    """Logarithm of Mills' ratio, exact in both tails.

    Parameters
    ----------
    x : ndarray
        Thresholds, any shape.

    Returns
    -------
    ndarray
        log of exp(x^2/2) times the integral of exp(-s^2/2) from x to infinity.
    """
    x = np.asarray(x, dtype=np.float64)
    right = np.log(np.sqrt(np.pi / 2) * erfcx(np.maximum(x, 0) / np.sqrt(2)))
    left = np.minimum(x, 0) ** 2 / 2 + log_ndtr(-x) + 0.5 * np.log(2 * np.pi)
    return np.where(x >= 0, right, left)


def excess_mean(x: Float) -> Float:
    """Mean distance above the threshold, E[s | s >= 0] (same shape as `x`)."""
    x = np.asarray(x, dtype=np.float64)
    far = np.maximum(x, _SERIES_FROM) ** -1.0
    series = far - 2 * far**3 + 10 * far**5 - 74 * far**7
    near = np.minimum(x, _SERIES_FROM)
    return np.where(x > _SERIES_FROM, series, np.exp(-log_mills(near)) - near)


def excess_variance(x: Float) -> Float:
    """Variance of the distance above the threshold (same shape as `x`)."""
    x = np.asarray(x, dtype=np.float64)
    far = np.maximum(x, _SERIES_FROM) ** -2.0
    series = far - 6 * far**2 + 50 * far**3 - 518 * far**4
    near = np.minimum(x, _SERIES_FROM)
    mean = excess_mean(near)
    return np.where(x > _SERIES_FROM, series, 1 - mean * (near + mean))
