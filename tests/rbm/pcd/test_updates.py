"""The compiled update against the float64 oracle, and what must not change its bits."""

import numpy as np
import pytest

from popcode.rbm.parameters import Parameters
from popcode.rbm.pcd.gradient import centred_gradient
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.pcd.state import independent_chains, initial_parameters, state_at
from popcode.rbm.pcd.updates import Updates
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.trainer import mean_activity
from popcode.threads import Team

N_NEURONS, N_HIDDEN, N_CHAINS = 70, 9, 120  # several blocks of neurons and tiles of chains
RATE = 1e-3


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    rates = rng.uniform(0.02, 0.4, N_NEURONS)
    data = (rng.random((300, N_NEURONS)) < rates).astype(np.uint8)
    data[:, 5], data[:, 6] = 0, 1
    return data


def start(data, n_neurons=N_NEURONS):
    rng = np.random.default_rng(1)
    rates = mean_activity(data, np.arange(len(data)))
    parameters = initial_parameters(rates, len(data), N_HIDDEN, seed=2)
    varies = (rates > 0) & (rates < 1)
    parameters.weights[varies] = rng.normal(0, 0.3, (varies.sum(), N_HIDDEN))
    return rates, state_at(parameters, independent_chains(parameters.fields, N_CHAINS, 3))


def schedule(**changes):
    values = {"n_updates": 1000, "n_sweeps": 2, "batch_size": 300, "learning_rate": RATE}
    return Schedule(**values | {"warm_updates": 1} | changes)


def made(data, n_threads=1, bin_weights=None, rates=None, rows=None, n_made=1, **changes):
    found, state = start(data)
    rates = found if rates is None else rates
    rows = np.arange(len(data)) if rows is None else rows
    with Team(n_threads) as team:
        updates = Updates(data, rates, bin_weights, schedule(**changes), state, 4, team)
        for _ in range(n_made):
            updates.make(rows)
    return state


@pytest.mark.parametrize("weighted", [False, True])
def test_a_step_of_gradient_ascent_is_the_centred_gradient(data, weighted):
    """With all bins in the batch the visible offset is theirs, and momentum's first step whole."""
    bin_weights = None
    rates, before = start(data)
    if weighted:
        bin_weights = np.random.default_rng(5).random(len(data)).astype(np.float32)
        rates = (bin_weights.astype(float) @ data / bin_weights.sum(dtype=float)).astype(np.float32)
    after = made(data, bin_weights=bin_weights, rates=rates, optimizer="sgd", momentum=0.0)
    expected = centred_gradient(before.parameters, data, after.chains, bin_weights)
    expected.weights[[5, 6]] = expected.fields[[5, 6]] = 0
    steps = expected.plain()
    # The hidden shift follows the weights that moved.
    moved = (
        after.weights - before.weights,
        after.fields - before.fields,
        after.hidden_fields - before.hidden_fields,
    )
    for got, wanted in zip(moved, steps, strict=True):
        # float32 weights of size 1 hold a step of 1e-3 g to 1e-7.
        np.testing.assert_allclose(got / RATE, wanted, atol=3e-4)


def test_hidden_means_are_those_of_the_final_states(data):
    """Means of the states before the last sweep would give another gradient (a known defect)."""
    before = start(data)[1]
    after = made(data, optimizer="sgd", momentum=0.0)
    right = centred_gradient(before.parameters, data, after.chains)
    stale = centred_gradient(before.parameters, data, before.chains)
    got = (after.weights - before.weights) / RATE
    error_right, error_stale = (np.abs(got - g.weights)[7:].max() for g in (right, stale))
    assert error_stale > 20 * error_right


def test_the_first_step_of_adam_has_the_rate_as_its_size(data):
    before, after = start(data)[1], made(data)
    gradient = centred_gradient(before.parameters, data, after.chains).weights
    moved = after.weights - before.weights
    clear = np.abs(gradient) > 1e-3
    clear[[5, 6]] = False
    np.testing.assert_allclose(moved[clear], RATE * np.sign(gradient[clear]), rtol=1e-3)


@pytest.mark.parametrize("chains", ["persistent", "data", "random"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_threads_do_not_change_a_bit(data, chains, optimizer):
    one, two = (
        made(data, n_threads=n, n_made=5, chains=chains, optimizer=optimizer, l1=1e-3, l2=1e-3)
        for n in (1, 2)
    )
    assert np.array_equal(one.weights, two.weights)
    assert np.array_equal(one.fields, two.fields)
    assert np.array_equal(one.hidden_fields, two.hidden_fields)
    assert np.array_equal(one.chains, two.chains)


def test_constant_neurons_keep_finite_fields_and_no_weights(data):
    state = made(data, n_made=50, learning_rate=0.05)
    assert not state.weights[[5, 6]].any()
    assert np.isfinite(state.fields).all()
    expected = np.log(0.5 / 300.5)  # half a spike in 300 bins
    np.testing.assert_allclose(state.fields[[5, 6]], [expected, -expected], rtol=1e-3)


def test_penalties_shrink_weights_as_they_say(data):
    """Without a gradient (data as chains, one row) a step of the L2 penalty is -2 l2 w rate."""
    before = start(data)[1]
    plain = made(data, optimizer="sgd", momentum=0.0)
    ridge = made(data, optimizer="sgd", momentum=0.0, l2=0.5, free_share=0.0)
    lasso = made(data, optimizer="sgd", momentum=0.0, l1=0.5, free_share=0.0)
    np.testing.assert_allclose(
        ridge.weights - plain.weights, -2 * 0.5 * RATE * before.weights, atol=3e-7
    )
    large = np.abs(before.weights) > 0.01
    shrunk = (plain.weights - lasso.weights) * np.sign(before.weights)
    np.testing.assert_allclose(shrunk[large], 0.5 * RATE, atol=3e-7)


def test_chains_from_data_are_swept_bins(data):
    """No sweep can be told from its start here, so weights of zero and sure fields tell."""
    rates, state = start(data)
    state.weights[:] = 0
    state.fields[:] = np.where(data[0] != 0, 50, -50)
    with Team(1) as team:
        Updates(data, rates, None, schedule(chains="data"), state, 4, team).make(np.arange(3))
    assert np.array_equal(state.chains, np.tile(data[0] != 0, (N_CHAINS, 1)))


def test_parameters_are_copied_into_a_state(data):
    rates = mean_activity(data, np.arange(len(data)))
    parameters = initial_parameters(rates, len(data), N_HIDDEN, seed=2)
    state = state_at(parameters, independent_chains(parameters.fields, 3, 3))
    state.weights += 1
    state.fields += 1
    assert np.abs(parameters.weights).max() < 0.1
    assert isinstance(state.parameters, Parameters)
    assert isinstance(state.parameters.hidden, Bernoulli)
    assert parameters.fields.max() < state.fields.max()
