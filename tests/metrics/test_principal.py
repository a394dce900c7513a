"""Principal axes without a dense copy, against a plain decomposition."""

from __future__ import annotations

import numpy as np
import pytest
import threadpoolctl

from popcode.metrics import blocks, principal_axes
from popcode.metrics.principal import covariance_product


@pytest.fixture(scope="module")
def activity():
    rng = np.random.default_rng(0)
    active = rng.random((600, 4)) < [0.1, 0.2, 0.3, 0.4]
    rates = 0.05 + active @ np.kron(np.eye(4), np.full(20, 0.6))
    return (rng.random(rates.shape) < rates).astype(np.uint8)


def plain_axes(x, n):
    centred = x - x.mean(axis=0)
    return np.linalg.svd(centred, full_matrices=False)[2][:n].T


def axes_of(x, n, seed=0):
    return principal_axes(x, n, np.random.default_rng(seed))


def test_few_neurons_give_the_exact_axes(activity):
    x = activity[:, ::4]  # 20 neurons: fewer than are wanted and the 10 beyond
    found, plain = axes_of(x, 12), plain_axes(x, 12)
    # Gaps between variances are about 1e-2 of the largest: float32's 6e-8 costs up to 1e-5.
    np.testing.assert_allclose(np.abs(found), np.abs(plain), atol=2e-5)


def test_leading_axes_of_many_neurons(activity):
    found, plain = axes_of(activity, 4), plain_axes(activity, 4)
    # What is beyond the subspace shrinks by (noise / signal)^4, here below 1e-3 for each axis.
    np.testing.assert_allclose(np.abs((found * plain).sum(axis=0)), 1, atol=1e-3)
    np.testing.assert_allclose(found.T @ found, np.eye(4), atol=1e-5)  # float32


def test_product_with_the_covariance(activity):
    vectors = np.random.default_rng(0).standard_normal((80, 3))
    plain = np.cov(activity.T, bias=True) @ vectors
    found = covariance_product(activity, activity.mean(axis=0), vectors)
    np.testing.assert_allclose(found, plain, atol=2e-6)  # float32 sums of values of about 1


def test_no_more_axes_than_the_bins_span(activity):
    assert axes_of(activity[:5], 10).shape == (80, 4)
    assert axes_of(np.zeros((5, 7), np.uint8), 3).shape == (7, 0)
    assert axes_of(np.ones((5, 7), np.uint8), 3).shape == (7, 0)
    assert axes_of(activity[:, :1], 3).shape == (1, 1)
    silent = axes_of(np.hstack([activity, np.zeros((600, 2), np.uint8)]), 4)[-2:]
    np.testing.assert_allclose(silent, 0, atol=1e-6)


def test_the_same_bits_whatever_the_threads(activity):
    results = []
    for n_threads in (1, 2):
        with threadpoolctl.threadpool_limits(n_threads):
            results.append(axes_of(activity, 6))
    np.testing.assert_array_equal(*results)
    np.testing.assert_array_equal(results[0], axes_of(activity, 6))


def test_blocks_of_any_size_give_the_same(activity, monkeypatch):
    whole = axes_of(activity, 4)
    monkeypatch.setattr(blocks, "MAX_BLOCK_ROWS", 17)
    # Another order of float32 sums, and gaps between variances of about a tenth.
    np.testing.assert_allclose(np.abs(axes_of(activity, 4)), np.abs(whole), atol=2e-5)


def test_long_recordings_are_thinned(activity, monkeypatch):
    import popcode.metrics.principal as module

    monkeypatch.setattr(module, "MAX_BINS", 200)
    np.testing.assert_array_equal(axes_of(activity, 4), axes_of(activity[::3], 4))
