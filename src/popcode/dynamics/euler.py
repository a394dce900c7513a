"""Brute force: the network stepped through time, as its equation says.

Slow (2 n_neurons^2 operations a step and run), and the oracle of all that is exact here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.schedule import Schedule
from popcode.threads import Team, pieces

Float32 = NDArray[np.float32]
Advance = Callable[[Float32, Float32], Float32]
_STREAM = 71
_RUNS_AT_ONCE = 16  # a fixed piece of work, and the width of its matrix products


def simulate_euler(
    connectivity: NDArray[np.floating], schedule: Schedule, n_runs: int, seed: int = 0
) -> Float32:
    """Step x_{t+1} = (1 - h) x_t + h (A x_t + xi_t) from x_0 ~ N(0, 1) and average over bins.

    Parameters
    ----------
    connectivity : ndarray, (n_neurons, n_neurons)
    schedule : Schedule
        Finite; `step` is h.
    n_runs : int
    seed : int
        The same bits whatever the number of threads.

    Returns
    -------
    ndarray of float32, (n_runs, n_bins, n_neurons)
    """
    h = np.float32(schedule.step)
    propagator = np.ascontiguousarray(h * connectivity.T, dtype=np.float32)
    propagator[np.diag_indices_from(propagator)] += 1 - h

    def advance(state: Float32, noise: Float32) -> Float32:
        noise *= h
        noise += state @ propagator
        return noise

    return binned_runs(advance, len(propagator), schedule, n_runs, seed)


def binned_runs(
    advance: Advance, n_neurons: int, schedule: Schedule, n_runs: int, seed: int
) -> Float32:
    """Runs of any network, (n_runs, n_bins, n_neurons).

    `advance(state, noise)`, both (n_runs_at_once, n_neurons), gives the next state; it may
    overwrite the noise, which is standard normal.
    """
    bins = np.empty((n_runs, int(schedule.n_bins), n_neurons), np.float32)
    calls = [
        partial(
            _fill,
            advance,
            bins[start:stop],
            schedule,
            np.random.default_rng((seed, _STREAM, start)),
        )
        for start, stop in pieces(n_runs, _RUNS_AT_ONCE)
    ]
    with Team() as team:
        team.run(calls)
    return bins


def _fill(advance: Advance, bins: Float32, schedule: Schedule, rng: np.random.Generator) -> None:
    n_runs, n_bins, n_neurons = bins.shape
    state = rng.standard_normal((n_runs, n_neurons), np.float32)
    for _ in range(int(schedule.n_discarded)):
        state = advance(state, rng.standard_normal(state.shape, np.float32))
    for b in range(n_bins):
        total = np.zeros((n_runs, n_neurons))
        for _ in range(schedule.steps_per_bin):
            state = advance(state, rng.standard_normal(state.shape, np.float32))
            total += state
        bins[:, b] = total / schedule.steps_per_bin
