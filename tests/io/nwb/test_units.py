"""Units of NWB files: what pynwb writes is what is read, and what is damaged is refused."""

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError

LOCATIONS = ["VISp2/3", "CA1", "LGd-sh", "VISl6a", "unknown", "SSp-bfd4"]
AREAS = ["VISp", "CA1", "LGd", "VISl", "", "SSp-bfd"]


def notes_of(recording) -> str:
    return "; ".join(note for step in recording.provenance for note in step.get("notes", ()))


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def with_electrodes(nwb, n_units):
    """Electrodes in the reverse order of the units that sit on them."""
    group = nwb.create_electrode_group(
        "probeA", description="", location="", device=nwb.create_device("probe")
    )
    for k in reversed(range(n_units)):
        nwb.add_electrode(location=LOCATIONS[k], group=group, x=1.0 * k, y=2.0 * k, z=np.nan)


@pytest.fixture
def session(tools, planted):
    """Units with two electrodes each, of which the first counts; None where a test sets more."""
    nwb = tools.new_file()
    n_units = len(planted.times)
    with_electrodes(nwb, n_units)
    nwb.add_unit_column("quality", "label")
    nwb.add_unit_column("snr", "number")
    nwb.add_unit_column("kept", "flag")
    for unit, times in enumerate(planted.times):
        nwb.add_unit(
            spike_times=times,
            electrodes=[n_units - 1 - unit, 0],
            quality="good" if unit % 2 else "noise",
            snr=0.5 * unit,
            kept=unit > 2,
            id=100 + unit,
        )
    return nwb


def test_counts_clock_and_columns_are_those_written(session, tools, planted, tmp_path):
    path = tools.written(session, tmp_path / "a.nwb")
    recording = popcode.load(path, bin_s=planted.bin_s)
    np.testing.assert_array_equal(recording.activity, planted.counts)
    assert recording.activity.dtype == np.uint8
    assert (recording.kind, recording.bin_s) == ("counts", planted.bin_s)
    assert recording.segment_start_s.tolist() == [planted.start_s]
    table = recording.neurons
    assert table["id"].tolist() == list(range(100, 106))
    assert table["region"].tolist() == AREAS
    assert table["location"].tolist() == LOCATIONS
    assert table["quality"].tolist() == ["noise", "good"] * 3
    assert table["snr"].tolist() == [0.5 * unit for unit in range(6)]
    assert table["kept"].tolist() == [False] * 3 + [True] * 3
    assert table["kept"].dtype == bool
    assert table["x_um"].tolist() == [1.0 * unit for unit in range(6)]
    assert table["y_um"].tolist() == [2.0 * unit for unit in range(6)]
    assert table["z_um"].isna().all()
    assert table["probe"].tolist() == ["probeA"] * 6
    first, *_, last = recording.provenance
    assert (first["session_id"], first["subject_id"]) == ("session-7", "mouse-3")
    assert (last["format"], len(last["sha256"])) == ("nwb", 64)
    assert "1 of 6 units have no region ('location')" in notes_of(recording)


def test_layers_are_kept_where_asked(session, tools, tmp_path):
    path = tools.written(session, tmp_path / "a.nwb")
    assert popcode.load(path, keep_layers=True).neurons["region"].tolist() == [
        "" if name == "unknown" else name for name in LOCATIONS
    ]


def test_the_default_bin_is_20_ms(session, tools, planted, tmp_path):
    path = tools.written(session, tmp_path / "a.nwb")
    assert popcode.load(path).bin_s == 0.02
    wide = popcode.load(path, bin_s=2 * planted.bin_s)
    np.testing.assert_array_equal(
        wide.activity, planted.counts.reshape(150, 2, 6).sum(axis=1, dtype=np.uint8)
    )


def test_quality_and_rate_drop_units(session, tools, planted, tmp_path):
    path = tools.written(session, tmp_path / "a.nwb")
    good = popcode.load(path, quality="good")
    assert good.neurons["id"].tolist() == [101, 103, 105]
    np.testing.assert_array_equal(good.activity, planted.counts[:, 1::2])
    message = refused(path, quality="allen")
    assert "isi_violations, amplitude_cutoff, presence_ratio" in message
    assert "no unit reaches 1000 spikes a second" in refused(path, min_rate_hz=1000)


def test_invalid_times_are_cut_out(session, tools, planted, tmp_path):
    start = planted.start_s
    # From inside bin 100 to inside bin 149: both go, as bins that are only partly valid.
    session.add_invalid_time_interval(start + 100.5 * 0.02, start + 149.5 * 0.02)
    path = tools.written(session, tmp_path / "a.nwb")
    recording = popcode.load(path)
    assert recording.segment_starts.tolist() == [0, 100]
    second = recording.segment_start_s[1]
    np.testing.assert_array_equal(recording.activity[:100], planted.counts[:100])
    # The second segment has a grid of its own, from where validity begins again.
    assert second == pytest.approx(start + 149.5 * 0.02, abs=1e-9)
    all_times = np.concatenate(planted.times)
    assert recording.activity[100:].sum() == (all_times >= second).sum()
    assert "1 invalid times cut out, 0.98 s" in notes_of(recording)


def test_intervals_of_observation_are_all_that_is_kept(tools, planted, tmp_path):
    nwb = tools.new_file()
    start = planted.start_s
    for times in planted.times:
        nwb.add_unit(spike_times=times, obs_intervals=[[start, start + 2], [start + 4, start + 6]])
    recording = popcode.load(tools.written(nwb, tmp_path / "a.nwb"))
    assert recording.segment_start_s.tolist() == [start, start + 4]
    np.testing.assert_array_equal(recording.activity[:100], planted.counts[:100])
    np.testing.assert_array_equal(recording.activity[100:], planted.counts[200:])


def test_different_intervals_of_observation_are_said(tools, planted, tmp_path):
    nwb = tools.new_file()
    for unit, times in enumerate(planted.times):
        nwb.add_unit(spike_times=times, obs_intervals=[[planted.start_s - unit, 4000.0]])
    recording = popcode.load(tools.written(nwb, tmp_path / "a.nwb"))
    np.testing.assert_array_equal(recording.activity, planted.counts)
    assert "observed at different times" in notes_of(recording)


def test_an_area_of_the_unit_wins_over_that_of_its_electrode(tools, planted, tmp_path):
    nwb = tools.new_file()
    with_electrodes(nwb, 6)
    nwb.add_unit_column("brain_area", "where")
    for times in planted.times:
        nwb.add_unit(spike_times=times, electrodes=[0], brain_area="MOs5")
    recording = popcode.load(tools.written(nwb, tmp_path / "a.nwb"))
    assert set(recording.neurons["region"]) == {"MOs"}
    assert set(recording.neurons["location"]) == {"SSp-bfd4"}


def test_holes_of_every_spelling_become_one(tools, planted, tmp_path):
    holes = ["CA1", "nan", "None", "unknown", " ", "N/A"]
    path = tools.write_units(tmp_path / "a.nwb", planted.times, region=np.array(holes, dtype="S7"))
    recording = popcode.load(path)
    assert recording.neurons["region"].tolist() == ["CA1", "", "", "", "", ""]
    assert "5 of 6 units have no region ('region')" in notes_of(recording)


def test_units_without_an_electrode(tools, planted, tmp_path):
    nwb = tools.new_file()
    with_electrodes(nwb, 6)
    for unit, times in enumerate(planted.times):
        nwb.add_unit(spike_times=times, electrodes=[0] if unit else [])
    recording = popcode.load(tools.written(nwb, tmp_path / "a.nwb"))
    assert recording.neurons["region"].tolist() == [""] + ["SSp-bfd"] * 5
    assert np.isnan(recording.positions_um[0]).all()
    assert "1 of 6 units have no electrode" in notes_of(recording)


def test_columns_of_many_values_are_left_out_and_named(tools, planted, tmp_path):
    nwb = tools.new_file()
    for times in planted.times:
        nwb.add_unit(spike_times=times, waveform_mean=np.zeros(30), waveforms=None)
    recording = popcode.load(tools.written(nwb, tmp_path / "a.nwb"))
    assert "waveform_mean" not in recording.neurons
    assert "more than one value a unit left out: waveform_mean" in notes_of(recording)


def test_silent_units_and_spikes_of_no_unit(tools, planted, tmp_path):
    times = [*planted.times, np.empty(0)]
    path = tools.write_units(tmp_path / "a.nwb", times)
    assert popcode.load(path).activity[:, -1].sum() == 0
    with h5py.File(path, "r+") as file:
        file["units/spike_times_index"][-2:] -= 3
    assert "3 spike times at the end belong to no unit" in notes_of(popcode.load(path))


def test_times_that_go_back_or_are_negative_are_said(tools, planted, tmp_path):
    shuffled = [times[::-1] - planted.start_s - 2 for times in planted.times]
    recording = popcode.load(tools.write_units(tmp_path / "a.nwb", shuffled))
    np.testing.assert_array_equal(recording.activity, planted.counts)
    assert recording.segment_start_s[0] == pytest.approx(-2)
    assert "times of 6 units go backwards" in notes_of(recording)
    assert "spikes before time 0, the first at -2 s" in notes_of(recording)


def test_samples_are_no_seconds(tools, planted, tmp_path):
    path = tools.write_units(tmp_path / "a.nwb", planted.times)
    with h5py.File(path, "r+") as file:
        samples = np.rint(file["units/spike_times"][()] * 30_000).astype(np.int64)
        del file["units/spike_times"]
        file["units/spike_times"] = samples
    assert "samples, not seconds" in refused(path)
    recording = popcode.load(path, sampling_rate_hz=30_000)
    np.testing.assert_array_equal(recording.activity, planted.counts)


@pytest.fixture
def damaged(tools, planted, tmp_path):
    """A file in which a test replaces data sets of /units."""
    path = tools.write_units(tmp_path / "a.nwb", planted.times)

    def damage(**changes):
        with h5py.File(path, "r+") as file:
            for name, values in changes.items():
                if name in file["units"]:
                    del file["units"][name]
                if values is not None:
                    file["units"][name] = values
        return path

    return damage


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"spike_times_index": None}, "spike_times but no spike_times_index"),
        ({"spike_times_index": np.arange(5)}, "has 5 entries; expected 6"),
        ({"spike_times_index": np.array([5, 4, 6, 7, 8, 9])}, "row 1: spike_times_index"),
        ({"spike_times_index": np.arange(6) * 10**6}, "reaches 5,000,000; spike_times holds"),
        ({"spike_times": None}, "no column of spike_times"),
        ({"id": None}, "has no column 'id'"),
        ({"id": np.array([0, 1, 2, 3, 4, 1])}, "unit id 1: "),
        ({"snr": np.zeros(4)}, "the column 'snr' of /units has 4 rows; expected 6"),
    ],
)
def test_damaged_tables_are_refused(changes, message, damaged):
    assert message in refused(damaged(**changes))


def test_a_table_without_a_spike_is_refused(tools, tmp_path):
    assert "spike" in refused(tools.write_units(tmp_path / "a.nwb", [np.empty(0)] * 3))


def test_times_that_are_not_finite_are_refused(damaged, planted):
    times = np.concatenate(planted.times)
    times[5] = np.nan
    assert "spike 5 is at nan s" in refused(damaged(spike_times=times))


def test_electrodes_beyond_the_table_are_refused(session, tools, tmp_path):
    path = tools.written(session, tmp_path / "a.nwb")
    with h5py.File(path, "r+") as file:
        file["units/electrodes"][0] = 17
    assert "points to row 17 of 6 electrodes" in refused(path)


def test_tables_without_units_are_refused(tools, tmp_path):
    path = tools.write_units(tmp_path / "a.nwb", [])
    assert "the table /units holds no units" in refused(path)
    with h5py.File(path, "r+") as file:
        del file["units"]
    assert "no units with spike times and no series" in refused(path)


def test_the_first_version_of_nwb_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.nwb", "w") as file:
        file["nwb_version"] = "NWB-1.0.6"
        for name in ("general", "file_create_date", "session_start_time", "identifier"):
            file.create_group(name)
    assert "NWB version 1" in refused(tmp_path / "a.nwb")


def test_native_files_are_not_taken_for_nwb(tools, planted, tmp_path):
    recording = popcode.load(tools.write_units(tmp_path / "a.nwb", planted.times))
    popcode.save(recording, tmp_path / "b.h5")
    again = popcode.load(tmp_path / "b.h5")
    assert again.provenance[-1]["format"] == "h5"
    np.testing.assert_array_equal(again.activity, recording.activity)


def test_files_cut_short_are_one_error(session, tools, tmp_path):
    content = tools.written(session, tmp_path / "a.nwb").read_bytes()
    for length in np.random.default_rng(0).integers(8, len(content), 40):
        (tmp_path / "b.nwb").write_bytes(content[:length])
        refused(tmp_path / "b.nwb")


def test_files_with_changed_bytes_are_read_or_refused(session, tools, tmp_path):
    content = np.frombuffer(tools.written(session, tmp_path / "a.nwb").read_bytes(), np.uint8)
    rng = np.random.default_rng(1)
    for turn in range(80):
        damaged = content.copy()
        reach = len(content) if turn % 2 else 4000  # every other time in what the groups are
        where = rng.integers(0, reach, 4)
        damaged[where] ^= rng.integers(1, 256, 4).astype(np.uint8)
        (tmp_path / "b.nwb").write_bytes(damaged.tobytes())
        try:
            assert isinstance(popcode.load(tmp_path / "b.nwb"), popcode.Recording)
        except InputError as error:
            assert error.remedy


def test_more_spikes_than_memory_are_refused(tools, planted, tmp_path):
    path = tools.write_units(tmp_path / "a.nwb", planted.times)
    with h5py.File(path, "r+") as file:
        del file["units/spike_times"]
        file["units"].create_dataset("spike_times", shape=(10**14,), dtype="f8", chunks=(10**6,))
    assert "GiB of memory" in refused(path)


def test_info_tells_what_a_session_holds(session, tools, tmp_path):
    text = popcode.info(tools.written(session, tmp_path / "a.nwb"))
    assert "  file        nwb, " in text
    assert "  regions     " in text
    assert "units have no region" in " ".join(text.split())
