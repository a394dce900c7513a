"""Construction: one form whatever comes in, and one clear message where parts disagree."""

import copy
import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from popcode.errors import InputError, PopcodeWarning
from popcode.recording import Recording, as_recording, binary_activity

COUNTS = np.array([[0, 1, 2], [3, 0, 0], [0, 0, 1], [1, 1, 0]], dtype=np.uint8)


def test_large_arrays_are_not_copied_and_cannot_be_written_through():
    recording = Recording(COUNTS)
    assert np.shares_memory(recording.activity, COUNTS)
    with pytest.raises(ValueError, match="read-only"):
        recording.activity[0, 0] = 1
    COUNTS[0, 0] = COUNTS[0, 0]  # the caller's own array stays writable


def test_fields_cannot_be_set():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recording(COUNTS).bin_s = 1.0


def test_tables_and_mappings_are_copied_in_and_out():
    table = pd.DataFrame({"region": ["a", "b", "b"]})
    recording = Recording(COUNTS, neurons=table, covariates={"x": np.zeros(4)}, bin_s=1)
    table["region"] = "c"
    handed_out = recording.neurons
    handed_out["region"] = "d"
    recording.covariates["y"] = np.zeros(4)
    with pytest.raises(ValueError, match="read-only"):
        recording.covariates["x"][0] = 1
    assert recording.neurons["region"].tolist() == ["a", "b", "b"]
    assert list(recording.covariates) == ["x"]


def test_array_protocol_gives_the_activity():
    recording = Recording(COUNTS)
    assert np.shares_memory(np.asarray(recording), COUNTS)
    assert np.asarray(recording, dtype=float).dtype == np.float64
    assert recording.shape == (4, 3) == (recording.n_bins, recording.n_neurons)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_recordings_travel_between_processes(clone):
    recording = Recording(COUNTS, bin_s=0.1, covariates={"x": np.arange(4)})
    other = clone(recording)
    assert not other.activity.flags.writeable
    assert not other.covariates["x"].flags.writeable
    np.testing.assert_array_equal(other.activity, COUNTS)
    assert other.neurons.equals(recording.neurons)


@pytest.mark.parametrize(
    ("values", "kind", "dtype"),
    [
        (np.array([[True, False]]), "binary", np.uint8),
        (np.array([[0.0, 1.0]]), "binary", np.uint8),
        (np.array([[0, 7]], dtype=np.int64), "counts", np.uint8),
        (np.array([[0.0, 7.0]]), "counts", np.uint8),
        (np.array([[0, 300]]), "rate", np.float32),
        (np.array([[-0.5, 7.0]]), "dff", np.float32),
        (np.array([[0.0, 0.0, 7.5]]), "events", np.float32),
        (np.array([[0.0, 1.5, 7.5]]), "rate", np.float32),
    ],
)
def test_kind_is_told_from_the_values(values, kind, dtype):
    recording = Recording(values)
    assert (recording.kind, recording.activity.dtype) == (kind, dtype)


def test_a_rare_count_beyond_a_byte_is_held_at_255_and_said():
    counts = np.zeros((50, 4), np.int64)
    counts[3, 2], counts[5, 1] = 300, 255
    with pytest.warns(PopcodeWarning, match="1 counts above 255 .up to 300. are held at 255"):
        recording = Recording(counts)
    assert recording.kind == "counts"
    assert recording.activity[3, 2] == recording.activity[5, 1] == 255


def test_duration_is_nan_where_the_bin_width_is_unknown():
    assert np.isnan(Recording(COUNTS).duration_s)
    assert Recording(COUNTS, bin_s=0.5).duration_s == 2.0


def test_positions_come_from_the_table():
    assert Recording(COUNTS).positions_um is None
    positions = Recording(COUNTS, neurons={"x_um": [1, 2, 3], "y_um": [4, 5, 6]}).positions_um
    np.testing.assert_array_equal(positions[:, :2], [[1, 4], [2, 5], [3, 6]])
    assert np.isnan(positions[:, 2]).all()


def test_ids_are_the_index_of_the_table():
    assert Recording(COUNTS).neurons["id"].tolist() == [0, 1, 2]
    table = pd.DataFrame({"depth": [1.0, 2.0, 3.0]}, index=["u7", "u8", "u9"])
    assert Recording(COUNTS, neurons=table).neurons["id"].tolist() == ["u7", "u8", "u9"]
    assert Recording(COUNTS, neurons={"id": [7, 8, 9]}).neurons["id"].tolist() == [7, 8, 9]


def test_missing_values_of_a_table_are_kept_in_plain_types():
    table = pd.DataFrame(
        {
            "region": ["a", None, "b"],
            "channel": pd.array([1, None, 3], dtype="Int64"),
            "layer": pd.Categorical(["x", "y", "x"]),
        }
    )
    kept = Recording(COUNTS, neurons=table).neurons
    assert kept["region"].tolist() == ["a", "", "b"]
    assert kept["layer"].tolist() == ["x", "y", "x"]
    np.testing.assert_array_equal(kept["channel"], [1, np.nan, 3])


def test_repr_says_what_it_is():
    recording = Recording(COUNTS, bin_s=0.02, covariates={"speed": np.zeros(4)})
    assert repr(recording) == (
        "Recording(4 bins x 3 neurons, counts, bins of 20 ms, 80 ms, 1 segment, covariates speed)"
    )
    assert "bin width unknown" in repr(Recording(COUNTS))


def refused(**arguments):
    arguments.setdefault("activity", COUNTS)
    with pytest.raises(InputError) as caught:
        Recording(**arguments)
    assert caught.value.what
    assert caught.value.remedy, "every message names a remedy"
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(3), "1 dimensions, shape (3,); expected 2"),
        (np.zeros((2, 2, 2)), "3 dimensions"),
        (None, "0 dimensions"),
        (np.zeros((0, 3)), "empty, shape (0, 3)"),
        (np.array([["a"]]), "not numbers"),
        (np.array([[1 + 2j]]), "not numbers"),
        ([[1, 2], [3]], "not a matrix"),
        (np.array([[0.0, 1e300]]), "more than float32 holds"),
    ],
)
def test_activity_that_is_no_matrix_of_numbers_is_refused(values, message):
    assert message in refused(activity=values)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_inf_name_the_first_neuron_and_bin(bad):
    values = np.zeros((5, 4))
    values[3, 2] = values[4, 0] = bad
    message = refused(activity=values)
    assert message.startswith("neuron 2, bin 3: activity holds 2 NaN or infinite values")


def test_sparse_matrices_are_refused_with_the_remedy():
    sparse = pytest.importorskip("scipy.sparse")
    assert "toarray()" in refused(activity=sparse.eye_array(3))


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        ([[0, 2]], "binary", "neuron 1, bin 0: value 2 does not fit kind 'binary'"),
        ([[0], [300]], "counts", "neuron 0, bin 1: value 300 does not fit kind 'counts'"),
        ([[0], [-1]], "counts", "value -1"),
        ([[0.5]], "counts", "value 0.5"),
        ([[1]], "spikes", "unknown kind 'spikes'"),
    ],
)
def test_values_that_do_not_fit_the_kind_are_refused(values, kind, message):
    assert message in refused(activity=np.array(values), kind=kind)


@pytest.mark.parametrize("bin_s", [0, -0.1, np.inf, "fast"])
def test_a_bin_width_is_seconds_above_zero(bin_s):
    assert "expected seconds above 0" in refused(bin_s=bin_s)


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        ([1, 2], "begins at 1, not at 0"),
        ([0, 2, 2], "entry 2: segment_starts does not increase"),
        ([0, 3, 1], "does not increase"),
        ([0, 4], "reaches bin 4, beyond the last of 4 bins"),
        ([], "expected a list of whole numbers"),
        ([0.0, 1.0], "expected a list of whole numbers"),
    ],
)
def test_segment_starts_are_checked(starts, message):
    assert message in refused(segment_starts=starts)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"segment_start_s": [0.0, 1.0]}, "expected 1 numbers"),
        ({"segment_start_s": ["early"]}, "expected 1 numbers"),
        ({"neurons": {"region": ["a"] * 4}}, "4 rows but activity has 3 columns"),
        ({"neurons": {"a/b": [1, 2, 3]}}, "name 'a/b'"),
        ({"neurons": {0: [1, 2, 3]}}, "name 0"),
        ({"neurons": {"x": [{}, {}, {}]}}, "neuron column 'x': values of type object"),
        ({"neurons": pd.DataFrame(np.eye(3, 2), columns=["a", "a"])}, "'a': the neuron table has"),
        ({"neuron_arrays": {"w": np.zeros((4, 2))}}, "'w': neuron array has shape (4, 2)"),
        (
            {"neurons": {"w": [1, 2, 3]}, "neuron_arrays": {"w": np.zeros((3, 2))}},
            "both a column of the neuron table and a neuron array",
        ),
        ({"covariates": {"x": np.zeros(3)}}, "'x': covariate has shape (3,); expected 4 rows"),
        ({"covariates": {"x": 1.0}}, "expected 4 rows"),
        ({"covariates": {"x": [object()] * 4}}, "covariate 'x': values of type object"),
        ({"region_labels": np.ones((4, 2), bool)}, "expected 3 rows, one a neuron"),
        ({"region_labels": np.full((3, 2), 7)}, "values other than 0 and 1"),
        ({"region_labels": np.ones((3, 2), bool), "region_names": ["a"]}, "1 region_names"),
        ({"region_labels": np.ones((3, 2), bool), "region_names": ["a", "a"]}, "1 distinct"),
        ({"region_names": ["a"]}, "without region_labels"),
        ({"provenance": ["loaded"]}, "a step of the provenance is 'loaded'"),
        ({"provenance": [{"step": "x", "a": object()}]}, "more than plain values"),
    ],
)
def test_parts_that_disagree_are_refused(part, message):
    assert message in refused(**part)


def test_estimators_take_recordings_and_arrays():
    recording = Recording(COUNTS)
    assert as_recording(recording) is recording
    assert as_recording(COUNTS).kind == "counts"


def test_binary_activity_is_not_copied():
    values = (COUNTS > 0).astype(np.uint8)
    assert np.shares_memory(binary_activity(values), values)


def test_counts_become_binary_with_one_warning():
    with pytest.warns(UserWarning, match="v >= 1") as caught:
        np.testing.assert_array_equal(binary_activity(COUNTS), COUNTS >= 1)
    assert len(caught) == 1


def test_real_values_are_refused_where_binary_is_needed():
    with pytest.raises(InputError, match="--binarize"):
        binary_activity(COUNTS - 0.5)
