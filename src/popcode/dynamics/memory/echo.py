"""The echo-state network, x_{t+1} = max(0, (1 - h) x_t + h (A x_t + input)): stepped through time.

Its few links are of equal strength less their mean: A x is a sum over links and a mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from popcode.dynamics.connectivity.structures import Sparse
from popcode.dynamics.memory.calibration import calibrated_gain
from popcode.dynamics.memory.network import Readouts, neuron_constant
from popcode.dynamics.memory.protocol import Protocol
from popcode.dynamics.memory.stimuli import Stimuli
from popcode.dynamics.network import LinearNetwork
from popcode.threads import Team, pieces

Float32 = NDArray[np.float32]
PUBLISHED_GAIN = 1.35  # in the published program; its text says 1.4
_PROBABILITY = 0.1
_STREAM, _QUIET_STREAM = 174, 175
_RUNS_A_PIECE = 20
_BURN_IN_BLOCKS = 20  # 2.4 s, several times what the network remembers
_QUIET_BLOCKS = 60


class Links(NamedTuple):
    """Sources of neuron i are sources[starts[i]:starts[i + 1]].

    Attributes
    ----------
    starts : ndarray of int64, (n_neurons + 1,)
    sources : ndarray of int32
    link, offset : float
        A x = link * (sum over sources) + offset * (sum over all others).
    """

    starts: NDArray[np.int64]
    sources: NDArray[np.int32]
    link: float
    offset: float

    def scaled(self, gain: float) -> Links:
        """Links of gain * A."""
        return self._replace(link=gain * self.link, offset=gain * self.offset)


class EchoNetwork(NamedTuple):
    """An echo-state network in the coordinates of its neurons.

    Attributes
    ----------
    links : Links
        Times the gain.
    gain : float
    protocol : Protocol
        Whose noise the leading directions are found with.
    seed : int
    """

    links: Links
    gain: float
    protocol: Protocol
    seed: int

    @property
    def n_neurons(self) -> int:
        """Neurons."""
        return len(self.links.starts) - 1

    @property
    def constant(self) -> Float32:
        """The constant vector."""
        return neuron_constant(self.n_neurons)

    def leading(self, n: int) -> Float32:
        """Leading eigenvectors of the covariance of read-outs of runs without stimuli."""
        protocol = self.protocol._replace(n_blocks=_QUIET_BLOCKS + 1, n_stimuli=1)
        silence = np.zeros((1, protocol.n_runs, self.n_neurons), np.float32)
        values = np.empty((_QUIET_BLOCKS, *silence.shape), np.float32)
        with Team() as team:
            self._step(team, protocol, silence, values, _QUIET_STREAM, self.seed)
        activity = values.reshape(-1, self.n_neurons)
        activity -= activity.mean(axis=0)
        return np.linalg.eigh(activity.T @ activity)[1].T[: -n - 1 : -1].copy()

    def readouts(
        self, team: Team, protocol: Protocol, stimuli: Stimuli, seed: int
    ) -> Iterator[Readouts]:
        """Read-outs of all neurons at once; see `MemoryNetwork`."""
        shape = (protocol.n_delays, protocol.n_stimuli, protocol.n_runs, self.n_neurons)
        values = np.empty(shape, np.float32)
        patterns = stimuli.patterns(0, self.n_neurons).reshape(shape[1:])
        self._step(team, protocol, patterns, values, _STREAM, seed)
        yield Readouts(0, self.n_neurons, values.reshape(shape[0], -1, self.n_neurons))

    def _step(
        self,
        team: Team,
        protocol: Protocol,
        patterns: Float32,
        values: Float32,
        stream: int,
        seed: int,
    ) -> None:
        calls = [
            partial(
                _fill,
                values[:, :, first:last],
                self.links,
                patterns[:, first:last],
                protocol,
                np.random.default_rng((seed, stream, first)),
            )
            for first, last in pieces(protocol.n_runs, _RUNS_A_PIECE)
        ]
        team.run(calls)


def echo_network(n_neurons: int, radius: float, protocol: Protocol, seed: int) -> EchoNetwork:
    """A sparse network with independent directions, scaled as large ones of gain 1.35 are."""
    structure = Sparse(_PROBABILITY)
    network = LinearNetwork(
        n_neurons=n_neurons, structure=structure, asymmetry=1.0, radius=radius, seed=seed
    )
    links = links_of(network.connectivity.to_array())
    nothing = np.zeros((n_neurons, 2), np.float32)

    def step(state: Float32, gain: float) -> Float32:
        following = np.empty_like(state)
        advance(state, following, nothing, *links.scaled(gain), protocol.step)
        return following

    gain = calibrated_gain(step, n_neurons, protocol.step, PUBLISHED_GAIN, seed)
    return EchoNetwork(links.scaled(gain), gain, protocol, seed)


def links_of(connectivity: NDArray[np.floating]) -> Links:
    """Links of a matrix of two values off its diagonal, one above and one below zero."""
    is_link = connectivity > 0
    starts = np.concatenate([[0], np.cumsum(is_link.sum(axis=1))])
    link, offset = float(connectivity.max()), float(connectivity.min())
    return Links(starts, np.nonzero(is_link)[1].astype(np.int32), link - offset, offset)


def _fill(
    values: Float32,
    links: Links,
    patterns: Float32,
    protocol: Protocol,
    rng: np.random.Generator,
) -> None:
    """Fill `values` (n_delays, n_stimuli, n_runs, n_neurons) with the read-outs of some runs."""
    n_stimuli = len(patterns)
    pulses = np.ascontiguousarray(patterns.transpose(0, 2, 1)) * np.float32(protocol.drive)
    silence = np.zeros_like(pulses[0])
    state, window = np.zeros_like(silence), np.empty_like(silence)
    for k in range(_BURN_IN_BLOCKS):
        is_last = k == _BURN_IN_BLOCKS - 1
        state = _block(state, window, links, pulses[0] if is_last else silence, protocol, rng)
    for j in range(n_stimuli):
        for k in range(protocol.n_delays):
            state = _block(state, window, links, silence, protocol, rng)
            values[k, j] = window.T
        following = pulses[j + 1] if j + 1 < n_stimuli else silence
        state = _block(state, window, links, following, protocol, rng)


def _block(
    state: Float32,
    window: Float32,
    links: Links,
    pulse: Float32,
    protocol: Protocol,
    rng: np.random.Generator,
) -> Float32:
    """The state (n_neurons, n_runs) after a block; `window` becomes the sum over its window."""
    noise, following = np.empty_like(state), np.empty_like(state)
    window[:] = 0
    for t in range(protocol.block_steps):
        rng.standard_normal(dtype=np.float32, out=noise)
        noise *= protocol.noise
        if t >= protocol.block_steps - protocol.pulse_steps:
            noise += pulse
        advance(state, following, noise, *links, protocol.step)
        state, following = following, state
        if t >= protocol.gap_steps:
            window += state
    return state


@njit(nogil=True, cache=True, error_model="numpy")
def advance(state, following, drive, starts, sources, link, offset, step):
    """One step of runs side by side; all arrays of states are (n_neurons, n_runs) float32."""
    n_neurons, n_runs = state.shape
    keep, h = np.float32(1 - step), np.float32(step)
    link_32, offset_32 = np.float32(link), np.float32(offset)
    total, linked = np.zeros(n_runs, np.float32), np.empty(n_runs, np.float32)
    for i in range(n_neurons):
        for r in range(n_runs):
            total[r] += state[i, r]
    for i in range(n_neurons):
        linked[:] = 0
        for k in range(starts[i], starts[i + 1]):
            row = state[sources[k]]
            for r in range(n_runs):
                linked[r] += row[r]
        for r in range(n_runs):
            recurrent = link_32 * linked[r] + offset_32 * (total[r] - state[i, r])
            value = keep * state[i, r] + h * (recurrent + drive[i, r])
            following[i, r] = max(value, np.float32(0))
