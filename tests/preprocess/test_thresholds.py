"""Thresholds of a neuron's own values: what must stay when its scale changes, and flat neurons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popcode.errors import InputError
from popcode.preprocess import binarize_quantile, binarize_threshold, binarize_zscore
from popcode.recording import Recording


def traces(n_bins=1000, n_neurons=300):
    """More neurons than are taken at once."""
    return np.random.default_rng(0).gamma(2.0, size=(n_bins, n_neurons)).astype(np.float32)


def test_a_quantile_leaves_its_share_of_every_neuron():
    made = binarize_quantile(Recording(traces(), kind="rate"), 0.9)
    assert made.kind == "binary"
    # 1,000 different values: exactly the 100 highest.
    assert (made.activity.sum(axis=0) == 100).all()


@given(scale=st.floats(0.01, 100), offset=st.floats(-10, 10))
def test_scale_and_offset_of_a_neuron_change_nothing(scale, offset):
    values = traces(200, 5).astype(np.float64)
    other = values * scale + offset
    kept = binarize_zscore(Recording(values, kind="dff"), 1.5).activity
    moved = binarize_zscore(Recording(other, kind="dff"), 1.5).activity
    # float32 of the other values may carry an entry that is on the threshold across it.
    assert np.count_nonzero(kept != moved) <= 1


def test_zscores_are_those_of_numpy():
    values = traces(500, 7)
    wide = values.astype(np.float64)
    expected = (wide - wide.mean(axis=0)) / wide.std(axis=0) > 1.2
    made = binarize_zscore(Recording(values, kind="rate"), 1.2)
    assert np.array_equal(made.activity, expected)


@pytest.mark.parametrize("call", [binarize_quantile, binarize_zscore])
@pytest.mark.parametrize("value", [0.1, 1 / 3, -7.7])
def test_a_neuron_that_never_changes_is_never_active(call, value):
    values = traces(777, 3)
    values[:, 1] = value
    made = call(Recording(values, kind="dff"), 0.5)
    assert not made.activity[:, 1].any()
    assert made.activity[:, [0, 2]].any(axis=0).all()
    assert "1 neuron never changing: never active" in made.provenance[-1]["notes"]


def test_counts_have_quantiles_too():
    counts = np.array([[0, 0], [1, 0], [2, 3], [5, 0]])
    made = binarize_quantile(Recording(counts, kind="counts"), 0.5)
    assert made.activity.tolist() == [[0, 0], [0, 0], [1, 1], [1, 0]]


def test_one_threshold_or_one_a_neuron():
    values = np.array([[0.5, 1.0], [2.0, 3.0]])
    recording = Recording(values, kind="rate")
    assert binarize_threshold(recording, 1.0).activity.tolist() == [[0, 0], [1, 1]]
    made = binarize_threshold(recording, [0.0, 5.0])
    assert made.activity.tolist() == [[1, 0], [1, 0]]
    assert "1 neuron never above the threshold" in made.provenance[-1]["notes"]


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.7, 1 / 3])
def test_a_value_at_the_threshold_is_not_above_it(threshold):
    """Whichever way single precision rounds the threshold."""
    values = np.full((4, 2), threshold, dtype=np.float32)
    values[0] = np.nextafter(values[0], np.float32(np.inf))
    values[1] = np.nextafter(values[1], np.float32(-np.inf))
    made = binarize_threshold(Recording(values, kind="rate"), threshold)
    assert made.activity.tolist() == [[1, 1], [0, 0], [0, 0], [0, 0]]


def test_a_quantile_between_neighbours_in_single_precision_parts_them():
    low = np.float32(1)
    values = np.full((4, 1), low)
    values[3] = np.nextafter(low, np.float32(2))
    for quantile in (0.7, 0.75, 0.9, 0.99):  # between the two, nearer to the one or the other
        made = binarize_quantile(Recording(values, kind="rate"), quantile)
        assert made.activity.ravel().tolist() == [0, 0, 0, 1]


def test_a_threshold_beyond_single_precision_leaves_nothing():
    made = binarize_threshold(Recording(traces(20, 2), kind="rate"), 1e300)
    assert not made.activity.any()


def test_bad_thresholds():
    recording = Recording(traces(20, 2), kind="rate")
    for quantile in (0, 1, -0.1, float("nan")):
        with pytest.raises(InputError, match="expected a number between 0 and 1"):
            binarize_quantile(recording, quantile)
    with pytest.raises(InputError, match="expected a finite number"):
        binarize_zscore(recording, float("inf"))
    with pytest.raises(InputError, match="is not finite"):
        binarize_threshold(recording, float("nan"))


@pytest.mark.parametrize("call", [binarize_quantile, binarize_zscore, binarize_threshold])
def test_binary_activity_is_refused(call):
    with pytest.raises(InputError, match="binary already"):
        call(Recording(np.eye(4)), 0.5)
