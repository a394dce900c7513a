"""Selecting: what belongs together stays together, and gaps are known as gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popcode.errors import InputError
from popcode.recording import Recording

N_BINS, N_NEURONS, STARTS = 12, 5, [0, 4, 9]


def example() -> Recording:
    activity = np.arange(N_BINS * N_NEURONS, dtype=np.uint8).reshape(N_BINS, N_NEURONS)
    return Recording(
        activity,
        bin_s=0.5,
        neurons={"region": list("abcde")},
        neuron_arrays={"weights": activity[:N_NEURONS, :2]},
        region_labels=np.eye(N_NEURONS, 2, dtype=bool),
        region_names=["left", "right"],
        segment_starts=STARTS,
        segment_start_s=[10.0, 20.0, 40.0],
        covariates={"bin": np.arange(N_BINS), "both": np.ones((N_BINS, 2))},
    )


def indices(size: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, size - 1), min_size=1, max_size=2 * size)


@given(bins=indices(N_BINS), neurons=indices(N_NEURONS))
def test_everything_follows_its_bin_and_neuron(bins, neurons):
    recording = example()
    part = recording.select(neurons=neurons, bins=bins)
    np.testing.assert_array_equal(part.activity, recording.activity[np.ix_(bins, neurons)])
    np.testing.assert_array_equal(part.covariates["bin"], bins)
    assert part.neurons["id"].tolist() == neurons
    np.testing.assert_array_equal(
        part.neuron_arrays["weights"], recording.neuron_arrays["weights"][neurons]
    )
    np.testing.assert_array_equal(part.region_labels, recording.region_labels[neurons])


@given(bins=indices(N_BINS))
def test_a_segment_is_a_run_of_recorded_neighbours(bins):
    recording = example()
    part = recording.select(bins=bins)
    segment_of = np.searchsorted(STARTS, bins, side="right")
    expected = [0] + [
        k
        for k in range(1, len(bins))
        if bins[k] != bins[k - 1] + 1 or segment_of[k] != segment_of[k - 1]
    ]
    assert part.segment_starts.tolist() == expected
    absolute = np.array([10.0, 20.0, 40.0])[segment_of - 1] + 0.5 * (
        np.array(bins) - np.array(STARTS)[segment_of - 1]
    )
    np.testing.assert_allclose(part.segment_start_s, absolute[expected])


@given(data=st.data())
def test_selections_compose(data):
    first = data.draw(indices(N_BINS))
    second = data.draw(indices(len(first)))
    twice = example().select(bins=first).select(bins=second)
    once = example().select(bins=np.array(first)[second])
    np.testing.assert_array_equal(twice.activity, once.activity)
    assert set(once.segment_starts) <= set(twice.segment_starts)
    if (np.diff(first) > 0).all():  # out of order, what was torn apart stays apart
        np.testing.assert_array_equal(once.segment_starts, twice.segment_starts)
    np.testing.assert_array_equal(twice.covariates["bin"], once.covariates["bin"])


@given(mask=st.lists(st.booleans(), min_size=N_BINS, max_size=N_BINS).filter(any))
def test_a_mask_is_the_indices_it_marks(mask):
    by_mask = example().select(bins=mask)
    by_index = example().select(bins=np.flatnonzero(mask))
    np.testing.assert_array_equal(by_mask.activity, by_index.activity)
    np.testing.assert_array_equal(by_mask.segment_starts, by_index.segment_starts)


def test_contiguous_stretches_are_views():
    recording = example()
    for part in (
        recording.select(bins=np.arange(2, 9)),
        recording.select(bins=slice(2, 9)),
        recording.select(neurons=[1, 2, 3]),
        recording.select(segments=[1, 2]),
    ):
        assert np.shares_memory(part.activity, recording.activity)


def test_segments_are_selected_whole_and_in_order():
    part = example().select(segments=[2, 0])
    assert part.covariates["bin"].tolist() == [9, 10, 11, 0, 1, 2, 3]
    assert part.segment_starts.tolist() == [0, 3]
    assert part.segment_start_s.tolist() == [40.0, 10.0]


def test_negative_indices_count_from_the_end():
    assert example().select(bins=[-1, -2]).covariates["bin"].tolist() == [11, 10]


def test_times_inside_a_segment_are_unknown_where_the_width_is():
    recording = Recording(np.ones((4, 1)), segment_start_s=[3.0])
    np.testing.assert_array_equal(recording.select(bins=[0, 2]).segment_start_s, [3.0, np.nan])


def test_provenance_says_how_much_was_dropped_and_why():
    part = example().select(neurons=[0, 1], bins=slice(0, 4), why="a test")
    assert part.provenance[-1] == {
        "step": "select",
        "bins_kept": 4,
        "bins_dropped": 8,
        "neurons_kept": 2,
        "neurons_dropped": 3,
        "why": "a test",
    }


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"bins": [12]}, "bins 12 is out of range"),
        ({"neurons": [-6]}, "neurons -6 is out of range"),
        ({"neurons": []}, "no neurons left"),
        ({"bins": [False] * 12}, "no bins left"),
        ({"bins": slice(5, 5)}, "no bins left"),
        ({"neurons": [True, False]}, "the mask of neurons has 2 entries; expected 5"),
        ({"bins": [0.5]}, "the selection of bins is of type float64"),
        ({"bins": [[1]]}, "shape (1, 1)"),
        ({"bins": [0], "segments": [0]}, "both bins and segments"),
        ({"segments": [3]}, "segments 3 is out of range"),
    ],
)
def test_impossible_selections_are_refused(selection, message):
    with pytest.raises(InputError) as caught:
        example().select(**selection)
    assert message in str(caught.value)
    assert caught.value.remedy
