"""Fits of decays: exact where the correlogram is, and what a block's mean takes away."""

import numpy as np
import pytest

from popcode.dynamics.exponential_decay import _variance_of_mean, decays, fit_decays


def test_variance_of_a_mean_is_the_double_sum():
    lags = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
    for tau in (0.3, 3.0, 40.0, 5000.0):
        found = _variance_of_mean(np.array([1 / tau]), 30)
        assert found[0] == pytest.approx(np.exp(-lags / tau).mean(), rel=1e-9)


def test_exact_correlograms_give_their_timescale():
    """Expected products of z-scored AR(1) blocks, by the covariance matrix of the block."""
    n_bins, n_lags, timescales = 400, 50, np.array([1.0, 4.0, 15.0, 40.0])
    lags = np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
    centring = np.eye(n_bins) - 1 / n_bins
    n_pairs = n_bins - np.arange(1, n_lags + 1)
    correlograms = []
    for tau in timescales:
        covariance = centring @ np.exp(-lags / tau) @ centring
        correlograms.append([np.diagonal(covariance, k).mean() for k in range(1, n_lags + 1)])
    candidates = decays(np.array([n_bins]), n_pairs, 200.0)
    for amplitude in (1.0, 0.01):
        found = fit_decays(amplitude * np.array(correlograms).T, candidates)
        # The first and last bins of a block, which fewer pairs have, covary less with its mean:
        # 4 % for a timescale of a tenth of the block.
        assert found == pytest.approx(timescales, rel=0.05)
        assert found[:3] == pytest.approx(timescales[:3], rel=0.015)


def test_no_decay_of_positive_amplitude_is_none():
    candidates = decays(np.array([1000]), np.full(20, 900), 80.0)
    falling = np.exp(-np.arange(1, 21) / 5.0)
    found = fit_decays(np.stack([-falling, np.zeros(20), np.ones(20)], axis=1), candidates)
    assert np.isnan(found[:2]).all()
    assert found[2] == pytest.approx(80.0)
