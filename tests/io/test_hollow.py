"""Values that were never written are no recording; values that compress well are."""

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.io import hollow

SHAPE = (40_000, 50_000)


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("chunks", [None, (100, 100)])
@pytest.mark.parametrize("attributes", [{}, {"MATLAB_class": np.bytes_("uint8")}])
def test_any_hdf5(chunks, attributes, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("spks", SHAPE, dtype="u1", chunks=chunks)
        data.attrs.update(attributes)
        file["t"] = np.arange(SHAPE[1 if attributes else 0]) * 0.1
    assert (tmp_path / "a.h5").stat().st_size < 1e6
    assert "spks of shape (40000, 50000) is empty: 0 bytes are stored" in refused(tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("shape", "attributes"), [(SHAPE, {}), ((5000, 50_000), {"n_neurons": 400_000})]
)
def test_native(recording, shape, attributes, tmp_path):
    """Packed bits announce a byte where eight are made."""
    path = tmp_path / "a.h5"
    popcode.save(recording, path)
    with h5py.File(path, "r+") as file:
        del file["activity"]
        file.create_dataset("activity", shape, dtype="u1").attrs.update(attributes)
    assert f"activity of shape {shape} is empty: 0 bytes are stored" in refused(path)


@pytest.mark.parametrize("ending", [".h5", " plain.h5"])
def test_silence_that_compresses_a_thousand_to_one_is_read(ending, monkeypatch, tmp_path):
    monkeypatch.setattr(hollow, "HOLLOW_BYTES", 0)  # at once, not from 256 MiB on
    path = tmp_path / f"a{ending}"
    silent = np.zeros((20_000, 800), dtype=np.uint8)
    if ending == ".h5":
        popcode.save(popcode.Recording(silent, kind="binary", bin_s=0.1), path)
    else:
        with h5py.File(path, "w") as file:
            file.create_dataset("spks", data=silent, chunks=silent.shape, compression=9)
    assert path.stat().st_size < silent.size / 500
    np.testing.assert_array_equal(popcode.load(path).activity, silent)


def test_values_in_other_files_count(monkeypatch, tmp_path):
    monkeypatch.setattr(hollow, "HOLLOW_BYTES", 0)
    values = np.random.default_rng(0).normal(size=(60, 7)).astype(np.float32)
    with h5py.File(tmp_path / "source.h5", "w") as file:
        file["x"] = values
    layout = h5py.VirtualLayout(values.shape, values.dtype)
    layout[:] = h5py.VirtualSource("source.h5", "x", shape=values.shape)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_virtual_dataset("spks", layout)
        file["t"] = np.arange(60) * 0.1
    np.testing.assert_array_equal(popcode.load(tmp_path / "a.h5").activity, values)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("spks", data=values, external=[(str(tmp_path / "raw.bin"), 0, 10**6)])
        file["t"] = np.arange(60) * 0.1
    np.testing.assert_array_equal(popcode.load(tmp_path / "b.h5").activity, values)
    (tmp_path / "source.h5").unlink()
    assert "spks of shape (60, 7) is empty" in refused(tmp_path / "a.h5")
