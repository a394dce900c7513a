"""Scores of bins against enumeration."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm import exact
from popcode.rbm.likelihood.exact import exact_log_partition
from popcode.rbm.likelihood.scores import bits_a_spike, independent_scores, score_samples


def test_scores_are_the_enumerated_log_likelihood(small):
    model = small.random_model(0)
    states = exact.all_states(9)
    found = score_samples(model, states, exact_log_partition(model))
    np.testing.assert_allclose(found, np.log(small.law_of(model)), atol=2e-5)  # float32 inputs
    np.testing.assert_allclose(np.exp(found).sum(), 1, rtol=1e-5)


def test_a_model_without_weights_scores_as_independent_neurons(small):
    model = small.random_model(1, deviation=0.0)
    rates = 1 / (1 + np.exp(-model.fields.astype(float)))
    states = exact.all_states(9)
    found = score_samples(model, states, exact_log_partition(model))
    expected = independent_scores(rates, states)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    one_by_one = (states * np.log(rates) + (1 - states) * np.log(1 - rates)).sum(axis=1)
    np.testing.assert_allclose(expected, one_by_one)


def test_a_gain_in_bits_a_spike():
    np.testing.assert_allclose(bits_a_spike(3 * np.log(2), 1.5), 2)
    assert np.isnan(bits_a_spike(1.0, 0.0))


def test_bad_input_is_refused(small):
    with pytest.raises(InputError, match="8 neurons"):
        score_samples(small.random_model(2), np.zeros((3, 8), np.uint8), 0.0)
    with pytest.raises(InputError, match="half a spike"):
        independent_scores(np.array([0.2, 0.0]), np.zeros((3, 2), np.uint8))
