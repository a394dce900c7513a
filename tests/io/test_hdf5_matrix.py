"""HDF5 files of any kind with one matrix."""

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError

MATRIX = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)


def write(path, arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return path


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def test_the_one_matrix_is_read(tmp_path):
    path = write(tmp_path / "a.h5", {"group/deep/data": MATRIX, "vector": np.zeros(3)})
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.provenance[0]["what"] == "the array 'group/deep/data'"
    assert recording.provenance[-1]["format"] == "HDF5"


def test_a_path_chooses(tmp_path):
    path = write(tmp_path / "a.h5", {"a/x": MATRIX, "a/t": np.arange(50) * 0.1, "b/x": MATRIX + 1})
    assert "holds 2 matrices of numbers" in refused(path)
    for name in ("b/x", "/b/x"):
        np.testing.assert_array_equal(popcode.load(path, array=name).activity, MATRIX + 1)
    assert popcode.load(path, array="a/x").bin_s == 0.1
    assert "it holds no array 'c'" in refused(path, array="c")


def test_companions_turn_it(tmp_path):
    regions = np.array([b"V1", b"V2"] * 4)
    path = write(tmp_path / "a.h5", {"spks": MATRIX.T, "regions": regions, "fs": 20.0})
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.neurons["region"].tolist() == ["V1", "V2"] * 4
    assert recording.bin_s == 0.05


def test_blocks_do_not_show(tmp_path, monkeypatch):
    path = write(tmp_path / "a.h5", {"spks": MATRIX.T, "t": np.arange(50) * 0.1})
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("spks", data=MATRIX.T, chunks=(3, 7))
        file["t"] = np.arange(50) * 0.1
    monkeypatch.setattr("popcode.recording.kinds.ROWS_AT_ONCE_BYTES", 64)
    for name in ("a.h5", "b.h5"):
        np.testing.assert_array_equal(popcode.load(path.with_name(name)).activity, MATRIX)


def test_reals_beyond_single_precision_are_refused(tmp_path):
    path = write(tmp_path / "a.h5", {"data": np.full((40, 30), 1e300)})
    assert "NaN or infinite" in refused(path)


def test_files_beyond_memory_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("spks", shape=(10**7, 10**7), dtype="f4", chunks=(1, 10**6))
    assert "GiB of memory" in refused(tmp_path / "a.h5")


def test_files_without_numbers(tmp_path):
    path = write(tmp_path / "a.h5", {"names": np.array([b"a", b"b"]), "group/text": "hello"})
    assert "holds no two-dimensional array of numbers that could be the activity" in refused(path)
    with h5py.File(tmp_path / "b.h5", "w"):
        pass
    assert "it holds no arrays" in refused(tmp_path / "b.h5")
