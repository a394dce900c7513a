"""Intervals of exponents: they cover the planted one, and are the same for a seed."""

import numpy as np
import pytest

from popcode.dynamics.resampled_exponents import exponent_interval
from popcode.errors import InputError


def planted(n_bins, n_neurons, exponent, seed):
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(n_neurons, n_neurons)))[0]
    deviation = np.arange(1, n_neurons + 1) ** (-exponent / 2)
    return (rng.normal(size=(n_bins, n_neurons)) * deviation) @ basis.T


def test_its_width_is_the_spread_of_recordings():
    """One network (one basis) recorded twelve times: the bootstrap of each knows their scatter."""
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(40, 40)))[0]
    deviation = np.arange(1, 41) ** -0.4
    found = [
        exponent_interval(
            (rng.normal(size=(600, 40)) * deviation) @ basis.T,
            "direct",
            ranks=(2, 30),
            n_resamples=20,
        )
        for _ in range(12)
    ]
    spread = np.std([each.exponent for each in found], ddof=1)
    width = np.mean([(each.high - each.low) / 2 / 1.96 for each in found])
    # A standard deviation of twelve is known to a fifth; 2.5 of its errors.
    assert 0.6 < width / spread < 1.8


@pytest.mark.parametrize("method", ["direct", "svca", "svca2", "cvpca"])
def test_every_method_has_one(method):
    x = planted(1200, 40, 1.0, seed=1)
    one = exponent_interval(x, method, ranks=(1, 9), n_resamples=10)
    assert one.low < one.exponent < one.high
    assert np.array_equal(
        one.resampled, exponent_interval(x, method, ranks=(1, 9), n_resamples=10).resampled
    )


def test_bad_input():
    with pytest.raises(InputError, match="at least 10"):
        exponent_interval(planted(1200, 40, 1.0, 0), n_resamples=2)
    with pytest.raises(InputError, match="stretches"):
        exponent_interval(planted(40, 40, 1.0, 0), "direct", ranks=(1, 9))
