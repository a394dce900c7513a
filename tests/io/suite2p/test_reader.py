"""Folders of suite2p: cells only, planes side by side, pickles by consent."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError, PopcodeWarning
from popcode.io.suite2p import reader as suite2p


def write_plane(folder, n_rois=7, n_frames=40, seed=0, cells=None):
    """Write a plane; gives what is in it."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    plane = {
        "F": rng.normal(100, 10, (n_rois, n_frames)).astype(np.float32),
        "Fneu": rng.normal(50, 5, (n_rois, n_frames)).astype(np.float32),
        "spks": np.maximum(rng.normal(size=(n_rois, n_frames)), 0).astype(np.float32),
    }
    labels = rng.random((n_rois, 2))
    labels[:, 0] = rng.random(n_rois) < 0.6 if cells is None else cells
    plane["iscell"] = labels
    for name, values in plane.items():
        np.save(folder / f"{name}.npy", values)
    plane["med"] = rng.integers(0, 512, (n_rois, 2))
    rois = [{"med": [int(y), int(x)], "lam": rng.random(4)} for y, x in plane["med"]]
    np.save(folder / "stat.npy", np.array(rois, dtype=object))
    np.save(folder / "ops.npy", {"fs": 30.0, "nplanes": 1, "save_path": str(folder)})
    return plane


@pytest.fixture
def plane(tmp_path):
    return write_plane(tmp_path / "suite2p" / "plane0")


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def notes(recording) -> str:
    return "; ".join(note for step in recording.provenance for note in step.get("notes", ()))


def test_cells_come_back_exactly(plane, tmp_path):
    cells = plane["iscell"][:, 0] > 0
    for path in (tmp_path, tmp_path / "suite2p", tmp_path / "suite2p" / "plane0"):
        recording = popcode.load(path)
        np.testing.assert_array_equal(recording.activity, plane["spks"][cells].T)
        assert recording.activity.flags.c_contiguous
        assert recording.kind == "events"
        table = recording.neurons
        np.testing.assert_array_equal(table["probability"], plane["iscell"][cells, 1])
        np.testing.assert_array_equal(table["roi"], np.flatnonzero(cells))
        assert set(table["plane"]) == {"plane0"}
        assert recording.provenance[-1]["format"] == "suite2p"
        assert f"plane0: {(~cells).sum()} of 7 ROIs dropped" in notes(recording)
        assert recording.provenance[0]["rois_kept"] == cells.sum()


def test_fluorescence_is_less_the_neuropil(plane, tmp_path):
    recording = popcode.load(tmp_path, array="F")
    expected = plane["F"] - np.float32(0.7) * plane["Fneu"]
    np.testing.assert_array_equal(recording.activity, expected[plane["iscell"][:, 0] > 0].T)
    assert recording.kind == "rate"
    assert "minus 0.7 of the neuropil's" in notes(recording)


def test_without_pickles_the_frame_rate_is_unknown(plane, tmp_path):
    recording = popcode.load(tmp_path)
    assert np.isnan(recording.bin_s)
    assert "--allow-pickle" in notes(recording)
    assert "x_px" not in recording.neurons
    assert popcode.load(tmp_path, sampling_rate_hz=20).bin_s == 1 / 20
    stated = popcode.load(tmp_path, bin_s=0.1)
    assert (stated.bin_s, stated.n_bins) == (0.1, 40)
    assert "every frame is taken as 0.1 s, as stated" in notes(stated)


def test_with_pickles_rate_and_places_are_known(plane, tmp_path):
    recording = popcode.load(tmp_path, allow_pickle=True)
    assert recording.bin_s == 1 / 30
    cells = plane["iscell"][:, 0] > 0
    np.testing.assert_array_equal(recording.neurons[["y_px", "x_px"]], plane["med"][cells])
    assert recording.positions_um is None
    assert "x_px, y_px are pixels" in notes(recording)
    assert popcode.load(tmp_path, allow_pickle=True, bin_s=0.1).n_bins == 40 // 3


@pytest.mark.parametrize("med", [(3, 4.5), np.array([3, 4.5]), [np.float32(3), np.float64(4.5)]])
def test_middles_are_two_numbers_however_kept(med, plane, tmp_path):
    rois = np.array([{"med": med}] * 7, dtype=object)
    overwrite(tmp_path, "stat.npy", rois)
    table = popcode.load(tmp_path, allow_pickle=True).neurons
    assert set(table["y_px"]) == {3}
    assert set(table["x_px"]) == {4.5}


def nested(depth):
    value = ()
    for _ in range(depth):
        value = (value, value)
    return value


@pytest.mark.parametrize("med", [nested(40), (nested(40), 1), [1], [1, 2, 3], "ab", None, [1, "b"]])
def test_middles_that_are_none(med, plane, tmp_path):
    overwrite(tmp_path, "stat.npy", np.array([{"med": med}] * 7, dtype=object))
    message = refused(tmp_path, allow_pickle=True)
    assert "stat.npy: the `med` of a ROI is not two numbers" in message


def test_planes_stand_side_by_side_in_their_order(tmp_path):
    numbers = [0, 1, 2, 10]
    lengths = [40, 40, 39, 40]
    planes = [
        write_plane(tmp_path / f"plane{n}", n_frames=length, seed=n)
        for n, length in zip(numbers, lengths, strict=True)
    ]
    write_plane(tmp_path / "combined", seed=99)
    (tmp_path / "plane_notes").mkdir()
    recording = popcode.load(tmp_path)
    parts = [plane["spks"][plane["iscell"][:, 0] > 0, :39] for plane in planes]
    np.testing.assert_array_equal(recording.activity, np.concatenate(parts).T)
    expected = [f"plane{n}" for n, part in zip(numbers, parts, strict=True) for _ in part]
    assert recording.neurons["plane"].tolist() == expected
    assert recording.neurons["id"].is_unique
    assert "planes have 39 to 40 frames: cut to 39" in notes(recording)


def test_what_was_combined_is_read_where_it_stands_alone(tmp_path):
    plane = write_plane(tmp_path / "combined")
    recording = popcode.load(tmp_path)
    assert recording.n_neurons == (plane["iscell"][:, 0] > 0).sum()


def test_blocks_do_not_show(plane, tmp_path, monkeypatch):
    whole = popcode.load(tmp_path, array="F")
    monkeypatch.setattr("popcode.recording.kinds.ROWS_AT_ONCE_BYTES", 2 * 40 * 4)
    np.testing.assert_array_equal(popcode.load(tmp_path, array="F").activity, whole.activity)


def test_without_labels_every_roi_is_kept_and_said(plane, tmp_path):
    (tmp_path / "suite2p" / "plane0" / "iscell.npy").unlink()
    with pytest.warns(PopcodeWarning, match=r"iscell\.npy is missing, so all 7 ROIs are taken"):
        recording = popcode.load(tmp_path)
    assert recording.n_neurons == 7
    assert "iscell.npy is missing" in notes(recording)


def overwrite(tmp_path, name, values):
    np.save(tmp_path / "suite2p" / "plane0" / name, values)


@pytest.mark.parametrize(
    ("name", "values", "arguments", "message"),
    [
        ("iscell.npy", np.zeros((7, 2)), {}, "none of 7 ROIs is a cell"),
        ("iscell.npy", np.ones((6, 2)), {}, "iscell.npy has shape (6, 2); expected (7, 2)"),
        ("iscell.npy", np.ones(7), {}, "iscell.npy has shape (7,)"),
        ("Fneu.npy", np.ones((7, 39)), {"array": "F"}, "has shape (7, 39) and F.npy (7, 40)"),
        ("spks.npy", np.ones((6, 40)), {}, "iscell.npy has shape (7, 2); expected (6, 2)"),
        ("spks.npy", np.ones(7), {}, "spks.npy has shape (7,)"),
        ("spks.npy", np.array([["a"]]), {}, "expected numbers, ROIs x frames"),
        ("spks.npy", np.array([[{}]]), {}, "spks.npy: it holds pickled objects"),
        ("spks.npy", np.ones((7, 40)), {"array": "dff"}, "array is 'dff'. Choose one of spks, F"),
        ("stat.npy", np.array([{}] * 6), {"allow_pickle": True}, "stat.npy describes 6 ROIs"),
        ("stat.npy", np.array([{}] * 7), {"allow_pickle": True}, "expected 7"),
        ("stat.npy", np.zeros(7), {"allow_pickle": True}, "stat.npy: it holds float64"),
        ("ops.npy", np.array([print]), {"allow_pickle": True}, "names builtins.print"),
    ],
)
def test_files_that_do_not_fit(name, values, arguments, message, plane, tmp_path):
    overwrite(tmp_path, name, values)
    assert message in refused(tmp_path, **arguments)


def test_missing_files(plane, tmp_path):
    folder = tmp_path / "suite2p" / "plane0"
    (folder / "Fneu.npy").unlink()
    assert "Fneu.npy is missing" in refused(tmp_path, array="F")
    (folder / "spks.npy").unlink()
    assert "plane0: spks.npy is missing" in refused(tmp_path)


def test_values_that_are_not_finite_are_named_by_roi(plane, tmp_path):
    spks = plane["spks"].copy()
    cell, other = (
        np.flatnonzero(plane["iscell"][:, 0])[-1],
        np.flatnonzero(plane["iscell"][:, 0] == 0)[0],
    )
    spks[other, 3] = np.nan  # no cell: it is dropped
    overwrite(tmp_path, "spks.npy", spks)
    popcode.load(tmp_path)
    spks[cell, 5] = np.nan
    overwrite(tmp_path, "spks.npy", spks)
    assert f"plane0, ROI {cell}, frame 5: spks is NaN or infinite" in refused(tmp_path)


def test_frame_rates_that_are_none(plane, tmp_path):
    for settings in ({}, {"fs": "30"}, {"fs": -1.0}, {"fs": float("nan")}):
        overwrite(tmp_path, "ops.npy", settings)
        assert np.isnan(popcode.load(tmp_path, allow_pickle=True).bin_s)


def test_a_file_cut_short(plane, tmp_path):
    path = tmp_path / "suite2p" / "plane0" / "spks.npy"
    path.write_bytes(path.read_bytes()[:-8])
    assert "spks.npy: the file is cut short" in refused(tmp_path)


def test_other_folders_are_not_of_suite2p(tmp_path):
    (tmp_path / "plane0").mkdir()
    assert "it is a folder of no kind that is known" in refused(tmp_path)
    (tmp_path / "suite2p").mkdir()
    assert suite2p.plane_folders(tmp_path) == []
    (tmp_path / "file.txt").write_text("1")
    assert suite2p.plane_folders(tmp_path / "file.txt") == []


@pytest.mark.parametrize("name", ["spks.npy", "iscell.npy", "stat.npy", "ops.npy"])
def test_damaged_files(name, plane, tmp_path):
    path = tmp_path / "suite2p" / "plane0" / name
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    rng = np.random.default_rng(1)
    for _ in range(100):
        damaged = content.copy()
        damaged[rng.integers(0, len(content), 3)] ^= rng.integers(1, 256, 3).astype(np.uint8)
        path.write_bytes(damaged.tobytes())
        try:
            popcode.load(tmp_path, allow_pickle=True)
        except InputError as error:
            assert error.where.startswith(str(tmp_path))


def test_info_says_what_was_decided(plane, tmp_path):
    text = " ".join(popcode.info(tmp_path).split())
    assert "ROIs dropped, no cells after iscell.npy" in text
    assert "the frame rate is not known: durations are in frames" in text
