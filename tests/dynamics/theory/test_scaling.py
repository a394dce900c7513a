"""The edge of the semicircle, and networks of different size that are as critical."""

import numpy as np
import pytest

from popcode.dynamics.ensemble import semicircle_quantiles
from popcode.dynamics.theory import scaling
from popcode.errors import InputError


def test_distances_from_the_edge_are_those_of_the_semicircle():
    n = 100_000
    ranks = np.arange(10, 300)
    exact = 1 - semicircle_quantiles(n)[ranks - 1]
    # The next order of the edge is a tenth of the distance, which here is below 0.03.
    np.testing.assert_allclose(scaling.edge_distance(ranks - 0.5, n), exact, rtol=0.005)


def test_local_exponent_is_the_slope_of_the_variance():
    n, radius, ranks = 10_000, 0.99, np.array([20.0, 100.0, 400.0])

    def log_variance(log_rank):
        return -np.log(scaling.edge_distance(np.exp(log_rank), n) + 1 - radius)

    slope = (log_variance(np.log(ranks) + 1e-5) - log_variance(np.log(ranks) - 1e-5)) / 2e-5
    np.testing.assert_allclose(scaling.local_exponent(ranks, n, radius), -slope, rtol=1e-6)


def test_as_critical_networks_have_the_same_exponents():
    small, large = 10_000, 1_000_000
    radius = scaling.critical_radius(large, like=(small, 0.99))
    ranks = np.array([1.0, 10.0, 300.0])
    np.testing.assert_allclose(
        scaling.local_exponent(ranks, large, radius),
        scaling.local_exponent(ranks, small, 0.99),
        rtol=1e-9,
    )
    assert scaling.knee_rank(large, radius) == pytest.approx(scaling.knee_rank(small, 0.99))
    assert scaling.critical_radius(small, like=(small, 0.99)) == pytest.approx(0.99)


def test_knee_is_where_the_exponent_has_halved():
    knee = scaling.knee_rank(10_000, 0.975)
    assert knee == pytest.approx(24, abs=1)  # section 1.3 of the article's mathematics
    assert scaling.local_exponent(knee, 10_000, 0.975) == pytest.approx(1 / 3)


def test_bad_input_is_refused():
    for n, like in ((0, (100, 0.9)), (100, (100, 1.0)), (2, (10**6, 0.5))):
        with pytest.raises(InputError):
            scaling.critical_radius(n, like)
