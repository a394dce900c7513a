"""The acceptance of swaps against enumeration over pairs of states."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.tempering.acceptance import (
    check_enough_chains,
    energy_gaps,
    predicted_acceptance,
    swap_acceptance,
)
from popcode.rbm.tempering.temperature import heated


def exact_acceptance(lower, upper):
    p, q = state_probabilities(lower), state_probabilities(upper)
    return np.minimum(np.outer(p, q), np.outer(q, p)).sum()


def drawn(parameters, n, seed):
    p = state_probabilities(parameters)
    rows = np.random.default_rng(seed).choice(p.size, n, p=p / p.sum())
    return all_states(parameters.n_neurons)[rows]


@pytest.mark.parametrize("beta", [0.2, 0.5, 0.8])
def test_both_estimates_cover_the_enumerated_acceptance(team, planted, beta):
    upper = planted.pair_of_layers()
    lower = heated(upper, beta)
    exact = exact_acceptance(lower, upper)
    low, high = drawn(lower, 5000, 1), drawn(upper, 5000, 2)
    # A probability from 5,000 states: standard error at most 0.5 / sqrt(5000) = 0.007.
    assert abs(swap_acceptance(team, lower, low, upper, high) - exact) < 0.03
    # Reweighting adds to it: the heavy states are few.
    assert abs(predicted_acceptance(energy_gaps(team, lower, upper, low)) - exact) < 0.05


def test_a_model_always_swaps_with_itself(team, planted):
    model = planted.pair_of_layers()
    states = drawn(model, 100, 0)
    assert swap_acceptance(team, model, states, model, states[:70]) == 1
    assert predicted_acceptance(energy_gaps(team, model, model, states)) == 1


def test_a_handful_of_chains_is_refused():
    check_enough_chains(30)
    with pytest.raises(InputError, match="29 chains are too few"):
        check_enough_chains(29)
