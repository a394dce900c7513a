"""Merging bins: nothing is made up, nothing crosses a segment, what is dropped is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popcode.errors import InputError
from popcode.recording import Recording


@st.composite
def count_recordings(draw):
    lengths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return Recording(
        rng.poisson(0.8, (sum(lengths), 3)).astype(np.uint8),
        kind="counts",
        bin_s=0.1,
        segment_starts=np.cumsum(lengths) - lengths,
        segment_start_s=10.0 * np.arange(len(lengths)),
        covariates={"bin": np.arange(sum(lengths))},
    )


@given(recording=count_recordings(), n=st.integers(1, 4))
def test_counts_of_whole_bins_are_conserved(recording, n):
    stops = np.append(recording.segment_starts[1:], recording.n_bins)
    groups = [
        recording.activity[first : first + n].sum(axis=0)
        for start, stop in zip(recording.segment_starts, stops, strict=True)
        for first in range(start, stop - n + 1, n)
    ]
    if not groups:
        with pytest.raises(InputError, match="no segment has"):
            recording.binned(n)
        return
    merged = recording.binned(n)
    np.testing.assert_array_equal(merged.activity, groups)
    assert merged.bin_s == pytest.approx(0.1 * n)
    if n > 1:
        assert merged.provenance[-1]["bins_dropped"] == recording.n_bins - n * len(groups)


@given(recording=count_recordings(), n=st.integers(2, 3))
def test_segments_keep_their_times_and_first_bins(recording, n):
    lengths = np.diff(recording.segment_starts, append=recording.n_bins)
    if (lengths < n).all():
        return
    merged = recording.binned(n)
    kept = np.flatnonzero(lengths >= n)
    np.testing.assert_array_equal(merged.segment_start_s, 10.0 * kept)
    np.testing.assert_array_equal(
        merged.covariates["bin"][merged.segment_starts], recording.segment_starts[kept]
    )


def test_merging_twice_is_merging_once():
    rng = np.random.default_rng(0)
    recording = Recording(rng.poisson(0.5, (24, 4)).astype(np.uint8), bin_s=0.01)
    np.testing.assert_array_equal(
        recording.binned(2).binned(3).activity, recording.binned(bin_s=0.06).activity
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("binary", [[1, 0], [1, 1]]),
        ("counts", [[1, 0], [2, 1]]),
        ("events", [[1, 0], [2, 1]]),
        ("rate", [[0.5, 0], [1, 0.5]]),
        ("dff", [[0.5, 0], [1, 0.5]]),
    ],
)
def test_each_kind_is_merged_by_what_it_means(kind, expected):
    recording = Recording(np.array([[1, 0], [0, 0], [1, 1], [1, 0]]), kind=kind)
    merged = recording.binned(2)
    assert merged.kind == kind
    np.testing.assert_array_equal(merged.activity, expected)


def test_covariates_are_averaged_or_keep_the_first_value():
    covariates = {"x": [0.0, 1.0, 4.0, 6.0], "trial": [3, 3, 4, 4], "cue": list("aabb")}
    merged = Recording(np.ones((4, 1)), covariates=covariates).binned(2)
    assert merged.covariates["x"].tolist() == [0.5, 5.0]
    assert merged.covariates["trial"].tolist() == [3, 4]
    assert merged.covariates["cue"].tolist() == ["a", "b"]


def test_an_unchanged_width_changes_nothing():
    recording = Recording(np.ones((4, 1)), bin_s=0.1)
    assert recording.binned(1) is recording
    assert recording.binned(bin_s=0.1) is recording


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs n or bin_s"),
        ({"n": 2, "bin_s": 0.2}, "needs n or bin_s"),
        ({"n": 0}, "expected a whole number of bins"),
        ({"n": 1.5}, "expected a whole number of bins"),
        ({"n": 7}, "no segment has 7 bins (the longest has 6)"),
        ({"bin_s": 0.25}, "not a whole multiple of the present 0.1 s. The nearest that can be"),
        ({"bin_s": 0.01}, "The nearest that can be had is 0.1"),
        ({"bin_s": -1}, "expected seconds above 0"),
        ({"bin_s": float("nan")}, "not a whole multiple"),
    ],
)
def test_impossible_widths_are_refused(arguments, message):
    with pytest.raises(InputError) as caught:
        Recording(np.ones((6, 1)), bin_s=0.1).binned(**arguments)
    assert message in str(caught.value)
    assert caught.value.remedy


def test_seconds_need_a_known_width():
    with pytest.raises(InputError, match="unknown, so bin_s cannot be met"):
        Recording(np.ones((6, 1))).binned(bin_s=0.1)


def test_counts_that_a_byte_cannot_hold_are_refused():
    activity = np.ones((4, 3), dtype=np.uint8)
    activity[2:, 1] = 200
    with pytest.raises(InputError, match="neuron 1, merged bin 1: a merged bin would count 400"):
        Recording(activity).binned(2)
