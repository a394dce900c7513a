r"""Closed forms of the modes of a symmetric linear network.

A mode of eigenvalue lambda follows y_{t+1} = g y_t + h xi_t with g = 1 - h (1 - lambda) and
y_0 ~ N(0, 1). All follows from Cov(y_s, y_t) = v g^{|s-t|} + (1 - v) g^{s+t}, v = h^2 / (1 - g^2):
the first part is stationary, the second is the memory of the start. With q = -log g every
difference is written with expm1, so that modes next to 1 keep their digits.

Pachitariu et al., bioRxiv 2025.01.10.632397 (2025); the sums over bins are our own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from popcode.dynamics.schedule import Schedule
from popcode.errors import InputError

Float = NDArray[np.float64]
# Below, the series is exact to rounding with the terms taken; above, so is the formula.
_SMALL = 0.1
_N_TERMS = 9


def decay_rates(eigenvalues: ArrayLike, step: float) -> Float:
    """Decay a step of every mode, q = -log g.

    Raises
    ------
    InputError
        An eigenvalue of 1 or more: the mode never relaxes.
    """
    values = np.asarray(eigenvalues, np.float64)
    if values.size and not values.max() < 1:
        raise InputError(
            f"an eigenvalue is {values.max():.6g}: the mode never relaxes",
            remedy="Give a radius below 1",
        )
    return -np.log1p(-step * (1 - values))


def state_variance(eigenvalues: ArrayLike, step: float, n_steps: float = math.inf) -> Float:
    """Variance of every mode after `n_steps` updates; stationary by default."""
    rates = decay_rates(eigenvalues, step)
    stationary = _stationary(rates, step)
    return stationary + np.exp(-2 * rates * n_steps) * (1 - stationary)


def binned_variance(eigenvalues: ArrayLike, schedule: Schedule) -> Float:
    """Variance of the bins of every mode, averaged over the bins of a run."""
    m = schedule.steps_per_bin
    rates = decay_rates(eigenvalues, schedule.step)
    stationary = _stationary(rates, schedule.step)
    # [m (1 - g^2) - 2 g (1 - g^m)] / (1 - g)^2, over 2 g above and below
    area = m * _sinh_beyond_linear(rates) + _decay_beyond_linear(m * rates)
    smoothed = area / (2 * m**2 * np.sinh(rates / 2) ** 2)
    return stationary * smoothed + _transient(rates, stationary, schedule, 0)


def lagged_covariance(eigenvalues: ArrayLike, schedule: Schedule, lag: int) -> Float:
    """Covariance of every mode between bins `lag` apart (1 or more), averaged over a run.

    Raises
    ------
    InputError
        A lag below 1, or one that the run is too short for.
    """
    check_lag(lag, schedule)
    m = schedule.steps_per_bin
    rates = decay_rates(eigenvalues, schedule.step)
    stationary = _stationary(rates, schedule.step)
    decay = np.exp(-rates * ((lag - 1) * m + 1)) * _bin_gain(rates, m) ** 2
    return stationary * decay + _transient(rates, stationary, schedule, lag)


def autocorrelation(eigenvalues: ArrayLike, schedule: Schedule, n_lags: int) -> Float:
    """Autocorrelation of the bins of every mode at lags 0 to n_lags - 1, (n_lags, n_modes).

    Lag 0 is 1; noise that is independent in every bin drops out where lags are compared between
    different halves of the neurons.
    """
    variance = binned_variance(eigenvalues, schedule)
    lagged = [lagged_covariance(eigenvalues, schedule, lag) for lag in range(1, n_lags)]
    return np.stack([variance, *lagged]) / variance


def timescales(eigenvalues: ArrayLike, tau_s: float) -> Float:
    """Time constants of the modes, tau / (1 - lambda), in seconds."""
    return tau_s / (1 - np.asarray(eigenvalues, np.float64))


def dmd_eigenvalues(
    eigenvalues: ArrayLike, schedule: Schedule, lag: int, ridge: float = 0.0
) -> Float:
    """Eigenvalues of the lagged dynamics matrix of infinitely many runs: real.

    C_lag / (C_0 + ridge mean(C_0)) of every mode. With few bins the estimated ones scatter into
    the complex plane.
    """
    variance = binned_variance(eigenvalues, schedule)
    return lagged_covariance(eigenvalues, schedule, lag) / (variance + ridge * variance.mean())


def slow_variance(eigenvalues: ArrayLike) -> Float:
    """Variance of bins far longer than any timescale, up to a factor: (1 - lambda)^-2."""
    return (1 - np.asarray(eigenvalues, np.float64)) ** -2


def check_lag(lag: int, schedule: Schedule) -> None:
    """Refuse lags that no pair of bins of a run is apart."""
    if not 1 <= lag < schedule.n_bins:
        raise InputError(
            f"a lag of {lag} bins in runs of {schedule.n_bins:g}",
            remedy="Give a lag of at least 1 bin that is shorter than a run",
        )


def _stationary(rates: Float, step: float) -> Float:
    return step**2 / -np.expm1(-2 * rates)


def _bin_gain(rates: Float, m: int) -> Float:
    """(1 - g^m) / ((1 - g) m): the mean over a bin of what decays from 1."""
    return np.expm1(-m * rates) / (m * np.expm1(-rates))


def _transient(rates: Float, stationary: Float, schedule: Schedule, lag: int) -> Float:
    """What the start at variance 1 adds to the covariance of bins `lag` apart."""
    if schedule.is_stationary:
        return np.zeros_like(rates)
    m, n_pairs = schedule.steps_per_bin, schedule.n_bins - lag
    start = np.exp(-2 * rates * (schedule.n_discarded + 1) - rates * m * lag)
    over_bins = np.expm1(-2 * m * n_pairs * rates) / (n_pairs * np.expm1(-2 * m * rates))
    return (1 - stationary) * _bin_gain(rates, m) ** 2 * start * over_bins


def _decay_beyond_linear(x: Float) -> Float:
    """exp(-x) - 1 + x, for x of at least 0."""
    small = np.minimum(x, _SMALL)
    series = sum((-small) ** k / math.factorial(k) for k in range(2, 2 + _N_TERMS))
    return np.where(x < _SMALL, series, x + np.expm1(-x))


def _sinh_beyond_linear(x: Float) -> Float:
    """sinh(x) - x, for x of at least 0."""
    small = np.minimum(x, _SMALL)
    series = sum(small**k / math.factorial(k) for k in range(3, 3 + _N_TERMS, 2))
    return np.where(x < _SMALL, series, np.sinh(x) - x)
