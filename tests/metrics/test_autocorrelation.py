"""Autocorrelation within segments, against sums written out, and its errors."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.metrics.autocorrelation import curves, lag_sums, resampled_weights

STARTS = np.array([0, 3, 40, 41, 150])
N_BINS = 333


def plain_curve(x, starts, max_lag):
    """Over pairs of one segment, about the mean of all bins."""
    segment = np.searchsorted(starts, np.arange(len(x)), side="right")
    d = x - x.mean()
    covariance = []
    for lag in range(max_lag + 1):
        n = len(x) - lag
        same = segment[:n] == segment[lag:]
        covariance.append(np.mean((d[:n] * d[lag:])[same]))
    return np.array(covariance) / covariance[0]


@pytest.mark.parametrize("n_blocks", [1, 7, 333])
def test_pairs_within_segments_however_it_is_cut(n_blocks):
    x = np.random.default_rng(0).normal(5, 2, N_BINS).cumsum()
    sums = lag_sums(x, STARTS, 60, n_blocks)
    found = curves(sums, np.ones((1, len(sums.counts))))[0]
    np.testing.assert_allclose(found, plain_curve(x, STARTS, 60), atol=1e-10)  # FFT rounding


def test_weights_are_copies_of_segments():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=80).cumsum(), rng.normal(size=50).cumsum()
    twice = np.concatenate([first, second, second])
    sums = lag_sums(np.concatenate([first, second]), np.array([0, 80]), 20, 1)
    # One block a segment at most: 130 bins a block.
    assert len(sums.counts) == 2
    found = curves(sums, np.array([[1.0, 2.0]]))[0]
    np.testing.assert_allclose(found, plain_curve(twice, np.array([0, 80, 130]), 20), atol=1e-10)


def test_shift_and_scale_do_not_matter():
    x = np.random.default_rng(2).normal(size=N_BINS).cumsum()
    found = []
    for y in (x, 1e3 - 7 * x):
        sums = lag_sums(y, STARTS, 30, 5)
        found.append(curves(sums, np.ones((1, len(sums.counts)))))
    np.testing.assert_allclose(*found, atol=1e-9)  # rounding of 1e3


def test_errors_of_resampled_blocks_are_those_of_repeated_recordings():
    rng = np.random.default_rng(3)
    rho, n, repeats = 0.8, 4000, 60
    values, errors = [], []
    for _ in range(repeats):
        noise = rng.normal(size=n)
        x = np.empty(n)
        x[0] = noise[0] / np.sqrt(1 - rho**2)
        for t in range(1, n):
            x[t] = rho * x[t - 1] + noise[t]
        sums = lag_sums(x, np.array([0]), 5, 40)
        n_blocks = len(sums.counts)
        values.append(curves(sums, np.ones((1, n_blocks)))[0])
        errors.append(curves(sums, resampled_weights(n_blocks, 100, rng)).std(axis=0))
    # 60 repeats know their spread to 9 %, blocks of 100 bins lose a few per cent.
    ratio = np.mean(errors, axis=0)[1:] / np.std(values, axis=0)[1:]
    assert np.all((ratio > 0.7) & (ratio < 1.4))
    np.testing.assert_allclose(np.mean(values, axis=0), rho ** np.arange(6), atol=0.012)


def test_constant_activity_has_no_curve():
    sums = lag_sums(np.full(50, 3), np.array([0]), 5, 2)
    assert np.all(np.isnan(curves(sums, np.ones((1, 2)))))


@pytest.mark.parametrize("lag", [0, 183])
def test_lags_that_no_segment_holds(lag):
    with pytest.raises(InputError, match="longest stretch has 183"):
        lag_sums(np.arange(N_BINS), STARTS, lag, 3)
