"""The non-symmetric linear network: its read-outs block by block, by powers of its matrix."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from popcode.dynamics.memory.network import Readouts, neuron_constant
from popcode.dynamics.memory.protocol import Protocol
from popcode.dynamics.memory.stimuli import Stimuli
from popcode.dynamics.network import LinearNetwork
from popcode.dynamics.theory.general import (
    Stretch,
    joined,
    propagator,
    stationary_covariance,
    stretch_of,
)
from popcode.threads import Team, pieces

Float = NDArray[np.floating]
Float32 = NDArray[np.float32]
_STREAM = 173
_RUNS_A_PIECE = 20


class BlockOfNeurons(NamedTuple):
    """How the state passes through a block, (n_neurons, n_neurons) each, for rows of states.

    end = y @ decay + a @ end_noise, sum = y @ gain + a @ cross_noise + b @ sum_noise, with a, b
    standard normal; a @ `start` is y at equilibrium; a pulse of pattern v adds v @ `pulse`. All of
    it for noise and drive of 1: whatever a protocol says of them is a factor.
    """

    decay: Float32
    gain: Float32
    end_noise: Float32
    cross_noise: Float32
    sum_noise: Float32
    start: Float32
    pulse: Float32


class NonsymmetricNetwork(NamedTuple):
    """A linear network in the coordinates of its neurons.

    Attributes
    ----------
    block : BlockOfNeurons
        Of protocols with the same step and lengths.
    covariance : ndarray, (n_neurons, n_neurons)
        At equilibrium.
    """

    block: BlockOfNeurons
    covariance: Float

    @property
    def n_neurons(self) -> int:
        """Neurons."""
        return len(self.covariance)

    @property
    def constant(self) -> Float32:
        """The constant vector."""
        return neuron_constant(self.n_neurons)

    @property
    def gain(self) -> float:
        """None beyond the normalisation."""
        return 1.0

    def leading(self, n: int) -> Float32:
        """Leading eigenvectors of the covariance at equilibrium."""
        return np.linalg.eigh(self.covariance)[1].T[: -n - 1 : -1].astype(np.float32)

    def readouts(
        self, team: Team, protocol: Protocol, stimuli: Stimuli, seed: int
    ) -> Iterator[Readouts]:
        """Read-outs of all neurons at once; see `MemoryNetwork`."""
        shape = (protocol.n_delays, protocol.n_stimuli, protocol.n_runs, self.n_neurons)
        values = np.empty(shape, np.float32)
        patterns = stimuli.patterns(0, self.n_neurons).reshape(shape[1:])
        calls = [
            partial(
                _fill,
                values[:, :, first:last],
                self.block,
                patterns[:, first:last],
                protocol,
                np.random.default_rng((seed, _STREAM, first)),
            )
            for first, last in pieces(protocol.n_runs, _RUNS_A_PIECE)
        ]
        team.run(calls)
        yield Readouts(0, self.n_neurons, values.reshape(shape[0], -1, self.n_neurons))


def nonsymmetric_network(
    n_neurons: int, radius: float, protocol: Protocol, seed: int
) -> NonsymmetricNetwork:
    """A dense network whose connections in both directions are independent."""
    network = LinearNetwork(n_neurons=n_neurons, asymmetry=1.0, radius=radius, seed=seed)
    return linear_network(network.connectivity.to_array(), protocol)


def linear_network(connectivity: NDArray[np.floating], protocol: Protocol) -> NonsymmetricNetwork:
    """The network of a connectivity, (n_neurons, n_neurons), for protocols with these blocks.

    Raises
    ------
    InputError
        A network that grows without bound.
    """
    step = protocol.step
    transition = propagator(connectivity, step)
    gap = stretch_of(transition, step, protocol.gap_steps)
    window = stretch_of(transition, step, protocol.window_steps)
    pulse = _sum_of_powers(transition, protocol.pulse_steps)
    stretch = _read_after(gap, window)
    covariance = stationary_covariance(stretch.decay, stretch.end_noise)
    return NonsymmetricNetwork(_block(stretch, covariance, step * pulse), covariance)


def _read_after(gap: Stretch, window: Stretch) -> Stretch:
    """The stretch of both, of which the states of the gap are left out of the sum."""
    nothing = np.zeros_like(gap.gain)
    return joined(gap._replace(gain=nothing, cross_noise=nothing, sum_noise=nothing), window)


def _sum_of_powers(transition: Float, n: int) -> Float:
    """I + G + ... + G^(n - 1), from the highest bit of n down."""
    one = np.eye(len(transition))
    total, power = one, transition
    for bit in f"{n:b}"[1:]:
        total, power = total + power @ total, power @ power
        if bit == "1":
            total, power = one + transition @ total, transition @ power
    return total


def _block(stretch: Stretch, covariance: Float, pulse: Float) -> BlockOfNeurons:
    end = np.linalg.cholesky(stretch.end_noise)
    cross = solve_triangular(end, stretch.cross_noise.T, lower=True).T
    rest = np.linalg.cholesky(stretch.sum_noise - cross @ cross.T)
    start = np.linalg.cholesky(covariance)
    parts = (stretch.decay, stretch.gain, end, cross, rest, start, pulse)
    return BlockOfNeurons(*(np.ascontiguousarray(part.T, np.float32) for part in parts))


def _fill(
    values: Float32,
    block: BlockOfNeurons,
    patterns: Float32,
    protocol: Protocol,
    rng: np.random.Generator,
) -> None:
    """Fill `values` (n_delays, n_stimuli, n_runs, n_neurons) with the read-outs of some runs."""
    noise, drive = np.float32(protocol.noise), np.float32(protocol.drive)
    n_blocks, (_, n_runs, n_neurons) = protocol.n_blocks, patterns.shape
    states = np.empty((n_blocks, n_runs, n_neurons), np.float32)
    state = noise * (rng.standard_normal((n_runs, n_neurons), np.float32) @ block.start)
    for j, pattern in enumerate(patterns):
        state = state + drive * (pattern @ block.pulse)
        first = noise * rng.standard_normal(states.shape, np.float32)
        kicks = first @ block.end_noise
        for k in range(n_blocks):
            states[k] = state
            state = state @ block.decay + kicks[k]
        second = noise * rng.standard_normal(states[1:].shape, np.float32)
        values[:, j] = states[:-1] @ block.gain
        values[:, j] += first[:-1] @ block.cross_noise
        values[:, j] += second @ block.sum_noise
