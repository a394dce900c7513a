"""What was saved is what is loaded, whole, in both containers."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import popcode
from popcode.errors import InputError
from popcode.recording import Recording


def assert_same(one: Recording, other: Recording) -> None:
    for name in ("activity", "region_labels", "segment_starts", "segment_start_s"):
        left, right = getattr(one, name), getattr(other, name)
        assert (left is None) == (right is None), name
        if left is not None:
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
    assert (one.kind, one.region_names) == (other.kind, other.region_names)
    np.testing.assert_equal(one.bin_s, other.bin_s)
    for left, right in (
        (one.covariates, other.covariates),
        (one.neuron_arrays, other.neuron_arrays),
        (dict(one.neurons.items()), dict(other.neurons.items())),
    ):
        assert list(left) == list(right)
        for key in left:
            assert left[key].dtype == right[key].dtype, key
            np.testing.assert_array_equal(left[key], right[key])


@pytest.mark.parametrize("ending", [".npz", ".h5", ".hdf5"])
@pytest.mark.parametrize("kind", ["binary", "counts", "rate", "dff", "events"])
def test_everything_survives(kind, ending, make, tmp_path):
    recording, path = make(kind), tmp_path / f"a{ending}"
    popcode.save(recording, path)
    loaded = popcode.load(path)
    assert_same(recording, loaded)
    assert loaded.provenance[:-1] == recording.provenance


@pytest.mark.parametrize("ending", [".npz", ".h5"])
@given(
    n_bins=st.integers(1, 40),
    n_neurons=st.integers(1, 20),
    kind=st.sampled_from(["binary", "counts", "dff"]),
)
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_any_shape_survives(ending, n_bins, n_neurons, kind, tmp_path):
    values = np.random.default_rng(n_bins).integers(0, 2, (n_bins, n_neurons))
    recording = Recording(values, kind=kind)
    popcode.save(recording, tmp_path / f"a{ending}")
    assert_same(recording, popcode.load(tmp_path / f"a{ending}"))


def test_both_containers_hold_the_same(recording, tmp_path):
    popcode.save(recording, tmp_path / "a.npz")
    popcode.save(popcode.load(tmp_path / "a.npz"), tmp_path / "a.h5")
    assert_same(popcode.load(tmp_path / "a.npz"), popcode.load(tmp_path / "a.h5"))


def test_the_source_is_the_last_step(recording, tmp_path):
    path = tmp_path / "a.npz"
    popcode.save(recording, path)
    source = popcode.load(path).provenance[-1]
    assert source["step"] == "load"
    assert source["path"] == str(path)
    assert len(source["sha256"]) == 64


def test_the_same_recording_gives_the_same_bytes(recording, tmp_path):
    for name in ("a.npz", "b.npz"):
        popcode.save(recording, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_binary_activity_is_bit_packed_in_hdf5(make, tmp_path):
    h5py = pytest.importorskip("h5py")
    popcode.save(make("binary"), tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["activity"].shape == (23, 2)
        assert file["activity"].attrs["n_neurons"] == 11
        assert file["activity"].chunks[1] == 2


def test_a_file_is_replaced_whole_or_not_at_all(recording, tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    popcode.save(recording, path)
    before = path.read_bytes()

    def fail(*arguments, **named):
        raise RuntimeError("out of paper")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(RuntimeError):
        popcode.save(recording, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_endings_and_types_that_cannot_be_written_are_refused(recording, tmp_path):
    with pytest.raises(InputError, match=r"the ending '.txt' is none of .npz, .h5, .hdf5"):
        popcode.save(recording, tmp_path / "a.txt")
    with pytest.raises(InputError, match=r"ndarray is not a Recording.*popcode.Recording"):
        popcode.save(recording.activity, tmp_path / "a.npz")  # type: ignore[arg-type]
    with pytest.raises(InputError):
        popcode.save(recording, tmp_path / "no such folder" / "a.npz")


def test_saving_and_loading_are_silent(recording, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for ending in (".npz", ".h5"):
            popcode.save(recording, tmp_path / f"a{ending}")
            popcode.load(tmp_path / f"a{ending}")
