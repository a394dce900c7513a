"""Restricting to epochs: which bins are kept, in absolute and in recorded time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popcode.errors import InputError
from popcode.preprocess import restrict
from popcode.recording import Recording


def numbered(n_bins=100, **parts):
    """Activity whose value is the number of the bin."""
    return Recording(np.arange(n_bins)[:, None] + 0.5, kind="rate", bin_s=0.1, **parts)


def bins_of(recording):
    return (recording.activity[:, 0] - 0.5).astype(int).tolist()


def test_recorded_time_from_the_first_bin():
    made = restrict(numbered(), [(0.3, 0.6), (2.0, 2.25)])
    assert bins_of(made) == [3, 4, 5, 20, 21]
    assert made.segment_starts.tolist() == [0, 3]
    step = made.provenance[-1]
    assert (step["bins_kept"], step["bins_dropped"]) == (5, 95)
    assert step["notes"] == ["kept 5 of 100 bins (500 ms), those in 2 epochs"]


def test_absolute_time_where_it_is_known():
    recording = numbered(20, segment_starts=[0, 10], segment_start_s=[100.0, 500.0])
    made = restrict(recording, [(100.5, 500.2)])
    assert bins_of(made) == [5, 6, 7, 8, 9, 10, 11]
    assert made.segment_starts.tolist() == [0, 5]
    np.testing.assert_allclose(made.segment_start_s, [100.5, 500.0])


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 40)), min_size=1, max_size=5))
def test_edges_in_whole_bins_keep_exactly_those_bins(pairs):
    epochs = [(0.1 * start, 0.1 * (start + n)) for start, n in pairs]
    expected = sorted({b for start, n in pairs for b in range(start, start + n) if b < 100})
    if expected:
        assert bins_of(restrict(numbered(), epochs)) == expected


def test_epochs_that_touch_are_one_stretch():
    made = restrict(numbered(), [(1.0, 2.0), (2.0, 3.0)])
    assert made.n_segments == 1
    assert made.provenance[-1]["epochs_s"] == [[1.0, 3.0]]


def test_what_is_said_of_an_epoch_without_bins():
    made = restrict(numbered(), [(0, 1), (50, 60)])
    assert made.provenance[-1]["notes"][1] == "no bin lies inside the epoch 50-60 s"


def test_bad_epochs():
    with pytest.raises(InputError, match=r"no bin lies inside 50-60 s.*runs from 0 to 10 s"):
        restrict(numbered(), [(50, 60)])
    with pytest.raises(InputError, match=r"interval from 3 to 1 s"):
        restrict(numbered(), [(3, 1)])
    with pytest.raises(InputError, match="expected \\(n_intervals, 2\\)"):
        restrict(numbered(), [1, 2, 3])
    with pytest.raises(InputError, match="no epoch has any length"):
        restrict(numbered(), [(1, 1)])
    with pytest.raises(InputError, match="bin width of the recording is unknown"):
        restrict(Recording(np.eye(4)), [(0, 1)])
    unknown = numbered(20, segment_starts=[0, 10], segment_start_s=[0.0, np.nan])
    with pytest.raises(InputError, match="segment 1: the time at which it starts is not known"):
        restrict(unknown, [(0, 1)])


def test_segments_out_of_order_in_time():
    recording = numbered(20, segment_starts=[0, 10], segment_start_s=[500.0, 100.0])
    assert bins_of(restrict(recording, [(100.8, 500.3)])) == [0, 1, 2, 18, 19]


def test_an_error_does_not_list_a_thousand_epochs():
    with pytest.raises(InputError, match=r"50-50.5, 51-51.5.*, 994 more s"):
        restrict(numbered(), [(50 + k, 50.5 + k) for k in range(1000)])
