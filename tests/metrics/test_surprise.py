"""Surprise of data among that of samples: calibrated for one law, and not for another."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.metrics.surprise import calibrate_surprise


def independent_surprise(x, rates):
    return -(np.log(rates) * x + np.log1p(-rates) * (1 - x)).sum(axis=1)


def test_data_of_the_model_are_calibrated():
    rng = np.random.default_rng(0)
    rates, p_values = np.full(10, 0.1), []
    for _ in range(100):
        # Most bins share their surprise with many others.
        data, samples = (
            independent_surprise(rng.random((n, 10)) < rates, rates) for n in (400, 2000)
        )
        p_values.append(calibrate_surprise(data, samples).p_value)
    # 100 uniform values: below 0.05 come 5, and 13 once in a thousand.
    assert np.sum(np.array(p_values) < 0.05) <= 13
    assert 0.35 < np.mean(p_values) < 0.65  # four errors of a mean of 100


def test_numbers_that_are_known():
    rng = np.random.default_rng(1)
    data, samples = rng.exponential(1, 40_000) + 0.5, rng.exponential(1, 40_000)
    found = calibrate_surprise(data, samples)
    assert found.excess.low < 0.5 < found.excess.high
    assert found.distance == pytest.approx(0.5, abs=0.03)
    # P(samples < data) = 1 - e^-0.5 / 2, P(data > quantile) = 0.05 e^0.5
    assert found.rank.low < 1 - np.exp(-0.5) / 2 < found.rank.high
    assert found.above_95.low < 0.05 * np.exp(0.5) < found.above_95.high
    assert found.above_99.low < 0.01 * np.exp(0.5) < found.above_99.high
    assert found.p_value < 1e-6


def test_a_constant_changes_nothing_but_the_means():
    """So free energies do, without a partition function."""
    rng = np.random.default_rng(2)
    data, samples = rng.integers(0, 9, 300) * 1.0, rng.integers(0, 8, 300) * 1.0
    one, other = calibrate_surprise(data, samples), calibrate_surprise(data + 64, samples + 64)
    assert other.mean == one.mean + 64
    for first, second in zip(one[2:], other[2:], strict=True):
        assert second == pytest.approx(first)


def test_a_model_that_misses_common_fluctuations_is_surprised():
    rng = np.random.default_rng(3)
    x = rng.random((2000, 50)) < rng.choice([0.02, 0.4], 2000)[:, None]
    rates = x.mean(axis=0)
    samples = rng.random((2000, 50)) < rates
    found = calibrate_surprise(*(independent_surprise(each, rates) for each in (x, samples)))
    # An independent model with the data's rates expects the data's mean surprise exactly.
    assert abs(found.excess.value) < 1.5
    assert found.above_99.low > 0.1 and found.distance > 3


def test_dependent_bins_are_fewer():
    rng = np.random.default_rng(4)
    data = np.repeat(rng.exponential(1, 100), 20)
    found = calibrate_surprise(data, rng.exponential(1, 20_000))
    # Blocks of 100 bins hold five independent values each: an error of 1 / sqrt(12 x 100).
    assert (found.rank.high - found.rank.low) / 3.92 == pytest.approx(0.029, rel=0.5)


def test_values_that_are_not_finite():
    with pytest.raises(InputError, match="samples is not finite"):
        calibrate_surprise(np.zeros(30), np.full(30, np.nan))
