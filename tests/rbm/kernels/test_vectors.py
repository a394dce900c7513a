"""Sums of rows in vector registers against numpy's."""

import numpy as np
import pytest
from numba import njit

from popcode.rbm.kernels.vectors import TABLE, WIDTH, add_rows, aligned_zeros, tabulate

# Sums of up to 20 numbers of order 1 in float32.
ATOL = 1e-5


@njit
def added(rows, places, first, stop, column, sums, position):
    add_rows(rows, places, first, stop, column, sums, position)


@njit
def tabulated(rows, start, table, position):
    tabulate(rows, start, table, position)


@njit
def zeros(size):
    return aligned_zeros(size)


@pytest.mark.parametrize(("first", "stop"), [(0, 20), (3, 4), (7, 7)])
@pytest.mark.parametrize("column", [0, 5])
def test_rows_are_added_where_they_are_wanted_and_nowhere_else(first, stop, column):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=5000).astype(np.float32)
    places = rng.integers(0, rows.size - 2 * WIDTH, 20).astype(np.uint32)
    sums = rng.normal(size=3 * WIDTH).astype(np.float32)
    expected = sums.copy()
    for place in places[first:stop].astype(int):
        expected[70 : 70 + WIDTH] += rows[place + column : place + column + WIDTH]
    added(rows, places, first, stop, column, sums, 70)
    np.testing.assert_allclose(sums, expected, atol=ATOL)
    np.testing.assert_array_equal(sums[:70], expected[:70])
    np.testing.assert_array_equal(sums[70 + WIDTH :], expected[70 + WIDTH :])


def test_the_table_holds_the_sum_of_every_subset_of_four_rows():
    rows = np.random.default_rng(1).normal(size=(6, WIDTH)).astype(np.float32)
    table = np.full(TABLE + 9, 7, np.float32)
    tabulated(rows.reshape(-1), WIDTH, table, 9)
    subsets = np.arange(16)[:, None] >> np.arange(4) & 1
    np.testing.assert_allclose(table[9:].reshape(16, WIDTH), subsets @ rows[1:5], atol=ATOL)
    np.testing.assert_array_equal(table[:9], 7)


@pytest.mark.parametrize("size", [1, 64, 1000])
def test_zeros_begin_at_a_line_of_the_cache(size):
    made = zeros(size)
    assert made.ctypes.data % 64 == 0
    assert made.size == size
    assert not made.any()
