"""What every network of a memory task offers, and the read-outs that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.memory.protocol import Protocol
from popcode.dynamics.memory.stimuli import Stimuli
from popcode.threads import Team

Float32 = NDArray[np.float32]


class Readouts(NamedTuple):
    """Read-outs of every trial and delay over some coordinates of the network.

    Attributes
    ----------
    start, stop : int
        Which coordinates.
    values : ndarray of float32, (n_delays, n_trials, stop - start)
    """

    start: int
    stop: int
    values: Float32


class MemoryNetwork(Interface):
    """A network in orthonormal coordinates of its own: neurons, or modes."""

    @property
    def n_neurons(self) -> int:
        """Neurons, as many as coordinates."""
        ...

    @property
    def constant(self) -> Float32:
        """The unit vector in which all neurons are alike, in these coordinates."""
        ...

    @property
    def gain(self) -> float:
        """Of the connectivity after its normalisation; 1 for linear networks."""
        ...

    def leading(self, n: int) -> Float32:
        """Leading directions of the activity without stimuli, (n, n_neurons), orthonormal."""
        ...

    def readouts(
        self, team: Team, protocol: Protocol, stimuli: Stimuli, seed: int
    ) -> Iterator[Readouts]:
        """Read-outs of a run of the protocol, part by part; each may reuse the last one's array."""
        ...


def neuron_constant(n_neurons: int) -> Float32:
    """The constant vector in the coordinates of the neurons."""
    return np.full(n_neurons, 1 / np.sqrt(n_neurons), np.float32)
