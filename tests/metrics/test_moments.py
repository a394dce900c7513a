"""Every statistic equals a plain numpy computation, however it is cut into blocks."""

from __future__ import annotations

import numpy as np
import pytest

from popcode.metrics import (
    activity_counts,
    blocks,
    hidden_covariance,
    mean_activity,
    neuron_covariance,
    neuron_hidden,
    third_moments,
)
from popcode.metrics.coincidence import all_pair_coincidences, coincidences, pack_bins
from popcode.metrics.tuples import choose_pairs, choose_triplets

EXACT = 1e-12  # float64 arithmetic on exact counts
SINGLE = 1e-6  # float32 products, added up in float64


@pytest.fixture(params=[(1, 3), (63, 5), (64, 5), (130, 7), (5000, 9)])
def activity(request):
    rng = np.random.default_rng(4)
    return (rng.random(request.param) < 0.3).astype(np.uint8)


@pytest.fixture(params=[None, 100])
def block_values(request, monkeypatch):
    """The usual blocks, and blocks of a few rows."""
    if request.param:
        monkeypatch.setattr(blocks, "BLOCK_VALUES", request.param)


def test_neurons(activity, block_values):
    x = activity.astype(float)
    np.testing.assert_allclose(mean_activity(activity), x.mean(0), atol=EXACT)
    upper = np.triu_indices(x.shape[1], 1)
    expected = np.cov(x.T, bias=True)[upper]
    np.testing.assert_allclose(neuron_covariance(activity), expected, atol=EXACT)
    np.testing.assert_allclose(neuron_covariance(activity, upper), expected, atol=EXACT)
    np.testing.assert_array_equal(activity_counts(activity).nonzero()[0], np.unique(x.sum(1)))
    assert activity_counts(activity).sum() == len(x)


def test_hidden_units(activity, block_values):
    rng = np.random.default_rng(5)
    x = activity.astype(float)
    # A large mean with a small spread: the case in which an uncentred product loses digits.
    h = (100 + rng.standard_normal((len(x), 4)) + x[:, :1]).astype(np.float32)
    expected = np.cov(h.T.astype(float), bias=True)[np.triu_indices(4, 1)]
    np.testing.assert_allclose(hidden_covariance(h), expected, atol=SINGLE)
    product = x.T @ h.astype(float) / len(x)
    np.testing.assert_allclose(neuron_hidden(activity, h), product, rtol=SINGLE)


def test_triplets(activity, block_values):
    x = activity - activity.mean(0)
    i, j, k = choose_triplets(x.shape[1], 50, np.random.default_rng(0))
    expected = (x[:, i] * x[:, j] * x[:, k]).mean(0)
    np.testing.assert_allclose(third_moments(activity, (i, j, k)), expected, atol=EXACT)


def test_counts_by_bits_and_by_product_are_the_same():
    rng = np.random.default_rng(6)
    x = (rng.random((9000, 40)) < 0.1).astype(np.uint8)
    upper = np.triu_indices(40, 1)
    np.testing.assert_array_equal(coincidences(pack_bins(x), *upper), all_pair_coincidences(x))


def test_order_of_neurons_does_not_matter():
    rng = np.random.default_rng(7)
    x = (rng.random((500, 6)) < 0.4).astype(np.uint8)
    i, j = np.triu_indices(6, 1)
    np.testing.assert_array_equal(
        neuron_covariance(x, (i, j)), neuron_covariance(x[:, ::-1], (5 - i, 5 - j))
    )


@pytest.mark.parametrize(("n", "at_most"), [(2, 1), (40, 200), (40, 700), (40, 780), (3000, 5000)])
def test_chosen_pairs_are_distinct_ordered_and_repeatable(n, at_most):
    i, j = choose_pairs(n, at_most, np.random.default_rng(3))
    assert len(i) == min(at_most, n * (n - 1) // 2)
    assert (i < j).all()
    assert i.min() >= 0
    assert j.max() < n
    assert len(np.unique(i * n + j)) == len(i)
    again = choose_pairs(n, at_most, np.random.default_rng(3))
    np.testing.assert_array_equal(again, (i, j))


def test_chosen_pairs_are_uniform():
    counts = np.zeros((12, 12))
    for seed in range(600):
        i, j = choose_pairs(12, 20, np.random.default_rng(seed))
        counts[i, j] += 1
    expected = 600 * 20 / 66
    # 66 binomial counts of mean 182 and deviation 11: 5 deviations are not exceeded by chance.
    assert np.abs(counts[np.triu_indices(12, 1)] - expected).max() < 5 * 11.3


def test_rank_of_a_pair_among_a_million_neurons():
    n = 1_000_000
    i, j = choose_pairs(n, 1000, np.random.default_rng(1))
    assert (i < j).all()
    assert j.max() < n
    assert i.max() > 0.5 * n  # the square root in the rank has not collapsed


@pytest.mark.parametrize(("n", "at_most"), [(2, 10), (3, 10), (10, 1000), (10, 100), (200, 500)])
def test_chosen_triplets_are_distinct_and_ordered(n, at_most):
    i, j, k = choose_triplets(n, at_most, np.random.default_rng(3))
    assert len(i) == min(at_most, n * (n - 1) * (n - 2) // 6)
    assert ((i < j) & (j < k)).all()
    assert len({*zip(i, j, k, strict=True)}) == len(i)
