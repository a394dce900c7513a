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
        assert inside == (last if last >= 0 and time < bounds[last, 1] else -1)


def test_intervals_without_an_end_last_as_long_as_usual():
    bounds = np.array([[0.0, 1.0], [10.0, np.nan], [20.0, 21.0], [np.nan, 30.0]])
    found = rows_at(np.array([0.5, 10.5, 11.5, 20.5, 29.0]), bounds)
    assert found.inside.tolist() == [0, 1, -1, 2, -1]
