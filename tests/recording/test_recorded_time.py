"""What is left of time: interval arithmetic, and whole bins in it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popcode.errors import InputError
from popcode.recording.recorded_time import (
    ON_THE_EDGE,
    checked_intervals,
    complement,
    edge_share,
    stretches,
    without,
)

bounds = st.integers(0, 40)
intervals = st.lists(st.tuples(bounds, bounds).map(sorted), max_size=8)


def inside(intervals, times):
    return np.array([any(start <= t < stop for start, stop in intervals) for t in times])


@settings(deadline=None)
@given(intervals, intervals)
def test_cutting_is_what_it_is_on_a_grid(kept, cut):
    """Half of every unit step, so that no point lies on a bound."""
    points = np.arange(-1, 42) + 0.5
    kept_s, cut_s = checked_intervals(kept, "kept"), checked_intervals(cut, "cut")
    left = without(kept_s, cut_s)
    np.testing.assert_array_equal(inside(left, points), inside(kept, points) & ~inside(cut, points))
    np.testing.assert_array_equal(inside(complement(cut_s), points), ~inside(cut, points))
    assert (left[:, 1] > left[:, 0]).all()
    assert (left[1:, 0] > left[:-1, 1]).all() or len(cut_s), "disjoint and in order"


@settings(deadline=None)
@given(intervals)
def test_intervals_are_in_order_and_apart(given_intervals):
    joined = checked_intervals(given_intervals, "x")
    assert (joined[:, 1] > joined[:, 0]).all()
    assert (joined[1:, 0] > joined[:-1, 1]).all()


@pytest.mark.parametrize(
    ("given_intervals", "message"),
    [
        ([1.0, 2.0], r"x has shape \(2,\); expected \(n_intervals, 2\)"),
        ([[1.0, 2.0], [5.0, 4.0]], r"interval 1: x has an interval from 5 to 4 s\. An interval"),
        ([[np.nan, 2.0]], "from nan to 2 s"),
    ],
)
def test_impossible_intervals_are_refused(given_intervals, message):
    with pytest.raises(InputError, match=message):
        checked_intervals(given_intervals, "x")


def test_bins_are_whole_and_end_at_the_interval_or_with_the_last_spike():
    pauses = np.array([[4.3, 50.0], [60.05, np.inf]])
    found = stretches(np.array([[0.0, np.inf]]), pauses, 1.0)
    assert found.starts.tolist() == [0.0, 50.0]
    assert found.n_bins.tolist() == [5, 11], "the bin of the last spike is the last"
    found = stretches(np.array([[0.0, 4.5], [52.0, 55.9]]), pauses, 1.0)
    assert found.starts.tolist() == [0.0, 52.0]
    assert found.n_bins.tolist() == [4, 3], "no bin reaches over the end of its interval"


def test_a_spike_between_two_pauses_has_its_bin():
    pauses = np.array([[1.0, 50.0], [50.0, 99.0]])
    found = stretches(np.array([[0.0, 100.0]]), pauses, 0.5)
    assert found.starts.tolist() == [0.0, 50.0, 99.0]
    assert found.n_bins.tolist() == [3, 1, 2]


def test_times_of_a_large_clock_are_rounded_more_coarsely():
    assert edge_share(0.0, 1e4, 0.02) == edge_share(1e4, np.inf, 0.02) == ON_THE_EDGE
    assert edge_share(-1.6e9, 0.0, 0.02) == 2 * np.spacing(1.6e9) / 0.02
    assert edge_share(1e18, 1e18 + 1e5, 0.02) == 0.5


def test_times_of_a_coarser_type_are_rounded_more_coarsely():
    assert edge_share(0.0, 200.0, 1e-3, np.float32) == 2 * float(np.spacing(np.float32(200))) / 1e-3
    assert edge_share(0.0, 200.0, 1e-3, np.float64) == ON_THE_EDGE
    assert edge_share(0.0, 1e5, 1e-3, np.float16) == 0.5
