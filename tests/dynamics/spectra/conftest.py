"""Recordings with a known spectrum, by numpy alone."""

import numpy as np
import pytest


@pytest.fixture(name="planted")
def _planted():
    """See `planted_activity`."""
    return planted_activity


def planted_activity(n_bins, n_neurons, exponent, *, noise=0.0, seed=0):
    """Gaussian activity whose covariance has eigenvalues rank ** -exponent, and noise a neuron.

    `noise` is the share of every neuron's variance that is its own.
    """
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(n_neurons, n_neurons)))[0]
    shared = np.arange(1, n_neurons + 1) ** -float(exponent)
    shared *= (1 - noise) * n_neurons / shared.sum()
    x = (rng.normal(size=(n_bins, n_neurons)) * np.sqrt(shared)) @ basis.T
    return x + np.sqrt(noise) * rng.normal(size=x.shape)
