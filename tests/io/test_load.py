"""What a path holds is told from its content; what cannot be read is said in one line."""

import os
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    error = caught.value
    assert error.where.startswith(str(path)), "the file is named"
    assert error.remedy, "the remedy is named"
    assert "\n" not in str(error)
    return str(error)


def test_the_content_counts_and_not_the_ending(recording, tmp_path):
    popcode.save(recording, tmp_path / "a.npz")
    (tmp_path / "a.npz").rename(tmp_path / "a.h5")
    assert popcode.load(tmp_path / "a.h5").provenance[-1]["format"] == "npz"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_may_be_read_for_ever_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.npy")
    for path in (tmp_path / "pipe.npy", Path("/dev/zero")):
        assert "it is a pipe or device, not a file" in refused(path)


def test_plain_matrices_are_read_with_a_note(tmp_path):
    matrix = np.eye(6, 4)
    np.save(tmp_path / "a.npy", matrix)
    np.savez(tmp_path / "b.npz", other=np.zeros(3), spikes=matrix)
    np.savez(tmp_path / "c.npz", activity=matrix, more=np.zeros((2, 2)))
    for name, read in (("a.npy", None), ("b.npz", "'spikes'"), ("c.npz", "'activity'")):
        recording = popcode.load(tmp_path / name)
        np.testing.assert_array_equal(recording.activity, matrix)
        assert recording.kind == "binary"
        assert recording.provenance[0]["step"] == "array read"
        assert recording.provenance[0].get("what") == (f"the array {read}" if read else None)
        assert np.isnan(recording.bin_s)


def test_bin_s_states_an_unknown_width(tmp_path):
    np.save(tmp_path / "a.npy", np.eye(6, 4))
    recording = popcode.load(tmp_path / "a.npy", bin_s=0.1)
    assert recording.bin_s == 0.1
    assert recording.provenance[-1] == {"step": "bin width stated by the user", "bin_s": 0.1}


def test_bin_s_merges_known_bins(recording, tmp_path):
    path = tmp_path / "a.npz"
    popcode.save(recording, path)  # 0.05 s
    assert popcode.load(path, bin_s=0.05).n_bins == recording.n_bins
    assert popcode.load(path, bin_s=0.1).shape == recording.binned(2).shape
    assert "not a whole multiple" in refused(path, bin_s=0.07)
    assert "bin_s is -1. Give a positive number" in refused(path, bin_s=-1)


def test_paths_that_are_no_files(tmp_path):
    assert "there is no such file" in refused(tmp_path / "missing.npz")
    assert "it is a folder of no kind that is known; it is empty" in refused(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"time,neuron\nno,numbers\n", "none of the formats"),
        (b"PK\x03\x04 not really", "cannot be read (BadZipFile"),
        (b"\x89HDF\r\n\x1a\n", "cannot be read (OSError"),
        (b"\x93NUMPY\x01\x00", "cannot be read"),
    ],
)
def test_files_that_are_no_recordings(content, message, tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    assert message in refused(path)


def test_unreadable_files(recording, tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    popcode.save(recording, path)

    def deny(*arguments, **named):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert "Permission denied" in refused(path)


def native_keys(**changes):
    keys = {
        "format": "popcode-recording",
        "version": 1,
        "activity": np.eye(4, 3),
        "bin_s": 0.1,
        "segment_starts": np.array([0]),
    } | changes
    return {key: values for key, values in keys.items() if values is not None}


def write_npz(path, keys):
    np.savez(path, **keys)


def write_h5(path, keys):
    with h5py.File(path, "w") as file:
        for key, values in keys.items():
            file[key] = values


@pytest.mark.parametrize(("ending", "write"), [(".npz", write_npz), (".h5", write_h5)])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "other"}, "the format is 'other'"),
        ({"version": 2}, "the version of the format is 2; this popcode reads version 1"),
        ({"version": None}, "the version of the format is missing"),
        ({"activity": None}, "the key 'activity' is missing"),
        ({"bin_s": None}, "the key 'bin_s' is missing"),
        ({"segment_starts": None}, "the key 'segment_starts' is missing"),
        ({"segment_starts": np.array([0, 9])}, "beyond the last of 4 bins"),
        ({"bin_s": -1.0}, "expected seconds above 0"),
        ({"activity": np.full((4, 3), np.nan)}, "neuron 0, bin 0: activity holds 12 NaN"),
        ({"activity": np.zeros(4)}, "expected 2"),
        ({"activity": np.zeros((0, 3))}, "is empty"),
        ({"positions_um": np.zeros((3, 4))}, "positions_um has shape (3, 4)"),
        ({"regions": np.zeros(4)}, "4 rows but activity has 3 columns"),
        ({"neuron_depth": np.zeros(4)}, "4 rows but activity has 3 columns"),
        ({"time_speed": np.zeros(5)}, "'speed': covariate has shape (5,)"),
        ({"provenance": "{"}, "cannot be read (JSONDecodeError"),
        ({"kind": "spikes"}, "unknown kind"),
    ],
)
def test_native_files_that_are_wrong(ending, write, changes, message, tmp_path):
    path = tmp_path / f"a{ending}"
    write(path, native_keys(**changes))
    assert message in refused(path)


@pytest.mark.parametrize(("ending", "write"), [(".npz", write_npz), (".h5", write_h5)])
def test_optional_keys_may_be_missing(ending, write, tmp_path):
    path = tmp_path / f"a{ending}"
    write(path, native_keys())
    recording = popcode.load(path)
    assert (recording.kind, recording.shape) == ("binary", (4, 3))


def test_archives_without_one_matrix_name_what_they_hold(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.zeros((2, 2)), b=np.zeros((2, 2)), c=np.zeros(2))
    assert "it holds 2 matrices of numbers, and none of a usual name: a (2, 2), b" in refused(
        tmp_path / "a.npz"
    )
    with zipfile.ZipFile(tmp_path / "empty.npz", "w"):
        pass
    assert "it holds no arrays" in refused(tmp_path / "empty.npz")
    np.savez(tmp_path / "d.npz", trace=np.zeros(9), spikes=np.zeros(9), dt=0.1)
    message = refused(tmp_path / "d.npz")
    assert "it holds no two-dimensional array of numbers that could be the activity" in message
    assert "there is trace (9,), spikes (9,), dt ()" in message
    assert "Build an array of shape (n_bins, n_neurons) or a popcode.Recording" in message
    assert "array=" not in message


def test_a_missing_file_is_answered_with_names_like_it(tmp_path):
    for name in ("mine.npz", "Yours.h5", "bad\nname.npz"):
        (tmp_path / name).touch()
    assert "Its folder holds mine.npz: is that the one?" in refused(tmp_path / "mine.npx")
    assert "Its folder holds mine.npz: is that the one?" in refused(tmp_path / "Mine.mat")
    assert "Its folder holds Yours.h5: is" in refused(tmp_path / "yours.h5")
    assert "Check the path" in refused(tmp_path / "another thing")
    assert "Check the path" in refused(tmp_path / "no folder" / "mine.npz")
    assert "\n" not in refused(tmp_path / "badname.npz")


def test_other_hdf5_files_are_told_apart(tmp_path):
    write_h5(tmp_path / "a.h5", {"data": np.zeros(2)})
    assert "it holds no two-dimensional array of numbers" in refused(tmp_path / "a.h5")


def test_pickles_are_never_read(tmp_path):
    objects = np.array([[print, None]], dtype=object)
    np.save(tmp_path / "a.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "b.npz", activity=objects)
    for name in ("a.npy", "b.npz"):
        assert "pickled objects, which are never read" in refused(tmp_path / name)


def header_announcing(shape: tuple[int, ...]) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


def test_headers_that_announce_more_than_there_is_are_refused(tmp_path):
    stump = header_announcing((1000, 100)) + bytes(10)
    (tmp_path / "a.npy").write_bytes(stump)
    assert "the file is cut short" in refused(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("activity.npy", stump)
    assert "the array 'activity' is cut short" in refused(tmp_path / "b.npz")


def test_files_beyond_memory_are_refused_with_the_number(tmp_path):
    (tmp_path / "a.npy").write_bytes(header_announcing((10**7, 10**7)))
    assert "GiB of memory" in refused(tmp_path / "a.npy")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        for key, values in native_keys(activity=None).items():
            file[key] = values
        file.create_dataset("activity", shape=(10**7, 10**7), dtype="u1", chunks=(1, 10**6))
    assert "GiB of memory" in refused(tmp_path / "b.h5")


@pytest.mark.parametrize("n_neurons", [-1, 25, 10**12])
def test_packed_columns_must_fit_the_number_of_neurons(n_neurons, recording, tmp_path):
    popcode.save(recording, tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["activity"].attrs["n_neurons"] = n_neurons
    assert f"2 packed columns for {n_neurons} neurons" in refused(tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("name", "shape", "kind"),
    [
        ("retina_salamander", (141997, 160), "binary"),
        ("neuropixels_mouse", (4560, 734), "counts"),
        ("hippocampus_mouse", (2926, 328), "events"),
        ("tectum_zebrafish", (5660, 75), "dff"),
        ("zebrafish_regions", (892, 70), "dff"),
    ],
)
def test_real_files(name, shape, kind):
    path = DATA / f"{name}.npz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    recording = popcode.load(path)
    assert (recording.shape, recording.kind) == (shape, kind)
