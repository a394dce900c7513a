"""Enumeration against closed forms."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.exact import all_states, log_likelihood, log_partition, state_probabilities
from popcode.rbm.parameters import Parameters, mean_hidden, mean_visible
from popcode.rbm.potentials import Bernoulli, Gaussian


def test_without_weights_the_neurons_are_independent():
    rng = np.random.default_rng(0)
    fields = rng.normal(-1, 1, 6)
    hidden = Gaussian(np.full(3, 2.0), np.zeros(3))
    parameters = Parameters(np.zeros((6, 3)), fields, hidden)
    expected = np.logaddexp(0, fields).sum() + 1.5 * np.log(np.pi)
    np.testing.assert_allclose(log_partition(parameters), expected)
    rates = state_probabilities(parameters) @ all_states(6)
    np.testing.assert_allclose(rates, 1 / (1 + np.exp(-fields)))


def test_the_bernoulli_partition_function_sums_over_both_layers():
    rng = np.random.default_rng(1)
    weights, fields, theta = rng.normal(0, 1, (5, 3)), rng.normal(0, 1, 5), rng.normal(0, 1, 3)
    v, h = all_states(5).astype(float), all_states(3).astype(float)
    joint = (v @ fields)[:, None] - (h @ theta)[None] + v @ weights @ h.T
    parameters = Parameters(weights, fields, Bernoulli(theta))
    np.testing.assert_allclose(log_partition(parameters), np.log(np.exp(joint).sum()))
    posterior = np.exp(joint) / np.exp(joint).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(mean_hidden(parameters, v), posterior @ h)
    posterior = np.exp(joint) / np.exp(joint).sum(axis=0, keepdims=True)
    np.testing.assert_allclose(mean_visible(parameters, h), posterior.T @ v)


def test_gaussian_units_make_a_pairwise_model():
    rng = np.random.default_rng(2)
    weights, fields = rng.normal(0, 0.5, (6, 2)), rng.normal(0, 1, 6)
    parameters = Parameters(weights, fields, Gaussian(np.ones(2), np.zeros(2)))
    states = all_states(6).astype(float)
    energy = states @ fields + 0.5 * np.einsum("ti,ij,tj->t", states, weights @ weights.T, states)
    expected = energy - np.log(np.exp(energy).sum())
    np.testing.assert_allclose(log_likelihood(parameters, states), expected)


def test_too_many_neurons_are_refused():
    with pytest.raises(InputError, match="21 neurons have too many states to enumerate"):
        all_states(21)
