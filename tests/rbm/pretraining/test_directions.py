"""Directions of planted departures from independence."""

import numpy as np

from popcode.rbm.pretraining.directions import principal_directions


def two_states(n_bins, seed):
    """Neurons of unlike rates whose fields a hidden coin moves by +-tilt."""
    rng = np.random.default_rng(seed)
    fields, tilt = rng.normal(-1, 1, 30), 0.4 * rng.normal(size=30)
    coin = rng.choice([-1, 1], n_bins)
    rates = 1 / (1 + np.exp(-(fields + coin[:, None] * tilt)))
    return (rng.random(rates.shape) < rates).astype(np.float32), tilt


def test_the_tilt_of_the_fields_is_recovered():
    rows, tilt = two_states(40_000, 0)
    direction = principal_directions(rows, 1).vectors[:, 0]
    # Errors of 30 entries, each some 1 / sqrt(40,000) of its own size and more for rare neurons.
    assert abs(np.corrcoef(direction, tilt)[0, 1]) > 0.98


def test_projections_of_independent_neurons_have_unit_variance():
    rows, _ = two_states(2000, 1)
    found = principal_directions(rows, 3)
    rng = np.random.default_rng(2)
    drawn = (rng.random((50_000, 30)) < found.rates).astype(np.float32)
    projected = found.project(drawn)
    # The standard error of a variance near 1 from 50,000 draws is .006.
    np.testing.assert_allclose(np.cov(projected.T), np.eye(3), atol=0.03)
    np.testing.assert_allclose(projected.mean(axis=0), 0, atol=0.02)


def test_projected_data_have_the_stated_variances():
    rows, _ = two_states(3000, 3)
    found = principal_directions(rows, 2)
    # Guarded rates shift the scale by 1 / n_bins only.
    np.testing.assert_allclose(found.project(rows).var(axis=0), found.variances, rtol=1e-3)


def test_neurons_that_hardly_change_have_no_share():
    rows, _ = two_states(2000, 4)
    rows[:, 0], rows[:, 1], rows[:, 2] = 0, 1, 0
    rows[:3, 2] = 1
    found = principal_directions(rows, 2)
    assert (found.vectors[:3] == 0).all()
    assert np.isfinite(found.fields).all()
    assert (np.diff(found.fields[[0, 2, 1]]) > 0).all()


def test_no_direction_where_nothing_varies():
    found = principal_directions(np.zeros((100, 5), np.float32), 3)
    assert found.vectors.shape == (5, 0) and found.keep(0).variances.size == 0
