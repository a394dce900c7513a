"""The energy against its definition, term by term."""

import numpy as np

from popcode.baselines import exact
from popcode.baselines.parameters import (
    Parameters,
    conditional_log_odds,
    energy,
    independent,
    population_steps,
)


def test_energy_and_partition_function_are_the_enumerated_ones(planted):
    model = planted.random_model(7, seed=0, k_strength=1.0)
    p, log_z = planted.law(*model)
    parameters = Parameters(*model)
    # Both in float64; sums of some fifty terms.
    np.testing.assert_allclose(exact.state_probabilities(parameters), p, rtol=1e-10)
    np.testing.assert_allclose(exact.log_partition(parameters), log_z, rtol=1e-12)
    states = planted.states(7)
    np.testing.assert_allclose(np.exp(-energy(parameters, states) - log_z), p, rtol=1e-10)


def test_energy_of_many_bins_is_that_of_each(planted):
    model = planted.random_model(7, seed=0, k_strength=1.0)
    x = planted.draw(model, 9000, seed=0)
    whole = energy(Parameters(*model), x)
    np.testing.assert_allclose(whole[[0, 4095, 4096, 8999]], [
        energy(Parameters(*model), x[[k]])[0] for k in (0, 4095, 4096, 8999)
    ], rtol=1e-12)  # fmt: skip


def test_relabelled_neurons_have_the_same_energy(planted):
    fields, couplings, population = planted.random_model(7, seed=2, k_strength=1.0)
    order = np.random.default_rng(0).permutation(7)
    moved = Parameters(fields[order], couplings[np.ix_(order, order)], population)
    x = planted.states(7)
    first = energy(Parameters(fields, couplings, population), x)
    np.testing.assert_allclose(energy(moved, x[:, order]), first, atol=1e-12)


def test_steps_are_what_one_more_neuron_adds():
    population = np.array([0, 1, 4, 2], np.float32)
    np.testing.assert_array_equal(population_steps(population), [1, 3, -2])


def test_independent_neurons_have_a_product_of_probabilities():
    fields = np.array([-2.0, 0.5, 3.0])
    expected = np.logaddexp(0, fields).sum()
    assert abs(exact.log_partition(independent(fields)) - expected) < 1e-6  # float32 fields


def test_conditional_log_odds_are_differences_of_energy(planted):
    model = Parameters(*planted.random_model(7, seed=3, k_strength=1.0))
    states = planted.states(7).astype(np.uint8)
    on, off = (np.repeat(states[:, None], 7, axis=1) for _ in range(2))
    on[:, range(7), range(7)], off[:, range(7), range(7)] = 1, 0
    energies = [energy(model, each.reshape(-1, 7)).reshape(-1, 7) for each in (off, on)]
    # The result is in float32, of sums of some ten terms near 1.
    np.testing.assert_allclose(
        conditional_log_odds(model, states), energies[0] - energies[1], atol=1e-5
    )
    many = np.tile(states, (40, 1))
    np.testing.assert_array_equal(
        conditional_log_odds(model, many)[-128:], conditional_log_odds(model, states)
    )
