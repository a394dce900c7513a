r"""Couplings of an Ising model of many neurons by pseudo-likelihood.

    P(v_i = 1 | others) = sigmoid(f_i + sum_j J_ij v_j),  J symmetric with a diagonal of 0

The mean log-likelihood of every neuron given the others, less penalty sum_i<j s_i s_j |J_ij| with
s the standard deviations of the activity, is maximised by accelerated proximal gradients in the
variables s_i s_j J_ij, in which the curvature is near that of correlated unit variables.

Sources: Ravikumar, Wainwright and Lafferty, Annals of Statistics 38, 1287 (2010) for the
penalised pseudo-likelihood; Beck and Teboulle, SIAM J. Imaging Sciences 2, 183 (2009) for the
ascent, with the restart of O'Donoghue and Candes, Found. Comput. Math. 15, 715 (2015).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from popcode.errors import InputError

Float = NDArray[np.float64]
_LEAST_RATE = 1e-4
_GROWTH, _SHRINKING = 1.1, 0.5


class PseudoLikelihoodSettings(NamedTuple):
    """Settings of the ascent.

    Attributes
    ----------
    penalty : float or None
        In nats a bin for variables of unit variance; None: 4 sqrt(ln n_neurons / n_bins), at
        which the largest chance correlations stay out (a pair's slope is twice its correlation).
    n_steps : int
        Most steps of the ascent.
    tolerance : float
        It ends when no coupling, in units of s_i s_j, moves by more.
    """

    penalty: float | None = None
    n_steps: int = 300
    tolerance: float = 1e-4


class IsingCouplings(NamedTuple):
    """Fields (n_neurons,), symmetric couplings (n_neurons, n_neurons), and how the ascent ended."""

    fields: NDArray[np.float32]
    couplings: NDArray[np.float32]
    n_steps: int
    converged: bool


class _Point(NamedTuple):
    """Fields and couplings, both in units of the neurons' standard deviations."""

    fields: NDArray[np.float32]
    couplings: NDArray[np.float32]


def ising_couplings(
    activity: NDArray[np.uint8], settings: PseudoLikelihoodSettings | None = None
) -> IsingCouplings:
    """Fit an Ising model to binary activity (n_bins, n_neurons).

    Parameters
    ----------
    activity : ndarray of uint8, (n_bins, n_neurons)
        Neurons that never change get no couplings.
    settings : PseudoLikelihoodSettings, optional

    Raises
    ------
    InputError
        Settings that are none, fewer than 2 bins.
    """
    settings = settings or PseudoLikelihoodSettings()
    n_bins, n_neurons = activity.shape
    _check(settings, n_bins)
    penalty = settings.penalty
    if penalty is None:
        penalty = 4 * float(np.sqrt(np.log(max(n_neurons, 2)) / n_bins))
    rates = np.clip(activity.mean(axis=0, dtype=np.float64), _LEAST_RATE, 1 - _LEAST_RATE)
    scale = np.sqrt(rates * (1 - rates)).astype(np.float32)
    x = activity.astype(np.float32)
    start = _Point(
        (np.log(rates / (1 - rates)) * scale).astype(np.float32),
        np.zeros((n_neurons, n_neurons), np.float32),
    )
    found, n_steps, converged = _ascend(x, scale, start, np.float32(penalty), settings)
    varies = np.ptp(activity, axis=0) > 0
    couplings = found.couplings / np.outer(scale, scale) * np.outer(varies, varies)
    return IsingCouplings(found.fields / scale, couplings.astype(np.float32), n_steps, converged)


def _ascend(
    x: NDArray[np.float32],
    scale: NDArray[np.float32],
    start: _Point,
    penalty: np.float32,
    settings: PseudoLikelihoodSettings,
) -> tuple[_Point, int, bool]:
    """Accelerated proximal steps, halved where the quadratic bound does not hold."""
    now, ahead, momentum, step = start, start, 1.0, np.float32(1.0)
    for k in range(1, settings.n_steps + 1):
        loss, slope = _loss_and_slope(x, scale, ahead)
        while True:
            new = _proximal(ahead, slope, step, penalty)
            apart = _difference(new, ahead)
            bound = loss + _inner(slope, apart) + _inner(apart, apart) / (2 * float(step))
            if _loss(x, scale, new) <= bound + 1e-6 * abs(loss):
                break
            step *= np.float32(_SHRINKING)
        moved = _difference(new, now)
        if max(np.abs(each).max(initial=0) for each in moved) < settings.tolerance:
            return new, k, True
        if _inner(_difference(ahead, new), moved) > 0:
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        share = np.float32((momentum - 1) / following)
        ahead = _Point(*(a + share * d for a, d in zip(new, moved, strict=True)))
        now, momentum, step = new, following, step * np.float32(_GROWTH)
    return now, settings.n_steps, False


def _odds(x: NDArray[np.float32], scale: NDArray[np.float32], point: _Point) -> NDArray[np.float32]:
    odds = ((x / scale) @ point.couplings + point.fields) / scale
    return odds.astype(np.float32, copy=False)


def _loss(x: NDArray[np.float32], scale: NDArray[np.float32], point: _Point) -> float:
    """Minus the mean log-likelihood of all neurons given the others, in nats a bin."""
    odds = _odds(x, scale, point)
    terms = np.logaddexp(np.float32(0), odds) - x * odds
    return float(terms.sum(axis=1).mean(dtype=np.float64))


def _loss_and_slope(
    x: NDArray[np.float32], scale: NDArray[np.float32], point: _Point
) -> tuple[float, _Point]:
    """The loss, and its gradient in the fields and in every J_ij = J_ji at once."""
    odds = _odds(x, scale, point)
    left = ((expit(odds) - x) / scale) / np.float32(len(x))
    slope = (x / scale).T @ left
    slope = (slope + slope.T) / 2
    np.fill_diagonal(slope, 0)
    terms = np.logaddexp(np.float32(0), odds) - x * odds
    return float(terms.sum(axis=1).mean(dtype=np.float64)), _Point(left.sum(axis=0), slope)


def _proximal(ahead: _Point, slope: _Point, step: np.float32, penalty: np.float32) -> _Point:
    """A step down the slope, and couplings shrunk towards 0 (each pair is penalised once)."""
    stepped = ahead.couplings - step * slope.couplings
    shrunk = np.sign(stepped) * np.maximum(np.abs(stepped) - step * penalty / 2, 0)
    np.fill_diagonal(shrunk, 0)
    return _Point(ahead.fields - step * slope.fields, shrunk)


def _difference(first: _Point, second: _Point) -> _Point:
    return _Point(*(a - b for a, b in zip(first, second, strict=True)))


def _inner(first: _Point, second: _Point) -> float:
    products = (np.vdot(a, b) for a, b in zip(first, second, strict=True))
    return float(sum(products))


def _check(settings: PseudoLikelihoodSettings, n_bins: int) -> None:
    if n_bins < 2:
        raise InputError(f"{n_bins} bins", remedy="Give 2 at least")
    if settings.penalty is not None and not settings.penalty >= 0:
        raise InputError(f"penalty is {settings.penalty:g}", remedy="Give 0 or more")
    if settings.n_steps < 1 or not settings.tolerance > 0:
        raise InputError("steps or a tolerance that are none", remedy="Give 1 or more, above 0")
