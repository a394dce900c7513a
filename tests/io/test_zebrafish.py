"""Whole-brain files of the zebrafish deposit: what went in is what arrives."""

from typing import Any, NamedTuple

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.io.zebrafish.activity import tiles
from popcode.io.zebrafish.names import SYNONYMS

N_BINS, N_NEURONS, N_REGIONS, STEP_S = 60, 17, 5, 0.25


class Fish(NamedTuple):
    """Every array of a file as the deposit lays it out: bins x neurons, the rest by column."""

    spikes: np.ndarray
    dff: np.ndarray
    times: np.ndarray
    zbrain_mm: np.ndarray
    raw_mm: np.ndarray
    labels: np.ndarray


@pytest.fixture
def fish() -> Fish:
    rng = np.random.default_rng(0)
    times = 10 + STEP_S * np.arange(N_BINS)[:, None] + 0.01 * np.arange(4)
    return Fish(
        rng.integers(0, 2, (N_BINS, N_NEURONS)).astype(np.uint8),
        rng.normal(size=(N_BINS, N_NEURONS)).astype(np.float32),
        times,
        rng.random((3, N_NEURONS)),
        rng.random((3, N_NEURONS)),
        rng.random((N_REGIONS, N_NEURONS)) < 0.5,
    )


def write(path, fish: Fish, *, turned: bool = False, **changes: Any) -> None:
    """Write the layout of the deposit, or every array the other way round.

    A change of None leaves a data set out; keys hold "__" for "/".
    """
    paths = {
        "Data/Brain/Analysis/ThresholdedSpikes": fish.spikes,
        "Data/Brain/Times": fish.times,
        "Data/Brain/ZBrainCoordinates": fish.zbrain_mm,
        "Data/Brain/Labels": fish.labels,
    }
    paths |= {key.replace("__", "/"): values for key, values in changes.items()}
    with h5py.File(path, "w") as file:
        for name, values in paths.items():
            if values is not None:
                file[name] = np.asarray(values).T if turned else values


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def notes(recording) -> str:
    return "; ".join(recording.provenance[0]["notes"])


@pytest.mark.parametrize("turned", [False, True])
def test_every_part_arrives_whichever_way_round_it_lies(fish, turned, tmp_path):
    write(tmp_path / "a.h5", fish, turned=turned, Data__Brain__Coordinates=fish.raw_mm)
    recording = popcode.load(tmp_path / "a.h5")
    assert (recording.kind, recording.activity.dtype) == ("binary", np.uint8)
    np.testing.assert_array_equal(recording.activity, fish.spikes)
    np.testing.assert_array_equal(recording.positions_um, 1000 * fish.zbrain_mm.T)
    raw = recording.neurons[["raw_x_um", "raw_y_um", "raw_z_um"]].to_numpy()
    np.testing.assert_array_equal(raw, 1000 * fish.raw_mm.T)
    np.testing.assert_array_equal(recording.region_labels, fish.labels.T)
    assert recording.region_names == tuple(f"region_{k}" for k in range(N_REGIONS))
    assert recording.bin_s == STEP_S
    assert recording.segment_start_s.tolist() == [10.0]
    assert "ZBrain atlas coordinates, given in mm" in notes(recording)
    assert "of the first of 4 layers" in notes(recording)
    assert ("neurons x bins, transposed" in notes(recording)) == turned
    assert recording.provenance[1]["format"] == "zebrafish h5"


SPIKES = "Data/Brain/Analysis/ThresholdedSpikes"


def named(name: str, number: int) -> str:
    """A synonym in one of several cases, in a group of its own or in none."""
    cased = (name, name.upper(), name.title())[number % 3]
    return cased if number % 2 else f"Some/Group/{cased}"


@pytest.mark.parametrize("number", range(6))
def test_data_sets_are_found_by_any_synonym_in_any_case(fish, number, tmp_path):
    content = {
        "spikes": fish.spikes,
        "times": fish.times[:, 0],
        "zbrain": fish.zbrain_mm,
        "labels": fish.labels,
        "stimulus": fish.dff[:, 0],
        "behaviour": fish.dff[:, 1],
    }
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for k, (role, values) in enumerate(content.items()):
            names = SYNONYMS[role]
            file[named(names[number % len(names)], number + k)] = values
    recording = popcode.load(tmp_path / "a.h5")
    np.testing.assert_array_equal(recording.activity, fish.spikes)
    np.testing.assert_array_equal(recording.positions_um, 1000 * fish.zbrain_mm.T)
    np.testing.assert_array_equal(recording.region_labels, fish.labels.T)
    assert len(recording.covariates) == 2
    assert recording.segment_start_s.tolist() == [10.0]


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("chunks", [None, (N_BINS, 2), (7, 5), (1, N_NEURONS)])
def test_spikes_of_any_type_and_chunks_become_bytes(fish, dtype, chunks, tmp_path):
    write(tmp_path / "a.h5", fish, **{SPIKES: None})
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        data = fish.spikes.astype(dtype)
        file.create_dataset(SPIKES, data=data, chunks=chunks, compression=chunks and "gzip")
    recording = popcode.load(tmp_path / "a.h5")
    np.testing.assert_array_equal(recording.activity, fish.spikes)
    assert (recording.kind, recording.activity.dtype) == ("binary", np.uint8)


def test_spikes_that_are_real_values_stay_so(fish, tmp_path):
    amplitudes = fish.spikes * (0.5 + fish.dff**2)
    write(tmp_path / "a.h5", fish, **{SPIKES: amplitudes})
    recording = popcode.load(tmp_path / "a.h5")
    np.testing.assert_array_equal(recording.activity, amplitudes)
    assert recording.kind == "events"
    write(tmp_path / "a.h5", fish, **{SPIKES: fish.dff.round()})
    recording = popcode.load(tmp_path / "a.h5")
    np.testing.assert_array_equal(recording.activity, fish.dff.round())
    assert recording.kind == "dff"
    amplitudes[3, 2] = np.nan
    write(tmp_path / "a.h5", fish, **{SPIKES: amplitudes})
    assert "neuron 2, bin 3: activity holds 1 NaN" in refused(tmp_path / "a.h5")


def test_dff_on_request_and_where_there_are_no_spikes(fish, tmp_path):
    groups = {"Data__Brain__Analysis__DFF": fish.dff}
    aligned = {"Data__Brain__Analysis__DFF_align": fish.dff + 1}
    write(tmp_path / "a.h5", fish, **groups)
    assert "array= reads Data/Brain/Analysis/DFF instead" in notes(popcode.load(tmp_path / "a.h5"))
    recording = popcode.load(tmp_path / "a.h5", array="dff")
    np.testing.assert_array_equal(recording.activity, fish.dff)
    assert recording.kind == "dff"
    write(tmp_path / "b.h5", fish, **groups, **aligned)
    aligned_read = popcode.load(tmp_path / "b.h5", array="dff").activity
    np.testing.assert_array_equal(aligned_read, fish.dff + 1)
    for name in ("DFF", "Data/Brain/Analysis/DFF", "/Data/Brain/Analysis/DFF"):
        by_name = popcode.load(tmp_path / "b.h5", array=name).activity
        np.testing.assert_array_equal(by_name, fish.dff)
    write(tmp_path / "c.h5", fish, **groups, **{SPIKES: None})
    np.testing.assert_array_equal(popcode.load(tmp_path / "c.h5").activity, fish.dff)
    assert "no activity 'spikes'" in refused(tmp_path / "c.h5", array="spikes")
    assert "no activity 'nonsense'" in refused(tmp_path / "b.h5", array="nonsense")


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_millimetres_and_micrometres_are_told_apart(fish, scale, tmp_path):
    write(tmp_path / "a.h5", fish, Data__Brain__ZBrainCoordinates=fish.zbrain_mm * scale)
    recording = popcode.load(tmp_path / "a.h5")
    # The product is rounded once more in the second case.
    np.testing.assert_allclose(recording.positions_um, 1000 * fish.zbrain_mm.T, rtol=1e-15)
    assert f"given in {'mm' if scale == 1 else 'um'}" in notes(recording)


def test_one_neuron_far_away_does_not_change_the_unit(fish, tmp_path):
    fish.zbrain_mm[2, 7] = 400.0
    write(tmp_path / "a.h5", fish)
    np.testing.assert_array_equal(
        popcode.load(tmp_path / "a.h5").positions_um, 1000 * fish.zbrain_mm.T
    )


def test_raw_coordinates_alone_are_the_positions(fish, tmp_path):
    changes = {"Data__Brain__ZBrainCoordinates": None, "Data__Brain__Coordinates": fish.raw_mm}
    write(tmp_path / "a.h5", fish, **changes)
    recording = popcode.load(tmp_path / "a.h5")
    np.testing.assert_array_equal(recording.positions_um, 1000 * fish.raw_mm.T)
    assert "positions: coordinates of the microscope, of no atlas" in notes(recording)


def test_missing_positions_stay_missing_and_are_counted(fish, tmp_path):
    fish.zbrain_mm[:, 3] = np.nan
    fish.zbrain_mm[1, 5] = np.inf
    write(tmp_path / "a.h5", fish)
    recording = popcode.load(tmp_path / "a.h5")
    np.testing.assert_array_equal(recording.positions_um, 1000 * fish.zbrain_mm.T)
    assert "2 of 17 neurons without positions" in notes(recording)


def test_a_gap_in_the_times_starts_a_segment(fish, tmp_path):
    fish.times[20:] += 100
    fish.times[45:] += STEP_S  # one bin is missing
    write(tmp_path / "a.h5", fish)
    recording = popcode.load(tmp_path / "a.h5")
    assert recording.segment_starts.tolist() == [0, 20, 45]
    np.testing.assert_array_equal(recording.segment_start_s, fish.times[[0, 20, 45], 0])
    np.testing.assert_allclose(recording.bin_s, STEP_S, rtol=1e-12)  # of differences near 10
    assert "2 gaps in the times, 100.2 s missing" in notes(recording)


def test_times_rounded_to_10_ms_do_not_shorten_the_bins(fish, tmp_path):
    fish.times[:] = np.round(np.arange(N_BINS) / 30, 2)[:, None]
    write(tmp_path / "a.h5", fish)
    # 59 steps between two rounded ends
    assert popcode.load(tmp_path / "a.h5").bin_s == pytest.approx(1 / 30, abs=0.01 / 59)


def test_times_that_are_wrong(fish, tmp_path):
    fish.times[31, 0] = fish.times[30, 0]
    write(tmp_path / "a.h5", fish)
    assert "times, bin 31: the times do not increase" in refused(tmp_path / "a.h5")
    fish.times[8, 0] = np.nan
    write(tmp_path / "a.h5", fish)
    assert "times, bin 8: 1 time not finite" in refused(tmp_path / "a.h5")
    write(tmp_path / "a.h5", fish, Data__Brain__Times=np.zeros((2, N_BINS, 2)))
    assert "times of shape (2, 60, 2) for 60 bins" in refused(tmp_path / "a.h5")


def test_times_in_milliseconds_are_pointed_out(fish, tmp_path):
    write(tmp_path / "a.h5", fish, Data__Brain__Times=fish.times * 1000)
    assert "may be in milliseconds" in notes(popcode.load(tmp_path / "a.h5"))


def test_without_times_the_sampling_rate_counts(fish, tmp_path):
    write(tmp_path / "a.h5", fish, Data__Brain__Times=None, Metadata__sr=np.array([[4.0]]))
    recording = popcode.load(tmp_path / "a.h5")
    assert (recording.bin_s, recording.segment_start_s) == (0.25, None)
    write(tmp_path / "a.h5", fish, Data__Brain__Times=None, Metadata__sr=np.array(0.0))
    assert "the sampling rate is 0.0" in refused(tmp_path / "a.h5")
    write(tmp_path / "a.h5", fish, Data__Brain__Times=None)
    assert popcode.load(tmp_path / "a.h5", sampling_rate_hz=5.0).bin_s == 0.2
    recording = popcode.load(tmp_path / "a.h5")
    assert np.isnan(recording.bin_s)
    assert "neither times nor sampling rate" in notes(recording)


NAMES = ["Telencephalon -", "Pallium", "Pallium", "", "Spinal Cord"]
DISTINCT = ("Telencephalon -", "Pallium", "Pallium (2)", "region_3", "Spinal Cord")


@pytest.mark.parametrize("dtype", ["S", object])  # text of fixed and of any length
def test_region_names_from_the_file(fish, dtype, tmp_path):
    write(tmp_path / "a.h5", fish, Data__Brain__RegionNames=np.array(NAMES, dtype=dtype))
    assert popcode.load(tmp_path / "a.h5").region_names == DISTINCT


@pytest.mark.parametrize("folder", [".", "AtlasBrainRegions", "../../AtlasBrainRegions"])
def test_region_names_from_a_text_beside_it(fish, folder, tmp_path):
    here = tmp_path / "recordings" / "full"
    (here / folder).resolve().mkdir(parents=True, exist_ok=True)
    here.mkdir(parents=True, exist_ok=True)
    write(here / "a.h5", fish)
    plain = popcode.load(here / "a.h5")
    assert "put ZbrainRegions.txt beside the file" in notes(plain)
    listed = (here / folder).resolve() / "ZbrainRegions.txt"
    listed.write_text("\n".join(NAMES) + "\n\n", encoding="utf-8")
    recording = popcode.load(here / "a.h5")
    assert recording.region_names == DISTINCT
    assert recording.provenance[1]["sha256"] != plain.provenance[1]["sha256"]
    listed.write_text("one\ntwo\n", encoding="utf-8")
    assert "has 2 names for 5 regions: numbered instead" in notes(popcode.load(here / "a.h5"))


def test_neurons_without_a_label_are_counted(fish, tmp_path):
    fish.labels[0] = True
    fish.labels[:, [2, 9]] = False
    write(tmp_path / "a.h5", fish, Data__Brain__Labels=fish.labels.astype(np.float64))
    assert "2 of 17 neurons carry no label" in notes(popcode.load(tmp_path / "a.h5"))


def test_as_many_regions_as_neurons_lie_as_the_activity_does(fish, tmp_path):
    square = np.triu(np.ones((N_NEURONS, N_NEURONS), dtype=bool))
    for turned in (False, True):
        write(tmp_path / "a.h5", fish, turned=turned, Data__Brain__Labels=square)
        labels = popcode.load(tmp_path / "a.h5").region_labels
        np.testing.assert_array_equal(labels, square.T)


def test_labels_and_coordinates_that_are_wrong(fish, tmp_path):
    path = tmp_path / "a.h5"
    write(path, fish, Data__Brain__Labels=fish.labels[:, :-1])
    assert "labels: labels of shape (5, 16) for 17 neurons" in refused(path)
    write(path, fish, Data__Brain__Labels=fish.labels * 2.0)
    assert "labels hold the value 2.0" in refused(path)
    write(path, fish, Data__Brain__Labels=np.full((5, N_NEURONS), b"x"))
    assert "not numbers" in refused(path)
    changes = {"Data__Brain__RefCoords": fish.raw_mm[:2]}
    write(path, fish, **changes)
    assert "coordinates of shape (2, 17) for 17 neurons" in refused(path)


def test_what_fits_no_orientation_or_both_is_refused_with_the_shapes(fish, tmp_path):
    path = tmp_path / "a.h5"
    write(path, fish, Data__Brain__ZBrainCoordinates=fish.zbrain_mm[:, :-1])
    text = refused(path)
    assert "(60, 17) fits neither of (n_bins, n_neurons) and (n_neurons, n_bins)" in text
    assert "times (60, 4), zbrain (3, 16)" in text
    square = fish.spikes[:N_NEURONS]
    write(path, fish, **{SPIKES: square}, Data__Brain__Times=fish.times[:N_NEURONS])
    assert "fits both" in refused(path)


def test_labels_settle_the_orientation_where_nothing_else_does(fish, tmp_path):
    changes = {"Data__Brain__Times": None, "Data__Brain__ZBrainCoordinates": None}
    write(tmp_path / "a.h5", fish, turned=True, **changes)
    np.testing.assert_array_equal(popcode.load(tmp_path / "a.h5").activity, fish.spikes)


def test_stimulus_and_behaviour_are_covariates_where_they_fit(fish, tmp_path):
    tail = np.random.default_rng(1).normal(size=(2, N_BINS))
    changes = {
        "Data__Stimulus__Stim": np.arange(N_BINS)[None],
        "Data__Behavior": tail,
        "Other__stim": np.array(["on", "off"] * 30, dtype="S"),
        "Other__behav": np.zeros(3 * N_BINS),
    }
    write(tmp_path / "a.h5", fish, **changes)
    recording = popcode.load(tmp_path / "a.h5")
    assert sorted(recording.covariates) == ["Behavior", "Stim", "stim"]
    np.testing.assert_array_equal(recording.covariates["Stim"], np.arange(N_BINS))
    np.testing.assert_array_equal(recording.covariates["Behavior"], tail.T)
    assert recording.covariates["stim"].tolist() == ["on", "off"] * 30
    assert "Other/behav of shape (180,) has no value a bin: left out" in notes(recording)


def test_companions_nearest_to_the_activity_are_taken(fish, tmp_path):
    changes = {"Data__Behavior__Times": np.arange(999.0), "Data__Brain__not_neuropil": np.ones(17)}
    write(tmp_path / "a.h5", fish, **changes)
    recording = popcode.load(tmp_path / "a.h5")
    assert recording.segment_start_s.tolist() == [10.0]
    assert recording.neurons["not_neuropil"].tolist() == [1.0] * 17


def test_a_quiet_recording_is_flagged_as_the_article_would(fish, tmp_path):
    quiet = np.zeros_like(fish.spikes)
    quiet[::6, 0] = 1  # 10 spikes in 60 x 17 bins
    write(tmp_path / "a.h5", fish, **{SPIKES: quiet})
    text = " ".join(popcode.info(tmp_path / "a.h5").split())
    assert "mean activity 0.0098 spikes a neuron and bin, below the 0.02 at which" in text
    assert "below 0.02. Models may find little" in text
    write(tmp_path / "b.h5", fish)
    assert "mean activity" not in popcode.info(tmp_path / "b.h5")


@pytest.mark.parametrize("ending", [".npz", ".h5"])
def test_what_was_read_can_be_saved_and_read_again(fish, ending, tmp_path):
    names = np.array(["Di/encephalon", *NAMES[1:]], dtype="S")
    write(tmp_path / "a.h5", fish, Data__Stim=fish.dff[:, 0], Data__Brain__RegionNames=names)
    recording = popcode.load(tmp_path / "a.h5")
    popcode.save(recording, tmp_path / f"b{ending}")
    again = popcode.load(tmp_path / f"b{ending}")
    np.testing.assert_array_equal(again.activity, recording.activity)
    np.testing.assert_array_equal(again.positions_um, recording.positions_um)
    np.testing.assert_array_equal(again.region_labels, recording.region_labels)
    np.testing.assert_array_equal(again.covariates["Stim"], fish.dff[:, 0])
    assert (again.region_names, again.bin_s) == (recording.region_names, recording.bin_s)
    assert again.provenance[0] == recording.provenance[0]


def test_other_files_with_such_names_are_not_taken(fish, recording, tmp_path):
    popcode.save(recording, tmp_path / "native.h5")
    with h5py.File(tmp_path / "native.h5", "r+") as file:
        file["time_x/spikes"], file["time_x/times"] = fish.spikes, fish.times
    write(tmp_path / "nwb.h5", fish)
    with h5py.File(tmp_path / "nwb.h5", "r+") as file:
        file.attrs["nwb_version"] = "2.6.0"
    write(tmp_path / "matlab.h5", fish)
    with h5py.File(tmp_path / "matlab.h5", "r+") as file:
        file[SPIKES].attrs["MATLAB_class"] = np.bytes_("double")
    with h5py.File(tmp_path / "alone.h5", "w") as file:
        file["spikes"] = fish.spikes
    with h5py.File(tmp_path / "times.h5", "w") as file:
        file["spikes"], file["times"] = np.arange(10.0), np.arange(10.0)
    from popcode.io.zebrafish import ZEBRAFISH

    taken = [path.name for path in tmp_path.iterdir() if ZEBRAFISH.holds(path)]
    assert taken == []
    assert not ZEBRAFISH.holds(tmp_path)


@pytest.mark.parametrize(
    ("shape", "chunks"),
    [((60, 17), None), ((60, 17), (60, 2)), ((5000, 3000), (512, 700)), ((3, 10**7), (1, 10**7))],
)
def test_tiles_cover_every_entry_once(shape, chunks):
    covered = 0
    for rows, columns in tiles(shape, chunks, 8):
        covered += (rows.stop - rows.start) * (columns.stop - columns.start)
        if chunks is not None:
            assert (rows.start % chunks[0], columns.start % chunks[1]) == (0, 0)
    assert covered == shape[0] * shape[1]


@pytest.mark.parametrize(("n_bins", "message"), [(10**12, "GiB of memory"), (10**8, "is empty")])
def test_sizes_that_are_only_announced_are_refused(n_bins, message, fish, tmp_path):
    write(tmp_path / "a.h5", fish, **{SPIKES: None}, Data__Brain__Times=None)
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file.create_dataset(SPIKES, shape=(n_bins, N_NEURONS), dtype="u1", chunks=(10**4, 17))
    assert message in refused(tmp_path / "a.h5")


def test_damaged_files_are_one_error_or_still_a_recording(fish, tmp_path):
    path = tmp_path / "a.h5"
    write(path, fish, Data__Brain__Analysis__DFF=fish.dff)
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    rng = np.random.default_rng(2)
    for length in rng.integers(0, len(content), 60):
        path.write_bytes(content[:length].tobytes())
        refused(path)
    for _ in range(100):
        damaged = content.copy()
        where = rng.integers(0, len(content), 4)
        damaged[where] ^= rng.integers(1, 256, 4).astype(np.uint8)
        path.write_bytes(damaged.tobytes())
        try:
            popcode.load(path)
        except InputError as error:
            assert error.where.startswith(str(path))
