"""Traces of cells: which series is read, how it lies, what its clock is."""

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.io.nwb.series import overlapping

N_SAMPLES, N_CELLS = 200, 5


def notes_of(recording) -> str:
    return "; ".join(note for step in recording.provenance for note in step.get("notes", ()))


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


@pytest.fixture
def traces():
    return np.random.default_rng(0).normal(size=(N_SAMPLES, N_CELLS)).astype(np.float32)


@pytest.fixture
def ophys(tools):
    """Write an imaging session with pynwb: name of a container -> name of a series -> its data."""
    pynwb = pytest.importorskip("pynwb")

    def write(path, series, **clock):
        clock = clock or {"rate": 20.0, "starting_time": 7.5}
        nwb = tools.new_file()
        channel = pynwb.ophys.OpticalChannel(name="green", description="", emission_lambda=520.0)
        plane = nwb.create_imaging_plane(
            name="plane",
            optical_channel=channel,
            description="",
            device=nwb.create_device("microscope"),
            excitation_lambda=920.0,
            indicator="GCaMP6f",
            location="VISp",
        )
        segmentation = pynwb.ophys.PlaneSegmentation(
            name="cells", description="", imaging_plane=plane
        )
        segmentation.add_column("depth", "of the cell")
        for cell in range(N_CELLS + 2):  # the series is of the cells from 1 to N_CELLS
            mask = np.zeros((4, 4))
            mask[cell % 4, cell // 4] = 1
            segmentation.add_roi(id=40 + cell, image_mask=mask, depth=0.5 * cell)
        module = nwb.create_processing_module("ophys", "")
        images = pynwb.ophys.ImageSegmentation(name="segmentation")
        images.add_plane_segmentation(segmentation)
        module.add(images)
        rois = segmentation.create_roi_table_region(
            region=list(range(1, N_CELLS + 1)), description=""
        )
        for container, inside in series.items():
            kind = pynwb.ophys.DfOverF if container == "DfOverF" else pynwb.ophys.Fluorescence
            holder = kind(name=container)
            module.add(holder)
            for name, data in inside.items():
                holder.add_roi_response_series(
                    pynwb.ophys.RoiResponseSeries(
                        name=name, data=data, rois=rois, unit="n.a.", **clock
                    )
                )
        return tools.written(nwb, path)

    return write


def test_dff_is_read_as_written(ophys, traces, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}})
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, traces)
    assert (recording.kind, recording.bin_s) == ("dff", 0.05)
    assert recording.segment_start_s.tolist() == [7.5]
    assert recording.neurons["id"].tolist() == [41, 42, 43, 44, 45]
    assert recording.neurons["depth"].tolist() == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert set(recording.neurons["region"]) == {"VISp"}
    assert "image_mask" not in recording.neurons
    assert recording.provenance[0]["subject_id"] == "mouse-3"
    assert popcode.load(path, bin_s=0.1).n_bins == N_SAMPLES // 2


@pytest.mark.parametrize(
    ("container", "kind"),
    [("Deconvolved", "events"), ("Fluorescence", "rate"), ("DfOverF", "dff"), ("Neuropil", "rate")],
)
def test_the_kind_is_told_from_the_name(container, kind, ophys, traces, tmp_path):
    recording = popcode.load(ophys(tmp_path / "a.nwb", {container: {"plane0": abs(traces)}}))
    expected = kind if container != "Neuropil" else popcode.Recording(abs(traces)).kind
    assert recording.kind == expected


def test_traces_stored_by_cells_are_turned(ophys, traces, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}})
    with h5py.File(path, "r+") as file:
        series = file["processing/ophys/DfOverF/traces"]
        attributes = dict(series["data"].attrs)
        del series["data"]
        series["data"] = traces.T
        series["data"].attrs.update(attributes)
    for change in (lambda file: None, give_times):
        with h5py.File(path, "r+") as file:
            change(file["processing/ophys/DfOverF/traces"])
        recording = popcode.load(path)
        np.testing.assert_array_equal(recording.activity, traces)
        assert "transposed" in notes_of(recording)


def give_times(series, times=None):
    del series["starting_time"]
    series["timestamps"] = 7.5 + 0.05 * np.arange(N_SAMPLES) if times is None else times


def test_conversion_and_offset_are_applied(ophys, traces, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}})
    with h5py.File(path, "r+") as file:
        attributes = file["processing/ophys/DfOverF/traces/data"].attrs
        attributes["conversion"], attributes["offset"] = 2.0, -0.5
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, traces * 2 - np.float32(0.5))
    assert "times 2 plus -0.5" in notes_of(recording)


def test_times_with_jitter_and_jumps(ophys, traces, tmp_path):
    times = 100 + 0.05 * np.arange(N_SAMPLES)
    times += np.random.default_rng(1).uniform(-0.004, 0.004, N_SAMPLES)
    times[80:] += 3.0
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}}, timestamps=times)
    recording = popcode.load(path)
    # The mean of 198 steps: both ends of both segments are off by up to 4 ms.
    assert recording.bin_s == pytest.approx(0.05, abs=16e-3 / 198)
    assert recording.segment_starts.tolist() == [0, 80]
    assert recording.segment_start_s.tolist() == [times[0], times[80]]
    assert "time jumps at 1 place" in notes_of(recording)


def test_invalid_times_are_cut_out(ophys, traces, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}})
    with h5py.File(path, "r+") as file:
        table = file.create_group("intervals/invalid_times")
        table["id"], table["start_time"], table["stop_time"] = [0], [9.01], [9.99]
    recording = popcode.load(path)
    kept = np.r_[0:30, 50:N_SAMPLES]  # from 7.5 s in steps of 0.05 s
    np.testing.assert_array_equal(recording.activity, traces[kept])
    assert recording.segment_starts.tolist() == [0, 30]
    np.testing.assert_allclose(recording.segment_start_s, [7.5, 10.0], rtol=1e-12)


def test_cells_and_samples_without_values_are_dropped_and_said(ophys, traces, tmp_path):
    holed = traces.copy()
    holed[:, 2] = np.nan
    holed[40:45] = np.nan
    recording = popcode.load(ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": holed}}))
    np.testing.assert_array_equal(
        recording.activity, np.delete(np.delete(traces, 2, axis=1), range(40, 45), axis=0)
    )
    assert recording.neurons["id"].tolist() == [41, 42, 44, 45]
    assert recording.segment_starts.tolist() == [0, 40]
    assert "1 cell nan throughout dropped; 5 samples nan" in notes_of(recording)
    holed[100, 0] = np.nan
    path = ophys(tmp_path / "b.nwb", {"DfOverF": {"traces": holed}})
    assert "neuron 0, bin 100: activity holds 1 NaN" in refused(path)


def test_cells_of_a_classifier(ophys, traces, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}})
    with h5py.File(path, "r+") as file:
        scores = np.stack([np.arange(7) % 2, np.arange(7) / 7], axis=1)
        file["processing/ophys/segmentation/cells/iscell"] = scores
    every = popcode.load(path)
    assert every.neurons["iscell"].tolist() == [1, 0, 1, 0, 1]
    assert every.neurons["iscell_probability"].tolist() == (np.arange(1, 6) / 7).tolist()
    good = popcode.load(path, quality="good")
    np.testing.assert_array_equal(good.activity, traces[:, ::2])
    assert "2 of 5 regions are no cells" in notes_of(good)


def test_of_several_the_only_deconvolved_is_read_and_others_are_named(ophys, traces, tmp_path):
    several = {
        "Fluorescence": {"plane0": traces + 9},
        "Neuropil": {"plane0": traces + 5},
        "Deconvolved": {"plane0": abs(traces)},
    }
    path = ophys(tmp_path / "a.nwb", several)
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, abs(traces))
    assert "processing/ophys/Fluorescence/plane0 (200 x 5)" in notes_of(recording)
    named = popcode.load(path, array="Fluorescence/plane0")
    np.testing.assert_array_equal(named.activity, traces + 9)
    by_container = popcode.load(path, array="neuropil")
    np.testing.assert_array_equal(by_container.activity, traces + 5)
    assert "'plane0', and there are 3 of that name" in refused(path, array="plane0")
    assert "'dff', and there is none of that name" in refused(path, array="dff")


def test_of_two_planes_neither_is_guessed(ophys, traces, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"plane0": traces, "plane1": traces}})
    message = refused(path)
    assert "2 series that may be meant" in message
    assert "DfOverF/plane0 (200 x 5), processing/ophys/DfOverF/plane1 (200 x 5)" in message
    assert "--array" in message


def test_units_come_before_series_unless_named(ophys, tools, traces, planted, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}})
    other = tools.write_units(tmp_path / "b.nwb", planted.times)
    with h5py.File(path, "r+") as file, h5py.File(other, "r") as units:
        units.copy("units", file)
    np.testing.assert_array_equal(popcode.load(path).activity, planted.counts)
    np.testing.assert_array_equal(popcode.load(path, array="units").activity, planted.counts)
    np.testing.assert_array_equal(popcode.load(path, array="traces").activity, traces)
    with h5py.File(path, "r+") as file:
        del file["units/spike_times"]
    np.testing.assert_array_equal(popcode.load(path).activity, traces)
    assert "no column of spike_times" in refused(path, array="units")


def test_a_generic_series_of_counts(tools, tmp_path):
    pynwb = pytest.importorskip("pynwb")
    counts = np.random.default_rng(0).poisson(1, (50, 4)).astype(np.uint8)
    nwb = tools.new_file()
    nwb.create_processing_module("behavior", "").add(
        pynwb.TimeSeries(name="binned", data=counts, unit="n.a.", rate=50.0)
    )
    recording = popcode.load(tools.written(nwb, tmp_path / "a.nwb"))
    np.testing.assert_array_equal(recording.activity, counts)
    assert (recording.kind, recording.bin_s) == ("counts", 0.02)


@pytest.fixture
def damaged(ophys, traces, tmp_path):
    path = ophys(tmp_path / "a.nwb", {"DfOverF": {"traces": traces}})

    def damage(change):
        with h5py.File(path, "r+") as file:
            change(file["processing/ophys/DfOverF/traces"])
        return path

    return damage


def test_without_a_clock_the_bin_width_must_be_given(damaged, traces):
    path = damaged(lambda series: series.pop("starting_time"))
    assert "neither timestamps nor a rate" in refused(path)
    recording = popcode.load(path, bin_s=0.1)
    assert recording.bin_s == 0.1
    np.testing.assert_array_equal(recording.activity, traces)


def jumping(n):
    return np.cumsum(np.where(np.arange(n) % 3 == 0, 1.0, 0.1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: give_times(s, np.arange(150.0)), "200 samples and 150 timestamps"),
        (lambda s: give_times(s, -np.arange(200.0)), "sample 1: the timestamps"),
        (lambda s: give_times(s, np.full(200, np.nan)), "sample 0: the timestamps"),
        (lambda s: give_times(s, jumping(200)), "no regular step"),
        (lambda s: s["starting_time"].attrs.modify("rate", -1.0), "is -1; expected samples"),
        (lambda s: s["rois"].resize((4,)), "is 200 x 5, but there are 4 regions"),
        (lambda s: s["rois"].write_direct(np.full(5, 30)), "points to row 30 of 7"),
    ],
)
def test_damaged_series_are_refused(change, message, damaged):
    def tolerant(series):
        rois = series["rois"]
        if rois.chunks is None:  # so that a test may shorten it
            values, attributes = rois[()], dict(rois.attrs)
            del series["rois"]
            made = series.create_dataset("rois", data=values, maxshape=(None,))
            made.attrs.update(attributes)
        change(series)

    assert message in refused(damaged(tolerant))


def write_series(path, data, times=None, rate_hz=None, **attributes):
    """A bare NWB file of one series in plain HDF5."""
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.8.0"
        series = file.create_group("processing/ophys/traces")
        series["data"] = data
        series["data"].attrs.update(attributes)
        if times is None:
            series["starting_time"] = 0.0
            series["starting_time"].attrs["rate"] = rate_hz
        else:
            series["timestamps"] = times
    return path


RATE_HZ, N_LONG = 30.0, 54_000  # 30 minutes


@pytest.mark.parametrize("decimals", [2, 3])
@pytest.mark.parametrize("uneven", [0.0, 0.01])
def test_half_an_hour_of_an_inexact_clock_is_right_to_a_bin(decimals, uneven, tmp_path):
    """Times rounded, or of a clock that runs slower in its first half than in its second."""
    share = np.arange(N_LONG) / N_LONG
    exact = (np.arange(N_LONG) + uneven * N_LONG * np.minimum(share, 1 - share)) / RATE_HZ
    data = np.arange(N_LONG, dtype=np.float32)[:, None] + np.zeros((1, 2), np.float32)
    path = write_series(tmp_path / "a.nwb", data, times=np.round(exact, decimals))
    invalid, trials = np.array([[300.0, 310.0], [1500.0, 1510.0]]), np.array([[100.0, 1790.0]])
    with h5py.File(path, "r+") as file:
        for name, bounds in (("invalid_times", invalid), ("trials", trials)):
            table = file.create_group(f"intervals/{name}")
            table["id"] = np.arange(len(bounds))
            table["start_time"], table["stop_time"] = bounds.T
    recording = popcode.load(path)
    sample = recording.activity[:, 0].astype(int)
    cut = np.setdiff1d(np.arange(N_LONG), sample)
    inside = (exact[:, None] >= invalid[:, 0]) & (exact[:, None] < invalid[:, 1])
    assert abs(len(cut) - inside.sum()) <= 4  # a bin at each edge
    assert np.abs(cut[[0, -1]] - np.flatnonzero(inside.any(axis=1))[[0, -1]]).max() <= 1
    in_trial = sample[recording.covariates["trial"] == 0]
    expected = np.flatnonzero((exact >= 100) & (exact < 1790))
    assert np.abs(in_trial[[0, -1]] - expected[[0, -1]]).max() <= 1
    # Three segments whose ends are rounded; exact for an uneven clock, which as a whole keeps 30 Hz
    assert recording.bin_s == pytest.approx(1 / RATE_HZ, rel=1e-5)
    assert ("the clock is uneven" in notes_of(recording)) == bool(uneven)


def test_intervals_on_edges_of_bins_cost_no_bin_more(tmp_path):
    data = np.ones((2000, 2), np.float32)
    path = write_series(tmp_path / "a.nwb", data, rate_hz=10.0)
    starts = np.arange(5, 2000, 130) / 10
    with h5py.File(path, "r+") as file:
        table = file.create_group("intervals/invalid_times")
        table["id"], table["start_time"] = np.arange(len(starts)), starts
        table["stop_time"] = starts + 0.7
    assert popcode.load(path).n_bins == 2000 - 7 * len(starts)


def test_overlaps_are_those_of_every_pair():
    rng = np.random.default_rng(0)
    starts = np.sort(rng.choice(400, 60, replace=False)).astype(float)
    spans = np.stack([starts, np.minimum(starts + 1, np.append(starts[1:], np.inf))], axis=1)
    intervals = np.sort(rng.integers(0, 420, (30, 2)), axis=1).astype(float)
    pairs = np.maximum(spans[:, :1], intervals[:, 0]) < np.minimum(spans[:, 1:], intervals[:, 1])
    np.testing.assert_array_equal(overlapping(spans, intervals), pairs.any(axis=1))
    assert not overlapping(spans, np.empty((0, 2))).any()


@pytest.mark.parametrize("dtype", [np.int32, np.float64, np.uint16])
@pytest.mark.parametrize("across", [False, True])
def test_scaled_values_are_rounded_once(dtype, across, tmp_path):
    rng = np.random.default_rng(0)
    high = np.iinfo(dtype).max if np.dtype(dtype).kind != "f" else 2e8
    stored = (high - rng.integers(0, 1000, (400, 3))).astype(dtype)
    times = np.arange(400) * 0.1
    path = tmp_path / "a.nwb"
    write_series(path, stored.T if across else stored, times, conversion=0.5, offset=-0.5 * high)
    expected = (stored.astype(np.float64) * 0.5 - 0.5 * high).astype(np.float32)
    np.testing.assert_array_equal(popcode.load(path).activity, expected)


def test_links_in_circles_end(tmp_path):
    path = write_series(tmp_path / "a.nwb", np.ones((50, 2)), rate_hz=10.0)
    with h5py.File(path, "r+") as file:
        for k in range(40):  # 40 to the power of 5 paths
            file[f"processing/ophys/again{k}"] = file["processing"]
    assert popcode.load(path).n_bins == 50


@pytest.mark.parametrize("scaled", [{}, {"conversion": 2.0}])
def test_series_that_were_never_written_are_refused(scaled, tmp_path):
    path = write_series(tmp_path / "a.nwb", np.ones((50, 2)), rate_hz=10.0)
    with h5py.File(path, "r+") as file:
        del file["processing/ophys/traces/data"]
        data = file.create_dataset("processing/ophys/traces/data", (40_000, 50_000), dtype="u1")
        data.attrs.update(scaled)
    assert "is empty: 0 bytes are stored" in refused(path)


def test_spike_times_that_were_never_written_are_refused(tools, planted, tmp_path):
    path = tools.write_units(tmp_path / "a.nwb", planted.times)
    with h5py.File(path, "r+") as file:
        del file["units/spike_times"]
        file.create_dataset("units/spike_times", (10**8,), dtype="f8")
    assert "spike_times of shape (100000000,) is empty" in refused(path)
