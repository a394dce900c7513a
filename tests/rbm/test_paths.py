"""Population activity along chains is that of the chains."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.parameters import Parameters
from popcode.rbm.paths import activity_paths
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team


@pytest.fixture
def chains():
    return (np.random.default_rng(0).random((60, 40)) < 0.3).astype(np.uint8)


@pytest.fixture
def parameters():
    rng = np.random.default_rng(1)
    weights = rng.normal(0, 0.5, (40, 6)).astype(np.float32)
    return Parameters(weights, np.full(40, -1, np.float32), Bernoulli(np.zeros(6)))


def test_counts_along_the_same_chains(parameters, chains):
    groups = np.random.default_rng(2).random((40, 3)) < 0.5
    with Team(2) as team:
        found = activity_paths(team, parameters, chains, 5, 3, 7, groups)
        whole = activity_paths(team, parameters, chains, 5, 3, 7)
        states = chains.copy()
        for sweep in range(8):
            gibbs_sweeps(team, *parameters, states, 1, sweep, 7)
            if sweep >= 3:
                expected = states.astype(int) @ groups
                np.testing.assert_array_equal(found[:, sweep - 3], expected)
                np.testing.assert_array_equal(whole[:, sweep - 3, 0], states.sum(axis=1))


def test_the_start_is_left_as_it_was(parameters, chains):
    before = chains.copy()
    with Team(1) as team:
        activity_paths(team, parameters, chains, 2, 0, 0)
    np.testing.assert_array_equal(chains, before)


def test_what_does_not_fit_is_refused(parameters, chains):
    with Team(1) as team:
        with pytest.raises(InputError, match="groups are of 39"):
            activity_paths(team, parameters, chains, 2, 0, 0, np.ones((39, 1), bool))
        with pytest.raises(InputError, match="starting states are of 39"):
            activity_paths(team, parameters, chains[:, 1:], 2, 0, 0)
        with pytest.raises(InputError, match="n_sweeps is 0"):
            activity_paths(team, parameters, chains, 0, 0, 0)
