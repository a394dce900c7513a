"""Which row of a table of intervals a time lies in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from popcode.io.nwb.intervals import rows_at

NUMBERS = st.integers(0, 40)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8), st.lists(NUMBERS, max_size=20))
def test_bisection_finds_what_a_look_at_every_row_finds(intervals, times):
    bounds = np.array([(start, start + length) for start, length in intervals], float)
    bounds = bounds.reshape(-1, 2)
    found = rows_at(np.array(times, float), bounds)
    for time, inside, started in zip(times, found.inside, found.started, strict=True):
        begun = [row for row in range(len(bounds)) if bounds[row, 0] <= time]
        last = max(begun, key=lambda row: (bounds[row, 0], row), default=-1)
        assert started == last
        still_open = [row for row in begun if time < bounds[row, 1]]
        assert inside == max(still_open, key=lambda row: (bounds[row, 0], row), default=-1)


def test_intervals_without_an_end_last_as_long_as_usual():
    bounds = np.array([[0.0, 1.0], [10.0, np.nan], [20.0, 21.0], [np.nan, 30.0]])
    found = rows_at(np.array([0.5, 10.5, 11.5, 20.5, 29.0]), bounds)
    assert found.inside.tolist() == [0, 1, -1, 2, -1]


def test_the_outer_of_two_nested_intervals_counts_again_after_the_inner():
    bounds = np.array([[0.0, 100.0], [10.0, 20.0], [30.0, 30.0], [60.0, 120.0]])
    found = rows_at(np.array([5.0, 15.0, 20.0, 30.0, 70.0, 110.0, 120.0]), bounds)
    assert found.inside.tolist() == [0, 1, 0, 0, 3, 3, -1]


def test_intervals_by_the_hundred_thousand_inside_one_another():
    n = 100_000  # were every bin compared with every interval, this would run for an hour
    bounds = np.stack([np.arange(n), 2.0 * n - np.arange(n)], axis=1)
    found = rows_at(np.arange(0.5, 2 * n), bounds)
    np.testing.assert_array_equal(found.inside[:n], np.arange(n))
    np.testing.assert_array_equal(found.inside[n:], np.arange(n)[::-1])
