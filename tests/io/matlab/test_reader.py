"""MATLAB 4, 5 and 7.3: bins x neurons in MATLAB is bins x neurons here."""

import zlib

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

import popcode
from popcode.errors import InputError
from popcode.io.matlab import version5
from popcode.io.matlab.stream import Stream

N_BINS, N_NEURONS = 60, 9
RNG = np.random.default_rng(0)
MATRIX = np.maximum(RNG.normal(size=(N_BINS, N_NEURONS)), 0).astype(np.float32)
TIMES = 5 + 0.05 * np.arange(N_BINS)


def save_5(path, variables):
    scipy.io.savemat(path, variables)


def save_5_packed(path, variables):
    scipy.io.savemat(path, variables, do_compression=True)


def save_73(path, variables, magic=True):
    """As MATLAB does: HDF5 behind 512 bytes of text, every array stored by columns."""
    with h5py.File(path, "w", userblock_size=512 if magic else 0) as file:
        for name, values in variables.items():
            write_73(file, name, values)
    if magic:
        with path.open("r+b") as file:
            file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


def write_73(file, name, values):
    if isinstance(values, dict):
        group = file.create_group(name)
        group.attrs["MATLAB_class"] = np.bytes_("struct")
        for key, value in values.items():
            write_73(group, key, value)
        return
    values = np.asarray(values)
    if values.dtype == object:
        references = np.empty(values.size, dtype=h5py.ref_dtype)
        for k, text in enumerate(values.ravel()):
            cell = file.file.require_group("#refs#").create_dataset(
                f"{name}{k}", data=np.array([list(map(ord, text))], dtype="u2").T
            )
            cell.attrs["MATLAB_class"] = np.bytes_("char")
            references[k] = cell.ref
        data = file.create_dataset(name, data=references[None])
        data.attrs["MATLAB_class"] = np.bytes_("cell")
        return
    values = np.atleast_2d(values)
    data = file.create_dataset(name, data=values.T, **chunking(values))
    kind = {"f4": "single", "f8": "double", "b1": "logical"}.get(values.dtype.str[1:], "uint8")
    data.attrs["MATLAB_class"] = np.bytes_(kind)


def chunking(values):
    return {"chunks": (2, 7), "compression": "gzip"} if min(values.shape) > 7 else {}


SAVES = [save_5, save_5_packed, save_73]


def load(path, save, variables, **arguments):
    save(path / "a.mat", variables)
    return popcode.load(path / "a.mat", **arguments)


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def notes(recording) -> str:
    return "; ".join(note for step in recording.provenance for note in step.get("notes", ()))


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "b1"])
def test_a_matrix_comes_back_as_it_was_in_matlab(save, dtype, tmp_path):
    matrix = (MATRIX * (1 if dtype[0] == "f" else 3)).astype(dtype)
    recording = load(tmp_path, save, {"anything": matrix, "scalar": 3.0, "row": np.zeros(4)})
    np.testing.assert_array_equal(recording.activity, matrix.astype(recording.activity.dtype))
    assert recording.provenance[-1]["format"] == ("MATLAB 7.3" if save is save_73 else "MATLAB")
    assert np.isnan(recording.bin_s)
    assert notes(recording) == ""


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "companions",
    [
        {"t": TIMES},
        {"time": TIMES[:, None]},
        {"xpos": np.arange(9.0), "ypos": np.arange(9.0) ** 2, "fs": 20.0},
        {"xy": RNG.random((N_NEURONS, 2)), "dt": 0.05},
        {"positions": RNG.random((3, N_NEURONS)), "framerate": 20},
        {"regions": np.array(list("abcdefghi"), dtype=object), "sampling_rate": 20.0},
    ],
)
def test_companions_settle_the_orientation(save, turned, companions, tmp_path):
    matrix = MATRIX.T if turned else MATRIX
    recording = load(tmp_path, save, {"dff": matrix, **companions})
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.activity.flags.c_contiguous
    assert recording.bin_s == 0.05
    assert ("it held neurons x bins" in notes(recording)) == turned
    table = recording.neurons
    if "xpos" in companions:
        np.testing.assert_array_equal(table["x_um"], companions["xpos"])
        np.testing.assert_array_equal(table["y_um"], companions["ypos"])
    if "xy" in companions:
        np.testing.assert_array_equal(table[["x_um", "y_um"]], companions["xy"])
    if "positions" in companions:
        np.testing.assert_array_equal(recording.positions_um, companions["positions"].T)
    if "regions" in companions:
        assert table["region"].tolist() == list("abcdefghi")
    if "t" in companions:
        assert recording.segment_start_s.tolist() == [5.0]


@pytest.mark.parametrize("save", SAVES)
def test_nothing_that_settles_leaves_it_as_it_is(save, tmp_path):
    recording = load(tmp_path, save, {"spks": MATRIX.T, "fs": 20.0})
    np.testing.assert_array_equal(recording.activity, MATRIX.T)
    assert recording.bin_s == 0.05
    square = MATRIX[:9]
    recording = load(tmp_path, save, {"spks": square, "t": TIMES[:9], "xpos": np.arange(9.0)})
    np.testing.assert_array_equal(recording.activity, square)


@pytest.mark.parametrize("save", SAVES)
def test_companions_that_contradict_each_other(save, tmp_path):
    save(tmp_path / "a.mat", {"spks": MATRIX, "t": TIMES[:9]})
    np.testing.assert_array_equal(popcode.load(tmp_path / "a.mat").activity, MATRIX.T)
    save(tmp_path / "a.mat", {"spks": MATRIX, "t": TIMES, "xpos": np.arange(60.0)})
    message = refused(tmp_path / "a.mat")
    assert "'spks' has shape (60, 9); 't' says that its rows are bins and 'xpos'" in message


@pytest.mark.parametrize("save", SAVES)
def test_companions_that_fit_nothing_are_left_out_and_said(save, tmp_path):
    recording = load(tmp_path, save, {"spks": MATRIX, "t": TIMES[:30], "xpos": np.arange(4.0)})
    assert "'t' fits no side" in notes(recording)
    assert "'xpos' fits no side" in notes(recording)
    assert "x_um" not in recording.neurons
    assert np.isnan(recording.bin_s)


@pytest.mark.parametrize("save", SAVES)
def test_which_matrix(save, tmp_path):
    two = {"first": MATRIX, "second": MATRIX + 1, "vector": np.zeros(5)}
    save(tmp_path / "a.mat", two)
    assert "holds 2 matrices of numbers, and none of a usual name: first (60, 9)" in refused(
        tmp_path / "a.mat"
    )
    found = popcode.load(tmp_path / "a.mat", array="second")
    np.testing.assert_array_equal(found.activity, MATRIX + 1)
    assert "it holds no array 'third'" in refused(tmp_path / "a.mat", array="third")
    assert "expected a matrix of numbers" in refused(
        save_cube(tmp_path / "c.mat", save), array="cube"
    )
    found = load(tmp_path, save, {**two, "F": MATRIX + 2, "spikes": MATRIX + 3})
    np.testing.assert_array_equal(found.activity, MATRIX + 3)
    save(tmp_path / "v.mat", {"a": np.zeros(4)})
    assert "holds no two-dimensional array" in refused(tmp_path / "v.mat")


def save_cube(path, save):
    save(path, {"cube": np.zeros((3, 4, 5)), "spks": MATRIX})
    return path


@pytest.mark.parametrize("save", SAVES)
def test_the_user_comes_first(save, tmp_path):
    recording = load(tmp_path, save, {"spks": MATRIX, "fs": 20.0}, sampling_rate_hz=10)
    assert recording.bin_s == 0.1


@pytest.mark.parametrize("save", SAVES)
def test_values_that_are_not_finite(save, tmp_path):
    matrix = MATRIX.copy()
    matrix[3, 2] = np.nan
    save(tmp_path / "a.mat", {"spks": matrix})
    assert "neuron 2, bin 3: activity holds 1 NaN" in refused(tmp_path / "a.mat")


@pytest.mark.parametrize("save", SAVES)
def test_complex_and_empty_matrices(save, tmp_path):
    save(tmp_path / "a.mat", {"spks": np.zeros((0, 5))})
    assert "holds no two-dimensional array" in refused(tmp_path / "a.mat")


def test_arrays_in_groups_have_companions_of_their_own(tmp_path):
    save_73(tmp_path / "a.mat", {"session": {"spks": MATRIX.T, "t": TIMES}, "t": TIMES[:9]})
    recording = popcode.load(tmp_path / "a.mat")
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.bin_s == 0.05


def test_sparse_matrices_are_filled_up(tmp_path):
    counts = RNG.poisson(0.1, (N_BINS, N_NEURONS)).astype(float)
    recording = load(tmp_path, save_5, {"spikes": scipy.sparse.csc_array(counts)})
    np.testing.assert_array_equal(recording.activity, counts)
    announced = scipy.sparse.csc_array((10**6, 10**6))
    save_5(tmp_path / "big.mat", {"spikes": announced})
    assert "GiB of memory" in refused(tmp_path / "big.mat")


def test_matlab_4(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"spks": MATRIX, "fs": 20.0}, format="4")
    recording = popcode.load(tmp_path / "a.mat")
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.bin_s == 0.05


def fall(n_rois=N_NEURONS, n_frames=N_BINS):
    """What suite2p keeps in its Fall.mat."""
    rng = np.random.default_rng(3)
    labels = rng.random((n_rois, 2))
    labels[:, 0] = rng.random(n_rois) < 0.6
    return {
        "F": rng.normal(100, 10, (n_rois, n_frames)).astype(np.float32),
        "Fneu": rng.normal(50, 5, (n_rois, n_frames)).astype(np.float32),
        "spks": np.maximum(rng.normal(size=(n_rois, n_frames)), 0).astype(np.float32),
        "iscell": labels,
        "redcell": rng.random((n_rois, 2)),
    }


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("array", ["spks", "F"])
@pytest.mark.parametrize("by_frames", [False, True])
def test_only_the_cells_of_suite2p_are_kept(array, by_frames, save, tmp_path):
    variables = fall()
    is_cell = variables["iscell"][:, 0] > 0
    expected = variables[array][is_cell].T
    variables[array][~is_cell] = np.nan  # what is dropped may hold anything
    if by_frames:
        variables[array] = variables[array].T
    more = {"xpos": np.arange(9.0), "regions": np.array(list("abcdefghi"), dtype=object)}
    recording = load(tmp_path, save, variables | more, array=array)
    np.testing.assert_array_equal(recording.activity, expected)
    assert recording.activity.flags.c_contiguous
    table = recording.neurons
    np.testing.assert_array_equal(table["roi"], np.flatnonzero(is_cell))
    np.testing.assert_array_equal(table["x_um"], np.flatnonzero(is_cell))
    np.testing.assert_array_equal(table["probability"], variables["iscell"][is_cell, 1])
    assert "".join(table["region"]) == "".join("abcdefghi"[k] for k in table["roi"])
    assert f"{(~is_cell).sum()} of 9 ROIs dropped, no cells after 'iscell'" in notes(recording)
    assert ("'F' is read as it is: 'Fneu' is not subtracted" in notes(recording)) == (array == "F")
    assert (recording.kind == "events") == (array == "spks")


@pytest.mark.parametrize("labels", [np.arange(9) > 3, (np.arange(9) > 3)[:, None]])
def test_cells_without_a_probability(labels, tmp_path):
    recording = load(tmp_path, save_5, {"dff": MATRIX.T, "iscell": labels})
    np.testing.assert_array_equal(recording.activity, MATRIX[:, 4:])
    assert "probability" not in recording.neurons


def test_cells_that_are_none_or_fit_nothing(tmp_path):
    variables = fall()
    save_5(tmp_path / "a.mat", variables | {"iscell": np.zeros((9, 2))})
    assert "none of 9 ROIs is a cell after 'iscell'" in refused(tmp_path / "a.mat")
    recording = load(tmp_path, save_5, variables | {"iscell": np.ones((8, 2))})
    assert "'iscell' fits no side of the activity: left out" in notes(recording)
    assert recording.n_neurons == N_BINS  # nothing tells that rows are neurons


def test_structures_are_not_entered(tmp_path):
    nested = {"deep": 1.0}
    for _ in range(200):
        nested = {"deep": nested}
    save_5(tmp_path / "a.mat", {"s": nested, "spks": MATRIX})
    np.testing.assert_array_equal(popcode.load(tmp_path / "a.mat").activity, MATRIX)
    save_5(tmp_path / "b.mat", {"s": nested})
    assert "holds no two-dimensional array" in refused(tmp_path / "b.mat")


def announcing(shape, packed):
    """A file of version 5 whose one matrix announces `shape` and holds next to nothing."""
    body = bytearray()
    body += element(6, np.array([6, 0], "<u4").tobytes())  # class double
    body += element(5, np.array(shape, "<i4").tobytes())
    body += element(1, b"spks")
    body += np.array([9, 8 * 2**20], "<u4").tobytes() + bytes(16)
    matrix = np.array([14, len(body)], "<u4").tobytes() + bytes(body)
    if packed:
        squeezed = zlib.compress(matrix)
        matrix = np.array([15, len(squeezed)], "<u4").tobytes() + squeezed
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + matrix


def element(kind, content):
    return np.array([kind, len(content)], "<u4").tobytes() + content + bytes(-len(content) % 8)


@pytest.mark.parametrize("packed", [False, True])
def test_matrices_that_announce_more_than_there_is(packed, tmp_path):
    path = tmp_path / "a.mat"
    path.write_bytes(announcing((2**20, 2**20), packed))
    assert "GiB of memory" in refused(path)
    path.write_bytes(announcing((2**10, 2**10), packed))
    assert "the file is cut short" in refused(path)


def test_zeros_behind_the_variables_are_not_gone_through(tmp_path, monkeypatch):
    path = tmp_path / "a.mat"
    save_5(path, {"spks": MATRIX})
    with path.open("ab") as file:
        file.write(bytes(1 << 16))
    looked = []
    monkeypatch.setattr(version5, "Stream", lambda *a, **k: looked.append(a) or Stream(*a, **k))
    np.testing.assert_array_equal(popcode.load(path).activity, MATRIX)
    assert len(looked) < 20  # one a tag; the zeros are 8,192
    path.write_bytes(path.read_bytes()[:128] + bytes(1 << 16))
    assert "it holds no arrays" in refused(path)


def test_elements_that_are_no_variables(tmp_path):
    path = tmp_path / "a.mat"
    save_5(path, {"spks": MATRIX})
    path.write_bytes(path.read_bytes()[:128] + b"\x01\x00\x00\x00\x00\x00\x00\x00" * 9)
    assert "an element of type 1 is no variable" in refused(path)


def test_regions_that_are_no_text(tmp_path):
    save_73(tmp_path / "a.mat", {"spks": MATRIX, "regions": np.array(list("abcdefghi"), object)})
    with h5py.File(tmp_path / "a.mat", "r+") as file:
        file["#refs#"]["regions3"].attrs["MATLAB_class"] = np.bytes_("double")
    assert "a list of regions holds more than text" in refused(tmp_path / "a.mat")


@pytest.mark.parametrize("save", SAVES)
def test_damaged_files(save, tmp_path):
    path = tmp_path / "a.mat"
    save(path, {"spks": MATRIX, "t": TIMES, "regions": np.array(list("abcdefghi"), object)})
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    rng = np.random.default_rng(1)
    for k in range(150):
        damaged = content.copy()
        damaged[rng.integers(0, len(content), 4)] ^= rng.integers(1, 256, 4).astype(np.uint8)
        path.write_bytes(damaged.tobytes()[: rng.integers(1, len(content)) if k % 3 else None])
        try:
            popcode.load(path)
        except InputError as error:
            assert str(path) in str(error)
