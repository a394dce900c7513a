"""Distances along principal axes: known shifts, and between ceiling and control."""

import numpy as np

from popcode.metrics import principal_axes
from popcode.metrics.projections import projection_distances, projections


def test_projections_are_products():
    rng = np.random.default_rng(0)
    x, axes = (rng.random((50, 20)) < 0.3).astype(np.uint8), rng.normal(size=(20, 3))
    expected = (x - x.mean(axis=0)) @ axes
    # float32 products of values of about 1
    np.testing.assert_allclose(projections(axes, x.mean(axis=0), x), expected, atol=2e-6)


def test_a_shift_is_its_length_in_standard_deviations():
    test = np.random.default_rng(1).normal(0, [1, 10], (4000, 2))
    moved = test + np.array([1, 10]), test, test + np.array([2, 5])
    found = projection_distances(test, *moved)
    scales = test.std(axis=0)
    np.testing.assert_allclose(found.model, [1, 10] / scales, rtol=1e-9)
    np.testing.assert_allclose(found.independent, [2, 5] / scales, rtol=1e-9)
    np.testing.assert_array_equal(found.train, 0)
    assert np.all((found.low < found.model) & (found.model < found.high))


def test_a_perfect_model_lies_at_the_ceiling():
    rng = np.random.default_rng(2)

    def correlated(n):
        rate = rng.choice([0.02, 0.4], n)[:, None]
        return (rng.random((n, 40)) < rate).astype(np.uint8)

    train, test, model = correlated(4000), correlated(4000), correlated(4000)
    independent = (rng.random((4000, 40)) < train.mean(axis=0)).astype(np.uint8)
    axes, mean = principal_axes(train, 2, rng), train.mean(axis=0)
    found = projection_distances(
        *(projections(axes, mean, x) for x in (test, model, train, independent))
    )
    # Two samples of 4,000 are some 1 / sqrt(2000) apart.
    assert found.model[0] < 0.07 and found.train[0] < 0.07
    assert found.independent[0] > 10 * max(found.model[0], found.train[0])


def test_an_axis_without_variance_has_no_distance():
    test = np.random.default_rng(3).normal(size=(40, 2)) * [1, 0]
    assert np.isnan(projection_distances(test, test, test, test).model).tolist() == [False, True]
