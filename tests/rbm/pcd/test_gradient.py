"""The centred gradient against numerical derivatives of the enumerated likelihood."""

import numpy as np
import pytest

from popcode.rbm import exact
from popcode.rbm.parameters import Parameters
from popcode.rbm.pcd.gradient import centred_gradient
from popcode.rbm.potentials import Bernoulli

N_NEURONS, N_HIDDEN = 6, 4


@pytest.fixture
def parameters():
    rng = np.random.default_rng(1)
    weights = rng.normal(0, 0.8, (N_NEURONS, N_HIDDEN))
    return Parameters(
        weights, rng.normal(-1, 0.5, N_NEURONS), Bernoulli(rng.normal(0, 1, N_HIDDEN))
    )


@pytest.fixture
def data():
    return (np.random.default_rng(2).random((50, N_NEURONS)) < 0.3).astype(np.uint8)


def exact_gradient(parameters, data, sample_weights=None):
    states = exact.all_states(N_NEURONS)
    law = exact.state_probabilities(parameters)
    return centred_gradient(parameters, data, states, sample_weights, law)


def moved(parameters, which, index, by):
    arrays = [parameters.weights.copy(), parameters.fields.copy(), -parameters.hidden.theta]
    arrays[which][index] += by
    return Parameters(arrays[0], arrays[1], Bernoulli(-arrays[2]))


def numerical(parameters, data, which, index, sample_weights=None, step=1e-5):
    up, down = (
        np.average(
            exact.log_likelihood(moved(parameters, which, index, s), data), weights=sample_weights
        )
        for s in (step, -step)
    )
    return (up - down) / (2 * step)


@pytest.mark.parametrize("weighted", [False, True])
def test_an_infinitesimal_centred_step_raises_the_likelihood_as_its_square(
    parameters, data, weighted
):
    """Steps along centred directions are coordinates: their rate of ascent is |gradient|^2."""
    sample_weights = np.random.default_rng(3).random(len(data)) if weighted else None
    found = exact_gradient(parameters, data, sample_weights)
    directions = found.plain()

    def ascended(step):
        arrays = (parameters.weights, parameters.fields, -parameters.hidden.theta)
        w, b, c = (a + step * g for a, g in zip(arrays, directions, strict=True))
        likelihood = exact.log_likelihood(Parameters(w, b, Bernoulli(-c)), data)
        return np.average(likelihood, weights=sample_weights)

    slope = (ascended(1e-5) - ascended(-1e-5)) / 2e-5
    square = sum((g**2).sum() for g in found[:3])
    assert slope == pytest.approx(square, rel=1e-6)  # central differences err by 1e-10


def test_centred_and_plain_gradients_tell_the_same_derivatives(parameters, data):
    """dL/dW = g_W + v_bar g_c^T + g_b h_bar^T; dL/db = g_b; dL/dc = g_c."""
    found = exact_gradient(parameters, data)
    by_weight = (
        found.weights
        + np.outer(found.visible_offset, found.hidden_fields)
        + np.outer(found.fields, found.hidden_offset)
    )
    for i, m in ((0, 0), (2, 3), (5, 1)):
        assert by_weight[i, m] == pytest.approx(numerical(parameters, data, 0, (i, m)), abs=1e-8)
    for i in range(N_NEURONS):
        assert found.fields[i] == pytest.approx(numerical(parameters, data, 1, i), abs=1e-8)
    for m in range(N_HIDDEN):
        assert found.hidden_fields[m] == pytest.approx(numerical(parameters, data, 2, m), abs=1e-8)


def test_a_stale_hidden_layer_is_caught(parameters, data):
    """Hidden means of other states than the chains' bias the gradient: the oracle tells."""
    states = exact.all_states(N_NEURONS)
    law = exact.state_probabilities(parameters)
    right = exact_gradient(parameters, data)
    stale = centred_gradient(parameters, data, states[::-1], None, law)
    assert np.abs(right.weights - stale.weights).max() > 1e-2
