"""Counts in squares: nothing is lost, whatever the values and however they are gone through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from popcode.metrics.density import count_squares, density_of, shared_edges, square_of

VALUES = of_numpy.arrays(
    np.float64,
    st.tuples(st.just(4), st.integers(0, 30)),
    elements=st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1e-300, 1e-9]),
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_every_value_is_counted_once(values):
    found = density_of(*values)
    assert (np.diff(found.edges) > 0).all()
    for counts in (found.model, found.train, found.independent):
        assert counts.shape == (60, 60)
        assert counts.dtype == np.int64
        assert counts.sum() == values.shape[1]
    # Each set stands against the same test values.
    np.testing.assert_array_equal(found.model.sum(axis=1), found.train.sum(axis=1))


def test_counts_equal_numpys_histogram():
    rng = np.random.default_rng(0)
    test, model, train, independent = rng.standard_normal((4, 5000))
    found = density_of(test, model, train, independent)
    inside = [np.clip(v, found.edges[0], found.edges[-1]) for v in (test, model)]
    plain, _, _ = np.histogram2d(*inside, bins=[found.edges, found.edges])
    np.testing.assert_array_equal(found.model, plain)


def test_edges_show_the_test_and_the_bulk_of_the_model():
    rng = np.random.default_rng(0)
    test = rng.standard_normal(10_000)
    wide = 10 * rng.standard_normal(10_000)
    edges = shared_edges(test, wide, test)
    assert edges[0] == pytest.approx(np.percentile(wide, 1))
    assert edges[-1] == pytest.approx(np.percentile(wide, 99))
    outlier = np.append(test, 1e9)
    assert shared_edges(outlier, outlier)[-1] < 10  # one value does not squeeze the others
    narrow = shared_edges(test, 0 * test)
    np.testing.assert_allclose(narrow[[0, -1]], np.percentile(test, [0.1, 99.9]))


@pytest.mark.parametrize("values", [[], [0.3], [0.3] * 9, [0.0, 0.0], [np.nan, np.inf]])
def test_values_that_do_not_vary(values):
    values = np.array(values)
    edges = shared_edges(values, values)
    assert len(edges) == 61
    assert (np.diff(edges) > 0).all()
    if len(values) and np.isfinite(values[0]):
        assert edges[0] < values[0] < edges[-1]
    assert density_of(values, values, values, values).model.sum() == len(values)


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_blocks_of_any_size_give_the_same(monkeypatch, block):
    from popcode.metrics import density

    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 500))
    edges = shared_edges(x, y)
    whole = count_squares(square_of(x, edges), square_of(y, edges))
    monkeypatch.setattr(density, "_BLOCK", block)
    np.testing.assert_array_equal(count_squares(square_of(x, edges), square_of(y, edges)), whole)
