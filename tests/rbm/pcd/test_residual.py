"""What is left of the gradient: none at the optimum, all of it at the start, and bins by weight."""

import numpy as np
import pytest

from popcode.rbm.pcd.residual import TOLERANCE, left_over
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.pcd.state import independent_chains, initial_parameters, state_at
from popcode.rbm.trainer import mean_activity
from popcode.threads import Team

N_NEURONS = 8
SCHEDULE = Schedule(n_updates=1, n_sweeps=1, batch_size=1, learning_rate=1.0)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    shared = rng.random((4000, 1)) < 0.4
    return (rng.random((4000, N_NEURONS)) < np.where(shared, 0.6, 0.1)).astype(np.uint8)


def independent_state(data):
    """Neurons with the data's rates; weights that see a common source but do not cause it."""
    parameters = initial_parameters(mean_activity(data, np.arange(len(data))), len(data), 3, 1)
    parameters.weights[:] *= 10
    return state_at(parameters, independent_chains(parameters.fields, 400, 2))


def left_of(state, data, weights=None):
    with Team() as team:
        return left_over(team, state, data, np.arange(len(data)), SCHEDULE, 3, weights)


def test_a_model_that_has_learnt_nothing_is_far_from_converged(data):
    """All but what a neuron's own variance gives, which is right in any model, is left."""
    assert left_of(independent_state(data), data) > 3 * TOLERANCE


def test_nothing_is_left_where_the_data_are_the_model_s_own():
    """Independent neurons are their own optimum."""
    rates = np.random.default_rng(4).uniform(0.1, 0.4, N_NEURONS)
    data = (np.random.default_rng(5).random((20_000, N_NEURONS)) < rates).astype(np.uint8)
    state = independent_state(data)
    state.weights[:] = 0
    state.weights[0, 0] = 1e-3  # what it sees is neuron 0 alone
    assert left_of(state, data) < TOLERANCE


def test_bins_count_as_their_weights_say(data):
    """A bin of weight 2 is that bin twice, one of weight 0 none."""
    weights = np.random.default_rng(6).integers(0, 3, len(data)).astype(np.float32)
    state = independent_state(data)
    repeated = np.repeat(data, weights.astype(int), axis=0)
    assert left_of(state, data, weights) == pytest.approx(left_of(state, repeated), rel=1e-4)
    assert left_of(state, data, weights) != pytest.approx(left_of(state, data), rel=1e-4)
