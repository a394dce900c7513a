"""Covariances by the means of neurons given hidden units."""

import numpy as np
import pytest

from popcode.metrics import neuron_covariance
from popcode.metrics.equilibrium import expected
from popcode.rbm import BernoulliRBM
from popcode.rbm.exact import all_states

N_SAMPLES = 20_000


@pytest.fixture(scope="module")
def model():
    """A fit whose parameters are replaced by known weak ones."""
    rng = np.random.default_rng(0)
    found = BernoulliRBM(n_hidden=4, n_updates=5, n_chains=30, batch_size=30, seed=1)
    found.fit((rng.random((60, 8)) < 0.3).astype(np.uint8))
    found.weights_ = rng.normal(0, 0.7, (8, 4)).astype(np.float32)
    found.fields_ = rng.normal(-2, 0.3, 8).astype(np.float32)
    found.hidden_fields_ = rng.normal(0, 0.5, 4)
    return found


@pytest.fixture(scope="module")
def exact(model):
    """Covariances of all pairs by enumeration."""
    states = all_states(8).astype(np.float64)
    p = np.exp(-model.free_energy(states.astype(np.uint8)))
    p /= p.sum()
    mean = p @ states
    covariance = (states * p[:, None]).T @ states - np.outer(mean, mean)
    return covariance[np.triu_indices(8, 1)]


@pytest.fixture(scope="module")
def samples(model):
    return model.sample(N_SAMPLES, n_chains=500, burn_in=100, thin=10, seed=3)


def test_it_is_the_covariance_with_less_noise_than_counting_has(model, exact, samples):
    found = expected.expected_covariance(model, samples, None, 0)
    counted = neuron_covariance(samples, None)
    left, noise = (np.sqrt(np.mean((each - exact) ** 2)) for each in (found, counted))
    # Spikes at rates of .1 have 20 times the variance of their means given these units.
    assert left < noise / 3
    # The means vary by .1: twenty thousand samples leave .01 / sqrt(20,000) at most.
    assert np.abs(found - exact).max() < 4 * 0.01 / np.sqrt(N_SAMPLES) * 3


def test_chosen_pairs_are_those_of_all(model, samples):
    i, j = np.triu_indices(8, 1)
    some = np.array([2, 9, 20])
    found = expected.expected_covariance(model, samples, (i[some], j[some]), 0)
    np.testing.assert_array_equal(
        found, expected.expected_covariance(model, samples, None, 0)[some]
    )


def test_too_many_neurons_for_all_products_are_left_out(model, samples, monkeypatch):
    monkeypatch.setattr(expected, "MOST_NEURONS", 7)
    assert expected.expected_covariance(model, samples, None, 0) is None
