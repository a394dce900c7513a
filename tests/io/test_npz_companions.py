"""What stands beside the matrix of a plain .npz is read as in a .mat."""

import zipfile

import numpy as np
import pytest
import scipy.io

import popcode
from popcode.errors import InputError

N_BINS, N_NEURONS = 60, 9
RNG = np.random.default_rng(0)
COUNTS = RNG.poisson(0.5, (N_BINS, N_NEURONS)).astype(np.uint8)
TRACES = RNG.normal(size=(N_BINS, N_NEURONS))
TIMES = 5 + 0.05 * np.arange(N_BINS)
REGIONS = np.array(["V1", "CA1", "CA3"] * 3)
COMPANIONS = [
    {"t": TIMES},
    {"time_s": TIMES[:, None], "regions": REGIONS},
    {"x_um": np.arange(9.0), "y_um": np.arange(9.0) ** 2, "bin_s": 0.05},
    {"xpos": np.arange(9.0), "ypos": np.arange(9.0) ** 2, "fs": 20.0},
    {"xy": RNG.random((N_NEURONS, 2)), "dt": 0.05},
    {"positions_um": RNG.random((N_NEURONS, 3)), "framerate": np.array([20])},
    {"positions": RNG.random((3, N_NEURONS)), "rate_hz": 20},
    {"region": REGIONS.astype("S"), "sampling_rate": 20.0},
]


def notes(recording) -> str:
    return "; ".join(note for step in recording.provenance for note in step.get("notes", ()))


def loaded(path, arrays, **arguments):
    np.savez(path / "a.npz", **arrays)
    return popcode.load(path / "a.npz", **arguments)


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("companions", COMPANIONS)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("values", [COUNTS, TRACES, TRACES.astype(">f4")])
def test_companions_settle_width_orientation_and_places(
    values, turned, order, companions, tmp_path
):
    matrix = np.array(values.T if turned else values, order=order)
    recording = loaded(tmp_path, {"spikes": matrix, **companions})
    np.testing.assert_array_equal(recording.activity, values.astype(recording.activity.dtype))
    assert recording.activity.flags.c_contiguous
    assert recording.bin_s == 0.05
    assert ("it held neurons x bins" in notes(recording)) == turned
    if "x_um" in companions or "xpos" in companions:
        np.testing.assert_array_equal(recording.neurons["y_um"], np.arange(9.0) ** 2)
    if "xy" in companions:
        np.testing.assert_array_equal(recording.neurons[["x_um", "y_um"]], companions["xy"])
    if "positions_um" in companions:
        np.testing.assert_array_equal(recording.positions_um, companions["positions_um"])
    if "positions" in companions:
        np.testing.assert_array_equal(recording.positions_um, companions["positions"].T)
    if "region" in companions or "regions" in companions:
        assert recording.neurons["region"].tolist() == REGIONS.tolist()
    if "t" in companions:
        assert recording.segment_start_s.tolist() == [5.0]


@pytest.mark.parametrize("turned", [False, True])
def test_it_reads_as_the_same_content_in_matlab(turned, tmp_path):
    arrays = {
        "spikes": COUNTS.T if turned else COUNTS,
        "dff": TRACES,
        "t": TIMES,
        "xpos": [1.0] * 9,
    }
    scipy.io.savemat(tmp_path / "a.mat", arrays)
    ours, theirs = loaded(tmp_path, arrays), popcode.load(tmp_path / "a.mat")
    np.testing.assert_array_equal(ours.activity, theirs.activity)
    assert ours.provenance[0] == theirs.provenance[0]
    assert ours.neurons.equals(theirs.neurons)
    assert "read 'spikes'; also there: 'dff'; array='...' (--array) reads another" in notes(ours)


def test_a_choice_of_the_user_needs_no_note(tmp_path):
    recording = loaded(tmp_path, {"spikes": COUNTS, "dff": TRACES}, array="dff")
    assert recording.kind == "dff"
    assert notes(recording) == ""
    assert notes(loaded(tmp_path, {"other": COUNTS, "positions": TRACES[:9, :2]})).startswith(
        "positions are taken"
    )


def test_one_neuron_is_a_matrix_where_nothing_else_is(tmp_path):
    column = COUNTS[:, :1]
    for arrays in (
        {"anything": column, "t": TIMES[:, None]},
        {"spikes": column, "stimulus": TRACES},
    ):
        np.testing.assert_array_equal(loaded(tmp_path, arrays).activity, column)
    wide = loaded(tmp_path, {"label": column, "data": COUNTS})
    np.testing.assert_array_equal(wide.activity, COUNTS)


def test_companions_of_no_use_are_said(tmp_path):
    arrays = {"spikes": COUNTS, "bin_s": np.nan, "regions": REGIONS[:4], "t": TIMES[:7]}
    said = notes(loaded(tmp_path, arrays))
    for name in ("'regions' fits no side", "'t' fits no side", "'bin_s' is not one number above 0"):
        assert name in said
    assert "'dt' is not one number" in notes(loaded(tmp_path, {"spikes": COUNTS, "dt": TIMES}))


def test_companions_that_contradict_each_other(tmp_path):
    np.savez(tmp_path / "a.npz", spikes=COUNTS, t=TIMES, xpos=np.zeros(N_BINS))
    assert "'t' says that its rows are bins and 'xpos'" in refused(tmp_path / "a.npz")


def test_only_what_is_used_is_read(tmp_path):
    strange = np.array([print, {}], dtype=object)
    recording = loaded(tmp_path, {"spikes": COUNTS, "trials": strange})
    np.testing.assert_array_equal(recording.activity, COUNTS)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("readme.txt", "not an array")
    np.testing.assert_array_equal(popcode.load(tmp_path / "a.npz").activity, COUNTS)
    np.savez(tmp_path / "b.npz", spikes=COUNTS, regions=REGIONS.astype(object))
    assert "array 'regions': it holds pickled objects, which are never read" in refused(
        tmp_path / "b.npz"
    )


def test_a_header_announces_more_than_memory_and_nothing_is_read(tmp_path):
    for fortran_order in (True, False):
        header = f"{{'descr': '<f4', 'fortran_order': {fortran_order}, 'shape': (9, {10**12})}}"
        content = b"\x93NUMPY\x01\x00" + (117).to_bytes(2, "little") + header.ljust(117).encode()
        np.savez(tmp_path / "a.npz", xpos=np.zeros(9))
        with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
            archive.writestr("spikes.npy", content)
        assert "GiB of memory" in refused(tmp_path / "a.npz")


def test_the_rate_that_the_user_gives_comes_first(tmp_path):
    recording = loaded(tmp_path, {"spikes": COUNTS, "bin_s": 0.02}, sampling_rate_hz=10)
    assert recording.bin_s == 0.1
    merged = loaded(tmp_path, {"spikes": COUNTS, "bin_s": 0.02}, bin_s=0.04)
    assert merged.shape == (N_BINS // 2, N_NEURONS)


@pytest.mark.parametrize("name", ["xy", "positions"])
def test_where_the_animal_was_turns_nothing(tmp_path, name):
    path = tmp_path / "a.npz"
    counts = np.random.default_rng(0).poisson(0.5, (300, 20))
    track = np.random.default_rng(1).random((300, 2))
    np.savez(path, spikes=counts, **{name: track})
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, counts)
    assert recording.positions_um is None
    np.savez(path, spikes=counts.T, **{name: np.ones((20, 2))})
    np.testing.assert_array_equal(popcode.load(path).activity, counts)
