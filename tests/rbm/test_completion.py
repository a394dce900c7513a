"""What a model says of some neurons given others, against enumeration."""

import numpy as np
import pytest
from scipy.special import expit

from popcode.errors import InputError
from popcode.rbm.completion import complete_group, conditional_log_odds
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.parameters import Parameters, free_energy
from popcode.rbm.potentials import Bernoulli, Gaussian
from popcode.threads import Team


@pytest.fixture(scope="module")
def team():
    with Team(2) as team:
        yield team


def model(n_neurons, n_hidden, scale=1.5, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, scale, (n_neurons, n_hidden)).astype(np.float32)
    fields = rng.normal(-1, 1, n_neurons).astype(np.float32)
    return Parameters(weights, fields, Bernoulli(rng.normal(0, 1, n_hidden)))


def flipped_log_odds(parameters, states):
    """From free energies of the states with each neuron set to 0 and to 1."""
    exact = parameters._replace(weights=parameters.weights.astype(np.float64))
    found = np.empty(states.shape)
    for i in range(states.shape[1]):
        silent, active = states.copy(), states.copy()
        silent[:, i], active[:, i] = 0, 1
        found[:, i] = free_energy(exact, silent) - free_energy(exact, active)
    return found


# More than one block of neurons and one call of bins, none of them full; one unit alone; and
# weights so large that a product of a few factors would overflow.
@pytest.mark.parametrize("shape", [(7, 1, 1.5), (150, 37, 0.5), (5, 40, 90.0)])
def test_log_odds_are_differences_of_free_energies(team, shape):
    parameters = model(*shape)
    states = (np.random.default_rng(1).random((130, shape[0])) < 0.3).astype(np.uint8)
    expected = flipped_log_odds(parameters, states)
    found = conditional_log_odds(team, parameters, states)
    # The result is float32: 6e-8 of it, and free energies of hundreds differ with 1e-13 of them.
    np.testing.assert_allclose(found, expected, rtol=2e-7, atol=1e-6)


def test_log_odds_do_not_see_the_neuron_itself(team):
    parameters = model(20, 10)
    states = (np.random.default_rng(2).random((40, 20)) < 0.4).astype(np.uint8)
    other = states.copy()
    other[:, 3] ^= 1
    first, second = (conditional_log_odds(team, parameters, x)[:, 3] for x in (states, other))
    np.testing.assert_allclose(first, second, atol=2e-6)  # float32 of values of about 10


def test_log_odds_do_not_depend_on_the_threads():
    parameters = model(200, 20)
    states = (np.random.default_rng(3).random((300, 200)) < 0.1).astype(np.uint8)
    found = []
    for n_threads in (1, 3):
        with Team(n_threads) as team:
            found.append(conditional_log_odds(team, parameters, states))
    np.testing.assert_array_equal(*found)


def exact_group(parameters, states, held):
    """P(v_i = 1 | observed) by summing over every state that agrees with the observed neurons."""
    law, every = state_probabilities(parameters), all_states(parameters.n_neurons)
    observed = np.setdiff1d(np.arange(parameters.n_neurons), held)
    found = np.empty((len(states), len(held)))
    for t, state in enumerate(states):
        agree = np.all(every[:, observed] == state[observed], axis=1)
        found[t] = law[agree] @ every[agree][:, held] / law[agree].sum()
    return found


def test_held_out_group_by_enumeration(team):
    parameters, held = model(9, 5, scale=1.0), np.array([7, 0, 4])
    states = (np.random.default_rng(4).random((60, 9)) < 0.4).astype(np.uint8)
    found = complete_group(team, parameters, states, held, seed=0, n_sweeps=4000)
    exact = exact_group(parameters, states, held)
    deviations = (found.probability - exact) / found.standard_error
    # 10 batches make the standard error itself uncertain by a quarter: Student's t with 9 degrees.
    assert np.sqrt(np.mean(deviations**2)) < 1.6  # t_9 has 1.13; 180 values
    assert found.standard_error.max() < 0.02


def test_a_group_of_one_is_the_exact_conditional(team):
    parameters = model(12, 6, scale=0.7)
    states = (np.random.default_rng(5).random((50, 12)) < 0.3).astype(np.uint8)
    exact = expit(conditional_log_odds(team, parameters, states)[:, [5]])
    found = complete_group(team, parameters, states, np.array([5]), seed=1, n_sweeps=4000)
    np.testing.assert_allclose(found.probability, exact, atol=6 * found.standard_error.max())


def test_held_out_states_are_never_seen(team):
    parameters, held = model(10, 4), np.array([1, 8])
    states = (np.random.default_rng(6).random((30, 10)) < 0.5).astype(np.uint8)
    hidden = states.copy()
    hidden[:, held] = 1
    first, second = (complete_group(team, parameters, x, held, 0) for x in (states, hidden))
    np.testing.assert_array_equal(first.probability, second.probability)


@pytest.mark.parametrize("held", [[], [1, 1], [-1], [10]])
def test_groups_that_are_none(team, held):
    with pytest.raises(InputError, match="held-out"):
        complete_group(team, model(10, 4), np.zeros((3, 10), np.uint8), np.array(held), 0)


def test_models_that_are_refused(team):
    parameters, states = model(4, 3), np.zeros((2, 4), np.uint8)
    with pytest.raises(InputError, match="must be binary"):
        other = parameters._replace(hidden=Gaussian(np.ones(3), np.zeros(3)))
        conditional_log_odds(team, other, states)
    with pytest.raises(InputError, match="diverged"):
        conditional_log_odds(team, parameters._replace(weights=np.full((4, 3), np.nan)), states)
