"""Time constants of a relaxation curve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

Values = npt.NDArray[np.float64]
# In units of the window; beyond them a curve does not say its time constant.
_SHORTEST, _LONGEST = 1e-2, 1e2
_LEAST_STRETCH, _LARGEST_STRETCH = 0.2, 3.0


class Decay(NamedTuple):
    """``amplitude exp(-(lag / tau)^stretch)``, fitted from lag 1 on.

    What the amplitude falls short of 1 (its bound) is lost within one step: noise of single
    neurons. A stretch of 1 is an exponential; below 1 the relaxation has many time scales. Look at
    the rmse before the tau: a tau of a bad fit is no time constant.

    Attributes
    ----------
    amplitude, tau, stretch : float
        tau in steps (bins or sweeps).
    rmse : float
        Of the fit.
    """

    amplitude: float
    tau: float
    stretch: float
    rmse: float


def fit_exponential(curve: Values) -> Decay | None:
    """Least-squares exponential.

    Parameters
    ----------
    curve : ndarray, shape (n_lags,)
        Autocorrelation at lags 1, 2, ...

    Returns
    -------
    Decay or None
        None below 3 lags, or where the curve does not say tau (it ends up at a bound).
    """
    return _fit(curve, (1.0, 1.0 + 1e-9)) if curve.size >= 3 else None


def fit_stretched(curve: Values) -> Decay | None:
    """Least-squares stretched exponential; arguments as for `fit_exponential`, from 4 lags on."""
    return _fit(curve, (_LEAST_STRETCH, _LARGEST_STRETCH)) if curve.size >= 4 else None


def _fit(curve: Values, stretch: tuple[float, float]) -> Decay | None:
    if not np.all(np.isfinite(curve)):
        return None
    lags = np.arange(1, curve.size + 1, dtype=np.float64)
    bounds = np.array(
        [[1e-6, 1.0], np.log([_SHORTEST * curve.size, _LONGEST * curve.size]), stretch]
    ).T

    def misfit(parameters: Values) -> Values:
        amplitude, log_tau, power = parameters
        return amplitude * np.exp(-((lags / np.exp(log_tau)) ** power)) - curve

    fallen = np.flatnonzero(curve < curve[0] / np.e)
    first = np.log(fallen[0] + 1.0 if fallen.size else curve.size)
    start = np.clip([curve[0], first, 1.0], bounds[0] + 1e-10, bounds[1] - 1e-10)
    fit = least_squares(misfit, start, bounds=bounds)
    if np.min(np.abs(fit.x[1] - bounds[:, 1])) < 1e-3:
        return None
    amplitude, log_tau, power = fit.x
    rmse = np.sqrt(2 * fit.cost / curve.size)
    return Decay(float(amplitude), float(np.exp(log_tau)), float(power), float(rmse))
