"""Enumeration of the smaller layer against the sum over every visible state, and closed forms."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm import exact
from popcode.rbm.likelihood.exact import exact_log_partition
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli


def double_model(seed, n_neurons, n_hidden, deviation):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, deviation, (n_neurons, n_hidden))
    return Parameters(weights, rng.normal(-1, 1, n_neurons), Bernoulli(rng.normal(0, 1, n_hidden)))


@pytest.mark.parametrize("n_hidden", [1, 4, 7, 8, 9, 13, 40])
@pytest.mark.parametrize("deviation", [0.0, 1.0, 30.0])
def test_it_is_the_sum_over_all_visible_states(n_hidden, deviation):
    """Either layer the smaller, with and without an outer loop, inputs beyond exp's range."""
    model = double_model(n_hidden, 11, n_hidden, deviation)
    # The promise; float64 sums of some thousand terms keep more.
    np.testing.assert_allclose(exact_log_partition(model), exact.log_partition(model), rtol=1e-9)


def test_factors_beyond_the_range_of_floats_do_not_overflow():
    """One neuron of enormous weights: Z = prod (1 + e^c) + e^b prod (1 + e^(c + w)) by hand."""
    weights, fields, theta = np.full((1, 900), 800.0), np.array([-3.0]), np.full(900, 0.5)
    expected = np.logaddexp(900 * np.logaddexp(0, -0.5), -3 + 900 * 799.5)
    model = Parameters(weights, fields, Bernoulli(theta))
    np.testing.assert_allclose(exact_log_partition(model), expected, rtol=1e-12)


def test_without_weights_the_layers_are_independent():
    fields, theta = np.linspace(-3, 2, 30), np.linspace(-1, 4, 17)
    model = Parameters(np.zeros((30, 17)), fields, Bernoulli(theta))
    expected = np.logaddexp(0, fields).sum() + np.logaddexp(0, -theta).sum()
    np.testing.assert_allclose(exact_log_partition(model), expected, rtol=1e-12)


def test_flipping_and_permuting_hidden_units_changes_nothing():
    """h -> 1 - h is W -> -W, c -> -c, b -> b + W and a factor e^c."""
    model = double_model(5, 40, 12, 1.0)
    weights, fields, theta = model.weights.copy(), model.fields.copy(), model.hidden.theta.copy()
    fields += weights[:, 3]
    weights[:, 3] *= -1
    theta[3] *= -1
    flipped = Parameters(weights[:, ::-1], fields, Bernoulli(theta[::-1]))
    found = exact_log_partition(flipped) - model.hidden.theta[3]
    np.testing.assert_allclose(found, exact_log_partition(model), rtol=1e-12)


def test_too_many_units_are_refused_with_the_remedy():
    model = double_model(6, 25, 30, 0.1)
    with pytest.raises(InputError, match=r"25 neurons and 30 hidden units.*at most 24.*ais"):
        exact_log_partition(model)
