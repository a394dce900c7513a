"""The symmetric linear network, in its eigenvectors: no matrix, no steps.

Every mode is by itself. Across a block its state y and the sum S over the window follow from the
state before with Gaussian noise of known covariance. The eigenvectors of a rotation-invariant
ensemble are uniformly random and independent of the eigenvalues, so random patterns have the same
law in modes as in neurons, and the constant vector over neurons, which z-scoring takes out of
every read-out, is a uniformly random unit vector over modes. Nothing is approximated by this;
z-scores of each neuron over trials, which mix modes, would need the eigenvectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from popcode.dynamics.ensemble import ensemble_eigenvalues
from popcode.dynamics.memory.network import Readouts
from popcode.dynamics.memory.protocol import Protocol
from popcode.dynamics.memory.stimuli import Stimuli
from popcode.dynamics.theory.modes import decay_rates, state_variance
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
_NOISE_STREAM, _CONSTANT_STREAM = 171, 172
MODES_AT_ONCE, _MODES_A_PIECE = 1000, 250


class BlockOfModes(NamedTuple):
    """How every mode passes through a block, (n_modes,) each.

    end = decay y + end_noise a, sum = gain y + cross_noise a + sum_noise b, with a, b ~ N(0, 1);
    `start` is the standard deviation of y at equilibrium and `pulse` what a pulse adds to it.
    """

    decay: Float32
    gain: Float32
    end_noise: Float32
    cross_noise: Float32
    sum_noise: Float32
    start: Float32
    pulse: Float32


class SymmetricModes(NamedTuple):
    """A symmetric network in the coordinates of its eigenvectors.

    Attributes
    ----------
    eigenvalues : ndarray, (n_neurons,)
        Largest first, below 1.
    constant : ndarray of float32, (n_neurons,)
    """

    eigenvalues: Float
    constant: Float32

    @property
    def n_neurons(self) -> int:
        """Neurons, as many as modes."""
        return len(self.eigenvalues)

    @property
    def gain(self) -> float:
        """None beyond the normalisation."""
        return 1.0

    def leading(self, n: int) -> Float32:
        """The slowest modes."""
        return np.eye(n, self.n_neurons, dtype=np.float32)

    def readouts(
        self, team: Team, protocol: Protocol, stimuli: Stimuli, seed: int
    ) -> Iterator[Readouts]:
        """Read-outs, a part of the modes after the other; see `MemoryNetwork`."""
        shape = protocol.n_delays, protocol.n_trials, min(MODES_AT_ONCE, self.n_neurons)
        values = np.empty(shape, np.float32)
        for start, stop in pieces(self.n_neurons, MODES_AT_ONCE):
            calls = [
                partial(
                    _fill,
                    values[:, :, first:last],
                    block_of_modes(self.eigenvalues[start + first : start + last], protocol),
                    stimuli.patterns(start + first, start + last),
                    protocol,
                    np.random.default_rng((seed, _NOISE_STREAM, start + first)),
                )
                for first, last in pieces(stop - start, _MODES_A_PIECE)
            ]
            team.run(calls)
            yield Readouts(start, stop, values[:, :, : stop - start])


def symmetric_modes(n_neurons: int, radius: float, seed: int) -> SymmetricModes:
    """A draw from the ensemble of dense symmetric networks whose largest eigenvalue is `radius`."""
    values = ensemble_eigenvalues(n_neurons, n_neurons, seed)
    constant = np.random.default_rng((seed, _CONSTANT_STREAM)).standard_normal(n_neurons)
    constant /= np.linalg.norm(constant)
    return SymmetricModes(values * (radius / values[0]), constant.astype(np.float32))


def block_of_modes(eigenvalues: ArrayLike, protocol: Protocol) -> BlockOfModes:
    """How modes pass through the blocks of a protocol; closed forms of geometric sums."""
    values = np.asarray(eigenvalues, np.float64)
    rates = decay_rates(values, protocol.step)
    n, gap = protocol.block_steps, protocol.gap_steps
    amplitude = protocol.step * protocol.noise
    powers = np.exp(-np.outer(np.arange(n), rates))
    sums = np.cumsum(powers, axis=0)
    # Noise of t steps before the end adds g^t to the end, and to the sum what of its decay lies
    # in the window.
    before_window = np.zeros_like(sums)
    before_window[n - gap :] = sums[:gap]
    in_window = sums - before_window
    end = amplitude * np.sqrt((powers**2).sum(axis=0))
    cross = amplitude * (powers * in_window).sum(axis=0) / np.sqrt((powers**2).sum(axis=0))
    total = amplitude**2 * (in_window**2).sum(axis=0)
    parts = (
        np.exp(-n * rates),
        np.exp(-(gap + 1) * rates) * sums[protocol.window_steps - 1],
        end,
        cross,
        np.sqrt(np.maximum(total - cross**2, 0)),
        protocol.noise * np.sqrt(state_variance(values, protocol.step)),
        protocol.step * protocol.drive * sums[protocol.pulse_steps - 1],
    )
    return BlockOfModes(*(part.astype(np.float32) for part in parts))


def _fill(
    values: Float32,
    block: BlockOfModes,
    patterns: Float32,
    protocol: Protocol,
    rng: np.random.Generator,
) -> None:
    """Fill `values` (n_delays, n_trials, n_modes) with the read-outs of all runs."""
    n_runs, shape = protocol.n_runs, (protocol.n_runs, patterns.shape[1])
    state = block.start * rng.standard_normal(shape, np.float32)
    for j in range(protocol.n_stimuli):
        trials = slice(j * n_runs, (j + 1) * n_runs)
        state += block.pulse * patterns[trials]
        for k in range(protocol.n_blocks):
            first = rng.standard_normal(shape, np.float32)
            if k < protocol.n_delays:
                second = rng.standard_normal(shape, np.float32)
                second *= block.sum_noise
                second += block.cross_noise * first
                second += block.gain * state
                values[k, trials] = second
            state *= block.decay
            first *= block.end_noise
            state += first
