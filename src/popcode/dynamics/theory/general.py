r"""Closed forms of any linear network, symmetric or not, by doubling.

The state x_{t+1} = G x_t + h xi_t with G = (1 - h) I + h A. What a stretch of n steps does is a
`Stretch`: how the state at its end and the sum of its states follow from the state at its start,
and the covariance of the noise in both. Two stretches make a longer one, so that n steps take
log2(n) joins, each a dozen matrix products (Smith's doubling, SIAM J. Appl. Math. 16, 1968).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.schedule import Schedule
from popcode.dynamics.theory.modes import check_lag
from popcode.errors import InputError

Float = NDArray[np.floating]
_MOST_DOUBLINGS = 60
_CONVERGED = 1e-15
_GROWN = 1e30  # beyond what any radius that is below 1 in double precision reaches


class Stretch(NamedTuple):
    """What n steps do: end = decay start + e_end, sum = gain start + e_sum.

    Attributes
    ----------
    decay : ndarray, (n_neurons, n_neurons)
        G^n.
    gain : ndarray, (n_neurons, n_neurons)
        G + G^2 + ... + G^n; the sum is over the states after each step.
    end_noise, sum_noise : ndarray, (n_neurons, n_neurons)
        Covariances of e_end and of e_sum.
    cross_noise : ndarray, (n_neurons, n_neurons)
        Cov(e_sum, e_end).
    """

    decay: Float
    gain: Float
    end_noise: Float
    cross_noise: Float
    sum_noise: Float


def propagator(connectivity: NDArray[np.floating], step: float) -> Float:
    """G = (1 - h) I + h A."""
    matrix = step * np.asarray(connectivity, np.float64)
    matrix[np.diag_indices_from(matrix)] += 1 - step
    return matrix


def one_step(transition: Float, step: float) -> Stretch:
    """The stretch of one step of x -> transition x + step xi."""
    noise = step**2 * np.eye(len(transition))
    return Stretch(transition, transition, noise, noise, noise)


def joined(first: Stretch, then: Stretch) -> Stretch:
    """The stretch of `first` and `then`, one after the other."""
    end_to_sum = then.gain @ first.end_noise
    carried = then.gain @ first.cross_noise.T
    return Stretch(
        decay=then.decay @ first.decay,
        gain=first.gain + then.gain @ first.decay,
        end_noise=then.end_noise + then.decay @ first.end_noise @ then.decay.T,
        cross_noise=then.cross_noise + (end_to_sum + first.cross_noise) @ then.decay.T,
        sum_noise=then.sum_noise + end_to_sum @ then.gain.T + carried + carried.T + first.sum_noise,
    )


def stretch_of(transition: Float, step: float, n_steps: int) -> Stretch:
    """The stretch of `n_steps` steps, 1 or more."""
    whole: Stretch | None = None
    power = one_step(transition, step)
    for is_set, is_last in _bits(n_steps):
        if is_set:
            whole = power if whole is None else joined(power, whole)
        if not is_last:
            power = joined(power, power)
    assert whole is not None
    return whole


def accumulated(decay: Float, noise: Float, n: int) -> Float:
    """Sum over k < n of P^k noise P^kT, P = `decay`."""
    total = np.zeros_like(noise)
    for is_set, is_last in _bits(n):
        if is_set:
            total = noise + decay @ total @ decay.T
        if not is_last:
            noise = noise + decay @ noise @ decay.T
            decay = decay @ decay
    return total


def stationary_covariance(decay: Float, noise: Float) -> Float:
    """C = P C P^T + noise, P = `decay`, by doubling until nothing is added.

    Raises
    ------
    InputError
        A network that grows without bound.
    """
    most = _GROWN * np.abs(noise).max()
    for _ in range(_MOST_DOUBLINGS):
        added = decay @ noise @ decay.T
        noise = noise + added
        if np.abs(added).max() <= _CONVERGED * np.abs(noise).max():
            return (noise + noise.T) / 2
        if not np.abs(added).max() < most:
            break
        decay = decay @ decay
    raise InputError("the activity grows without bound", remedy="Give a radius below 1")


def mean_start_covariance(transition: Float, stretch: Stretch, schedule: Schedule) -> Float:
    """Covariance of the state that a bin starts from, averaged over the bins of a run."""
    stationary = stationary_covariance(stretch.decay, stretch.end_noise)
    if schedule.is_stationary:
        return stationary
    before = np.linalg.matrix_power(transition, int(schedule.n_discarded))
    excess = before @ (np.eye(len(transition)) - stationary) @ before.T
    n_bins = int(schedule.n_bins)
    return stationary + accumulated(stretch.decay, excess, n_bins) / n_bins


def binned_covariance(connectivity: NDArray[np.floating], schedule: Schedule) -> Float:
    """Covariance of the bins, averaged over the bins of a run.

    Parameters
    ----------
    connectivity : ndarray, (n_neurons, n_neurons)
    schedule : Schedule

    Returns
    -------
    ndarray of float64, (n_neurons, n_neurons)

    Raises
    ------
    InputError
    """
    transition = propagator(connectivity, schedule.step)
    stretch = stretch_of(transition, schedule.step, schedule.steps_per_bin)
    start = mean_start_covariance(transition, stretch, schedule)
    total = stretch.gain @ start @ stretch.gain.T + stretch.sum_noise
    return (total + total.T) / (2 * schedule.steps_per_bin**2)


def lagged_covariance(connectivity: NDArray[np.floating], schedule: Schedule, lag: int) -> Float:
    """Covariance of a bin with the one `lag` (1 or more) before it, averaged over a run.

    Returns
    -------
    ndarray of float64, (n_neurons, n_neurons)
        Rows are the later bin.

    Raises
    ------
    InputError
        A lag that the run is too short for.
    """
    check_lag(lag, schedule)
    transition = propagator(connectivity, schedule.step)
    stretch = stretch_of(transition, schedule.step, schedule.steps_per_bin)
    pairs = schedule._replace(n_bins=schedule.n_bins - lag)
    start = mean_start_covariance(transition, stretch, pairs)
    end_with_sum = stretch.decay @ start @ stretch.gain.T + stretch.cross_noise.T
    later = stretch.gain @ np.linalg.matrix_power(stretch.decay, lag - 1)
    return later @ end_with_sum / schedule.steps_per_bin**2


def dynamics_matrix(
    connectivity: NDArray[np.floating], schedule: Schedule, lag: int, ridge: float = 0.0
) -> Float:
    """C_lag (C_0 + ridge mean variance I)^-1: what a dynamic mode decomposition estimates."""
    covariance = binned_covariance(connectivity, schedule)
    weight = ridge * np.trace(covariance) / len(covariance)
    covariance[np.diag_indices_from(covariance)] += weight
    lagged = lagged_covariance(connectivity, schedule, lag)
    return np.linalg.solve(covariance, lagged.T).T


def slow_covariance(connectivity: NDArray[np.floating]) -> Float:
    """Covariance of bins far longer than any timescale, up to a factor: (I-A)^-1 (I-A)^-T."""
    inverse = np.linalg.inv(np.eye(len(connectivity)) - np.asarray(connectivity, np.float64))
    return inverse @ inverse.T


def _bits(n: int) -> Iterator[tuple[bool, bool]]:
    """Of every bit of n from the lowest: whether it is set, whether it is the last."""
    for place in range(n.bit_length()):
        yield bool(n >> place & 1), place == n.bit_length() - 1
