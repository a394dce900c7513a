"""Sums over the hidden states against sums over the visible ones."""

import numpy as np
from scipy.optimize import check_grad

from popcode.rbm.exact import all_states, log_partition, state_probabilities
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.pretraining.small import _Problem, as_mixture, drawn, refined


def model(n_neurons=8, n_hidden=3, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 1, (n_neurons, n_hidden)).astype(np.float32)
    fields = rng.normal(-1, 1, n_neurons).astype(np.float32)
    return Parameters(weights, fields, Bernoulli(rng.normal(0, 1, n_hidden)))


def test_both_sums_agree():
    parameters = model()
    mixture = as_mixture(parameters)
    np.testing.assert_allclose(mixture.log_partition, log_partition(parameters), rtol=1e-6)
    rates = state_probabilities(parameters) @ all_states(8)
    np.testing.assert_allclose(mixture.weights @ mixture.rates, rates, atol=1e-6)


def test_draws_have_the_enumerated_law():
    parameters = model()
    states = drawn(as_mixture(parameters), 200_000, np.random.default_rng(0))
    codes = states @ (1 << np.arange(7, -1, -1))
    found = np.bincount(codes, minlength=256) / len(states)
    exact = state_probabilities(parameters)
    # The total variation of n draws over states of probability p: sum sqrt(p / (2 pi n)).
    expected = np.sqrt(exact / (2 * np.pi * len(states))).sum()
    assert np.abs(found - exact).sum() / 2 < 1.5 * expected


def test_the_gradient_is_that_of_the_exact_likelihood():
    rows = np.random.default_rng(1).integers(0, 2, (50, 8)).astype(np.float32)
    problem = _Problem(rows, rows.var(axis=0) > 0, all_states(3).astype(float))
    parameters = model(seed=2)
    flat = np.concatenate([parameters.weights.ravel(), parameters.fields, -parameters.hidden.theta])
    flat = flat.astype(np.float64)
    # The data's part is float32: differences of 1e-3 leave rounding of 1e-4, and 35 entries.
    error = check_grad(
        lambda x: problem.loss(x)[0], lambda x: problem.loss(x)[1], flat, epsilon=1e-3
    )
    assert error < 5e-3


def test_a_known_small_model_is_recovered():
    truth = model(seed=3)
    rows = drawn(as_mixture(truth), 20_000, np.random.default_rng(2)).astype(np.float32)
    start = truth._replace(
        weights=truth.weights + np.random.default_rng(3).normal(0, 1, (8, 3)).astype(np.float32)
    )
    found = refined(start, rows, 300)
    p, q = state_probabilities(truth), state_probabilities(found.parameters)
    # A fit of k parameters to n rows is off by k / (2 n) nats: 35 / 40,000.
    assert (p * np.log(p / q)).sum() < 3 * 35 / 40_000
    assert (np.diff(found.log_likelihood) > -1e-5).all()


def test_neurons_that_never_vary_keep_their_fields():
    rows = drawn(as_mixture(model()), 500, np.random.default_rng(4)).astype(np.float32)
    rows[:, 0] = 0
    start = model(seed=5)
    start.weights[0] = 0
    found = refined(start, rows, 30).parameters
    assert (found.weights[0] == 0).all() and found.fields[0] == start.fields[0]
