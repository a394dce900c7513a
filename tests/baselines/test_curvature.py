"""Curvatures against the covariances of the products themselves."""

import numpy as np

from popcode.baselines.curvature import (
    collective_curvature,
    covariance,
    pair_variance,
    spread_of_couplings,
)
from popcode.baselines.moments import moments_of


def products(x):
    """(v_i - rate_i)(v_j - rate_j) of every pair, (n_bins, n_pairs)."""
    centred = x - moments_of(x).rates
    first, second = np.triu_indices(x.shape[1], 1)
    return centred[:, first] * centred[:, second]


def test_means_and_variances_of_the_products(planted):
    x = planted.draw(planted.random_model(6, seed=1), 5000, seed=0)
    upper = np.triu_indices(6, 1)
    moments = moments_of(x)
    # Products of float32 counts below 2**24 are exact, the rest is float64.
    np.testing.assert_allclose(covariance(moments)[upper], products(x).mean(0), atol=1e-12)
    np.testing.assert_allclose(pair_variance(moments)[upper], products(x).var(0), atol=1e-12)


def test_the_collective_curvature_is_one_that_a_move_has(planted):
    for seed in range(5):
        model = planted.random_model(8, seed=seed, strength=1.5, field=-2)
        x = planted.draw(model, 5000, seed=seed)
        largest = np.linalg.eigvalsh(np.corrcoef(products(x).T))[-1]
        found = collective_curvature(x, moments_of(x))
        assert 1 <= found <= largest * (1 + 1e-9)
        assert found > 0.4 * largest  # 0.55 to 0.95 in these


def test_neurons_that_move_together_are_stiff_and_independent_ones_are_not():
    rng = np.random.default_rng(0)
    alone = (rng.random((20_000, 30)) < 0.1).astype(np.uint8)
    # Patterns fitted to noise reach a little above 1.
    assert collective_curvature(alone, moments_of(alone)) < 1.5
    drive = rng.random((20_000, 1)) < 0.2
    together = (rng.random((20_000, 30)) < np.where(drive, 0.4, 0.02)).astype(np.uint8)
    assert collective_curvature(together, moments_of(together)) > 10


def test_neurons_that_never_change_do_not_count():
    rng = np.random.default_rng(0)
    x = (rng.random((2000, 6)) < 0.3).astype(np.uint8)
    padded = np.column_stack([x, np.zeros(2000, np.uint8), np.ones(2000, np.uint8)])
    expected = collective_curvature(x, moments_of(x))
    assert abs(collective_curvature(padded, moments_of(padded)) - expected) < 1e-9
    assert collective_curvature(padded[:, 5:], moments_of(padded[:, 5:])) == 1


def test_the_spread_of_planted_couplings_comes_back(planted):
    found = []
    for seed in range(20):
        model = planted.random_model(10, seed, strength=0.3)
        found.append(spread_of_couplings(moments_of(planted.draw(model, 20_000, seed))))
    # First order in the couplings: within 15 %; 45 couplings tell a spread to 11 %, 20 models of
    # them to 3 %.
    assert abs(np.mean(found) / 0.3 - 1) < 0.15


def test_no_spread_is_found_where_there_are_no_couplings():
    rng = np.random.default_rng(0)
    alone = (rng.random((2000, 100)) < 0.05).astype(np.uint8)
    # Taken at its word, a pair's coupling would be uncertain by 1 / sqrt(2000 x .05^2) = 0.45.
    assert 0 < spread_of_couplings(moments_of(alone)) < 0.1
    constant = np.zeros((10, 3), np.uint8)
    assert spread_of_couplings(moments_of(constant)) == 1
