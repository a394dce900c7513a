"""Plain arrays of numpy: every type that is one, and what is none."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError


def refused(path) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", ">f8", "i1", "u2", "i8", "b1"])
def test_every_type_of_number_is_read(dtype, order, tmp_path):
    matrix = np.random.default_rng(0).integers(0, 2, (20, 4)).astype(dtype)
    np.save(tmp_path / "a.npy", np.array(matrix, order=order))
    recording = popcode.load(tmp_path / "a.npy")
    np.testing.assert_array_equal(recording.activity, matrix)
    assert recording.activity.dtype == np.uint8
    assert recording.activity.flags.c_contiguous
    assert recording.provenance[0]["orientation"] == "rows are bins, columns neurons"


def test_half_precision_becomes_single(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float16)
    np.save(tmp_path / "a.npy", matrix)
    recording = popcode.load(tmp_path / "a.npy")
    assert recording.activity.dtype == np.float32
    np.testing.assert_array_equal(recording.activity, matrix.astype(np.float32))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(5), "activity has 1 dimensions, shape (5,); expected 2"),
        (np.zeros(()), "activity has 0 dimensions"),
        (np.zeros((2, 3, 4)), "activity has 3 dimensions, shape (2, 3, 4); expected 2"),
        (np.zeros((0, 4)), "activity is empty, shape (0, 4)"),
        (np.zeros((3, 2), dtype=[("x", "f4"), ("y", "f4")]), "not numbers"),
        (np.array([["a", "b"]]), "activity is of type <U1, not numbers"),
        (np.zeros((3, 2), dtype=complex), "activity is of type complex128, not numbers"),
        (np.zeros((3, 2), dtype="M8[s]"), "activity is of type datetime64[s], not numbers"),
        (np.array([[1.0, np.nan]]), "neuron 1, bin 0: activity holds 1 NaN"),
    ],
)
def test_what_is_no_matrix_of_numbers(array, message, tmp_path):
    np.save(tmp_path / "a.npy", array)
    assert message in refused(tmp_path / "a.npy")


def test_the_user_names_the_array_and_the_rate(tmp_path):
    np.savez(tmp_path / "a.npz", first=np.eye(6, 4), second=np.ones((6, 4)))
    recording = popcode.load(tmp_path / "a.npz", array="second", sampling_rate_hz=4)
    assert recording.activity.all()
    assert recording.bin_s == 0.25
    with pytest.raises(
        InputError, match=r"no array 'third': first \(6, 4\), .*\. Choose one of first, second"
    ):
        popcode.load(tmp_path / "a.npz", array="third")
