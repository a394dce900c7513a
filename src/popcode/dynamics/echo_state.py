"""A rectified network, which only simulation serves: the echo-state network of the memory tasks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.euler import Float32, binned_runs
from popcode.dynamics.schedule import Schedule

GAIN = 1.35  # of the published simulations


def simulate_echo_state(
    connectivity: NDArray[np.floating],
    schedule: Schedule,
    n_runs: int,
    gain: float = GAIN,
    seed: int = 0,
) -> Float32:
    """Step x_{t+1} = max(0, (1 - h) x_t + h (gain A x_t + xi_t)) from x_0 ~ N(0, 1), binned.

    Parameters
    ----------
    connectivity : ndarray, (n_neurons, n_neurons)
        Normalised; a sparse one without symmetry in the published simulations.
    schedule : Schedule
        Finite; `step` is h.
    n_runs : int
    gain : float
        Above 1, activity that rectification halves can still persist.
    seed : int
        The same bits whatever the number of threads.

    Returns
    -------
    ndarray of float32, (n_runs, n_bins, n_neurons)

    References
    ----------
    Pachitariu et al., Nature 655, 990-996 (2026), working-memory tasks.
    """
    h = np.float32(schedule.step)
    propagator = np.ascontiguousarray(h * gain * connectivity.T, dtype=np.float32)
    propagator[np.diag_indices_from(propagator)] += 1 - h

    def advance(state: Float32, noise: Float32) -> Float32:
        noise *= h
        noise += state @ propagator
        return np.maximum(noise, 0, out=noise)

    return binned_runs(advance, len(propagator), schedule, n_runs, seed)
