"""Small models with deep wells, and the share of each well by enumeration."""

from types import SimpleNamespace

import numpy as np
import pytest

from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.ladder import Ladder
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team

N_NEURONS = 15


def pair_of_layers():
    """Six by six units, every state within reach, and a law that heating changes much."""
    rng = np.random.default_rng((0, 3))
    weights = (3 * rng.normal(0, 1, (6, 6))).astype(np.float32)
    fields = rng.normal(-1, 1, 6).astype(np.float32)
    return Parameters(weights, fields, Bernoulli(rng.normal(1, 1, 6)))


def three_states(depth=8.0, n_neurons=N_NEURONS):
    """Three groups of neurons, one of which is active at a time; unequal shares of the three."""
    group = np.arange(n_neurons) % 3
    weights = np.where(group[:, None] == np.arange(3), depth, -depth).astype(np.float32)
    fields = np.float32(-depth / 2) + np.array([0.1, 0, -0.1], np.float32)[group]
    return Parameters(weights, fields, Bernoulli(np.full(3, depth / 2)))


def well_of(states):
    """Which group is the most active, (n_states,)."""
    group = np.arange(states.shape[1]) % 3
    sums = np.stack([states[:, group == k].sum(axis=1, dtype=int) for k in range(3)], axis=1)
    return sums.argmax(axis=1)


def well_shares(parameters):
    """Probability of each well, by enumeration."""
    probabilities = state_probabilities(parameters)
    wells = well_of(all_states(parameters.n_neurons))
    return np.bincount(wells, weights=probabilities, minlength=3)


def codes_of(states):
    return states.astype(np.int64) @ (1 << np.arange(states.shape[1])[::-1])


def total_variation(states, parameters):
    """Of the counted states from the enumerated law."""
    probabilities = state_probabilities(parameters)
    counts = np.bincount(codes_of(states), minlength=probabilities.size)
    return np.abs(counts / len(states) - probabilities).sum() / 2


def floor_of(parameters, n):
    """Expected total variation of n independent draws: sum of normal absolute deviations."""
    p = state_probabilities(parameters)
    return np.sqrt(2 * p * (1 - p) / (np.pi * n)).sum() / 2


def ladder_of(rungs, n_chains, state=0):
    """A ladder whose chains all start in one state of equal neurons."""
    shape = (len(rungs), n_chains, rungs[0].n_neurons)
    return Ladder(tuple(rungs), np.full(shape, state, np.uint8), (0,) * len(rungs), np.nan)


@pytest.fixture(scope="session")
def planted():
    """What the tests of tempering share."""
    return SimpleNamespace(
        pair_of_layers=pair_of_layers,
        three_states=three_states,
        well_of=well_of,
        well_shares=well_shares,
        total_variation=total_variation,
        floor_of=floor_of,
        ladder_of=ladder_of,
    )


@pytest.fixture(scope="module")
def team():
    with Team(2) as team:
        yield team
