"""Binned activity with exactly the law of the stepped network, drawn without its steps.

From the state y at the end of a bin, the end and the mean of the next bin are Gaussian with known
means (g^m y, and a multiple of y) and covariance: two random numbers a bin instead of one a step.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_triangular

from popcode.dynamics.schedule import Schedule
from popcode.dynamics.theory.general import (
    Stretch,
    propagator,
    stationary_covariance,
    stretch_of,
)
from popcode.dynamics.theory.modes import decay_rates, state_variance
from popcode.threads import Team, pieces

Float = NDArray[np.floating]
Float32 = NDArray[np.float32]
_MODES_STREAM, _NETWORK_STREAM = 73, 74
_RUNS_AT_ONCE = 16


class _ModeStretch(NamedTuple):
    """What a bin does to every mode, as a `Stretch` does; the noise as a lower triangle."""

    decay: Float
    gain: Float
    end_noise: Float
    cross_noise: Float
    mean_noise: Float
    start: Float


def sample_modes(eigenvalues: ArrayLike, schedule: Schedule, n_runs: int, seed: int = 0) -> Float32:
    """Binned activity of the modes of a symmetric network.

    Parameters
    ----------
    eigenvalues : array_like, (n_modes,)
        Of the connectivity, below 1.
    schedule : Schedule
        With finite `n_bins`; an infinite `n_discarded` starts at equilibrium.
    n_runs : int
    seed : int
        The same bits whatever the number of threads.

    Returns
    -------
    ndarray of float32, (n_runs, n_bins, n_modes)
        Times the transposed eigenvectors it is the activity of the neurons.
    """
    modes = _mode_stretch(np.asarray(eigenvalues, np.float64), schedule)
    bins = np.empty((n_runs, int(schedule.n_bins), modes.decay.size), np.float32)
    calls = [
        partial(_sample_run, np.random.default_rng((seed, _MODES_STREAM, run)), *modes, bins[run])
        for run in range(n_runs)
    ]
    with Team() as team:
        team.run(calls)
    return bins


def sample_network(
    connectivity: NDArray[np.floating], schedule: Schedule, n_runs: int, seed: int = 0
) -> Float32:
    """Binned activity of any network, symmetric or not, (n_runs, n_bins, n_neurons).

    Parameters as of `sample_modes`; the noise of a bin is drawn through a Cholesky factor of
    2 n_neurons rows.

    Raises
    ------
    InputError
        A network that grows without bound.
    """
    transition = propagator(connectivity, schedule.step)
    stretch = stretch_of(transition, schedule.step, schedule.steps_per_bin)
    start = np.linalg.cholesky(_start_covariance(transition, stretch, schedule))
    follows, factor = _block_forms(stretch, schedule.steps_per_bin)
    bins = np.empty((n_runs, int(schedule.n_bins), len(transition)), np.float32)
    calls = [
        partial(
            _sample_block, np.random.default_rng((seed, _NETWORK_STREAM, first)),
            start, follows, factor, bins[first:stop],
        )
        for first, stop in pieces(n_runs, _RUNS_AT_ONCE)
    ]  # fmt: skip
    with Team() as team:
        team.run(calls)
    return bins


def _mode_stretch(eigenvalues: Float, schedule: Schedule) -> _ModeStretch:
    h, m = schedule.step, schedule.steps_per_bin
    rates = decay_rates(eigenvalues, h)
    powers = np.exp(-np.outer(np.arange(m), rates))
    sums = np.cumsum(powers, axis=0)
    end = np.sqrt(h**2 * (powers**2).sum(axis=0))
    cross = h**2 / m * (powers * sums).sum(axis=0) / end
    mean = h**2 / m**2 * (sums**2).sum(axis=0)
    return _ModeStretch(
        decay=np.exp(-m * rates),
        gain=np.exp(-rates) * sums[-1] / m,
        end_noise=end,
        cross_noise=cross,
        mean_noise=np.sqrt(np.maximum(mean - cross**2, 0)),
        start=np.sqrt(state_variance(eigenvalues, h, schedule.n_discarded)),
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _sample_run(rng, decay, gain, end_noise, cross_noise, mean_noise, start, bins):
    """Fill `bins` (n_bins, n_modes) with one run."""
    state = np.empty(decay.size)
    for k in range(decay.size):
        state[k] = start[k] * rng.standard_normal()
    for b in range(bins.shape[0]):
        for k in range(decay.size):
            first, second = rng.standard_normal(), rng.standard_normal()
            bins[b, k] = gain[k] * state[k] + cross_noise[k] * first + mean_noise[k] * second
            state[k] = decay[k] * state[k] + end_noise[k] * first


def _start_covariance(transition: Float, stretch: Stretch, schedule: Schedule) -> Float:
    """Covariance of the state before the first bin, from independent neurons of variance 1."""
    stationary = stationary_covariance(stretch.decay, stretch.end_noise)
    if np.isinf(schedule.n_discarded):
        return stationary
    before = np.linalg.matrix_power(transition, int(schedule.n_discarded))
    return stationary + before @ (np.eye(len(transition)) - stationary) @ before.T


def _block_forms(stretch: Stretch, m: int) -> tuple[Float, Float]:
    """Rows (end, mean) of the next bin: from the state, and from independent noise."""
    n = len(stretch.decay)
    follows = np.vstack((stretch.decay, stretch.gain / m))
    end = np.linalg.cholesky(stretch.end_noise)
    cross = solve_triangular(end, stretch.cross_noise.T / m, lower=True).T
    factor = np.zeros((2 * n, 2 * n))
    factor[:n, :n], factor[n:, :n] = end, cross
    if m > 1:  # a bin of one step is its end
        factor[n:, n:] = np.linalg.cholesky(stretch.sum_noise / m**2 - cross @ cross.T)
    return follows, factor


def _sample_block(
    rng: np.random.Generator, start: Float, follows: Float, factor: Float, bins: Float32
) -> None:
    """Fill `bins` (n_runs, n_bins, n_neurons) with runs."""
    n_runs, n_bins, n = bins.shape
    state = rng.standard_normal((n_runs, n)) @ start.T
    for b in range(n_bins):
        both = state @ follows.T + rng.standard_normal((n_runs, 2 * n)) @ factor.T
        state = both[:, :n]
        bins[:, b] = both[:, n:]
