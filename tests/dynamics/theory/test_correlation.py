"""What recordings see of a covariance, against arithmetic by hand and drawn activity."""

import numpy as np

from popcode.dynamics.theory import correlation


def test_covariance_has_its_modes():
    vectors = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    variances = np.arange(1.0, 7)
    covariance = correlation.covariance_of_modes(vectors, variances)
    np.testing.assert_allclose(covariance @ vectors, vectors * variances, atol=1e-12)
    spectrum = correlation.ordered_spectrum(covariance)
    np.testing.assert_allclose(spectrum, variances[::-1] / 3.5, rtol=1e-12)


def test_correlation_is_that_of_the_activity():
    rng = np.random.default_rng(1)
    activity = rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4))
    found = correlation.correlation(np.cov(activity.T))
    np.testing.assert_allclose(found, np.corrcoef(activity.T), atol=1e-12)


def test_noise_of_single_neurons_stays_out_between_halves():
    rng = np.random.default_rng(2)
    loadings = rng.normal(size=(20, 3))
    shared = loadings @ loadings.T
    half = np.arange(20) % 2 == 0
    alone = correlation.spectrum_of_halves(shared, half)
    noisy = correlation.spectrum_of_halves(shared + np.diag(rng.uniform(1, 9, 20)), half)
    np.testing.assert_allclose(noisy, alone, atol=1e-12)
    assert (alone[3:] < 1e-12).all() and (alone[:3] > 1).all()
