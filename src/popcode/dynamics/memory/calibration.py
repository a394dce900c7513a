"""The gain at which an echo-state network of any size decays as large ones do.

Cut off at zero, the network without input is homogeneous: doubling the state doubles all that
follows, and after a while its size changes by the same factor in every step. At the published gain
this factor is just below 1 for large networks, but scatters over networks of a few thousand
neurons, some of which grow without bound. As the linear networks are scaled by their realised
largest eigenvalue, so are these by their realised decay.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
# Of 1 / tau. At gain 1.35 and radius 0.998, four networks of 5,000 neurons and two of 10,000:
# 0.040 +- 0.008 (standard error).
DECAY = 0.04
_STREAM = 178
_N_STEPS, _N_COUNTED, _N_ROUNDS = 800, 300, 3
# advance(state, gain) -> the state (n_neurons, n_runs) a step later, without input.
Advance = Callable[[Float32, float], Float32]


def growth_rate(advance: Advance, n_neurons: int, gain: float, seed: int) -> float:
    """Logarithm of the factor by which the activity changes in a step."""
    rng = np.random.default_rng((seed, _STREAM))
    state = np.abs(rng.standard_normal((n_neurons, 2), np.float32))
    total = 0.0
    for t in range(_N_STEPS):
        state = advance(state, gain)
        size = float(np.linalg.norm(state))
        state /= np.float32(size)
        if t >= _N_STEPS - _N_COUNTED:
            total += np.log(size)
    return total / _N_COUNTED


def calibrated_gain(
    advance: Advance, n_neurons: int, step: float, start: float, seed: int
) -> float:
    """Gain at which the activity decays at `DECAY` / tau.

    Parameters
    ----------
    advance : callable
    n_neurons : int
    step : float
        dt / tau.
    start : float
        A gain near it.
    seed : int
    """
    gain, wanted = start, np.exp(-DECAY * step)
    for _ in range(_N_ROUNDS):
        factor = np.exp(growth_rate(advance, n_neurons, gain, seed))
        # Neurons that stay active follow 1 - step + step * gain * (something fixed).
        gain *= (wanted - 1 + step) / (factor - 1 + step)
    return float(gain)
