"""The memory tasks, and the curves that one network reaches in one of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.memory.decoding import nearest_mean_accuracy, zero_shot_accuracy
from popcode.dynamics.memory.network import MemoryNetwork
from popcode.dynamics.memory.protocol import Protocol
from popcode.dynamics.memory.similarity import correlations, delays_read
from popcode.dynamics.memory.stimuli import (
    N_DIMENSIONS,
    Stimuli,
    aligned_patterns,
    new_patterns,
    two_patterns,
)
from popcode.threads import Team

Float = NDArray[np.floating]
_ORDER_STREAM = 177


class Task(NamedTuple):
    """What is to be remembered.

    Attributes
    ----------
    title : str
    interval_s : float
        Between stimuli.
    n_stimuli : int
        Of a run.
    draw : callable
        (network, n_trials, seed) -> Stimuli.
    is_zero_shot : bool
        Whether every trial has a stimulus of its own.
    """

    title: str
    interval_s: float
    n_stimuli: int
    draw: Callable[[MemoryNetwork, int, int], Stimuli]
    is_zero_shot: bool

    def chance(self, protocol: Protocol) -> float:
        """Accuracy of guesses."""
        return 2 / protocol.n_trials if self.is_zero_shot else 0.5


def _two(network: MemoryNetwork, n_trials: int, seed: int) -> Stimuli:
    return two_patterns(n_trials, network.n_neurons, seed)


def _new(network: MemoryNetwork, n_trials: int, seed: int) -> Stimuli:
    return new_patterns(n_trials, network.n_neurons, seed)


def _aligned(network: MemoryNetwork, n_trials: int, seed: int) -> Stimuli:
    leading = network.leading(min(N_DIMENSIONS, network.n_neurons))
    return aligned_patterns(n_trials, leading, seed)


# Pachitariu et al., Nature 655, 990-996 (2026), figure 5.
TASKS = {
    "binary": Task("which of two patterns", 3.0, 50, _two, False),
    "zero-shot": Task("patterns never seen before", 3.0, 50, _new, True),
    "subspace": Task("new patterns in the network's leading dimensions", 9.0, 15, _aligned, True),
}


class Curves(NamedTuple):
    """Accuracy of one network in one task, (n_delays,) each.

    `known`: all trials read out at the same delay; `unknown`: each at any delay up to it. The
    controls are of the same decoder with the stimuli of trials exchanged.
    """

    known: Float
    unknown: Float
    known_control: Float
    unknown_control: Float


def memory_curves(
    team: Team, network: MemoryNetwork, task: Task, protocol: Protocol, seed: int
) -> Curves:
    """Run a task on a network, and decode its stimuli at every delay.

    Parameters
    ----------
    team : Team
    network : MemoryNetwork
    task : Task
    protocol : Protocol
        Its lengths are those that the network was made for.
    seed : int
        Of stimuli and noise; the same bits whatever the number of threads.

    Returns
    -------
    Curves
    """
    stimuli = task.draw(network, protocol.n_trials, seed)
    delays = delays_read(protocol.n_delays, protocol.n_trials, seed)
    parts = network.readouts(team, protocol, stimuli, seed)
    similarity = correlations(team, parts, network.constant, delays.reshape(-1, protocol.n_trials))
    decode = _decoder(task, stimuli, network, protocol, seed)
    found = np.empty((len(similarity), 2))
    team.run(partial(_decode_into, found, p, decode, similarity[p]) for p in range(len(found)))
    (known, known_control), (unknown, unknown_control) = found.reshape(2, -1, 2).transpose(0, 2, 1)
    return Curves(known, unknown, known_control, unknown_control)


def memory_expected(protocol: Protocol, n_coordinates: int) -> int:
    """Bytes that a task takes at most; a network gives so many coordinates at once."""
    similarity = 2 * protocol.n_delays * protocol.n_trials**2
    readouts = protocol.n_delays * protocol.n_trials * n_coordinates
    at_once = 6 * protocol.n_trials * (protocol.n_trials + n_coordinates)
    return 4 * (similarity + readouts + at_once)


Decoder = Callable[[NDArray[np.float32]], tuple[float, float]]


def _decoder(
    task: Task, stimuli: Stimuli, network: MemoryNetwork, protocol: Protocol, seed: int
) -> Decoder:
    """Accuracy and control from the similarity of read-outs."""
    order = np.random.default_rng((seed, _ORDER_STREAM)).permutation(protocol.n_trials)
    first = protocol.first_fold
    if task.is_zero_shot:
        patterns = stimuli.similarities(network.constant)
        return lambda similarity: zero_shot_accuracy(similarity, patterns, first, order)
    labels = stimuli.labels
    return lambda similarity: (
        nearest_mean_accuracy(similarity, labels, first),
        nearest_mean_accuracy(similarity, labels[order], first),
    )


def _decode_into(
    found: Float, point: int, decode: Decoder, similarity: NDArray[np.float32]
) -> None:
    found[point] = decode(similarity)
