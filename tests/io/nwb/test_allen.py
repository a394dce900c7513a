"""A session in the layout of the Allen Institute, with types that only its extension knows."""

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError

IMAGES = "Natural_Images_Lum_Matched_set_ophys_G_2019"


def typed(group, neurodata_type, namespace="core"):
    group.attrs["neurodata_type"] = neurodata_type
    group.attrs["namespace"] = namespace
    return group


def table(file, path, n_rows, **columns):
    group = typed(file.create_group(path), "DynamicTable", "hdmf-common")
    group["id"] = np.arange(n_rows) if "id" not in columns else columns.pop("id")
    for name, values in columns.items():
        array = np.asarray(values)
        group[name] = array.astype(object if array.dtype.kind == "U" else array.dtype)
    return group


def write_allen(path, planted):
    """Six units on channels 10 to 60; channel ids are in another order than the units."""
    start = planted.start_s
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        cached = file.create_group("specifications/ndx-aibs-ecephys/0.2.0")
        cached["namespace"] = "{}"
        probes = [
            typed(
                file.create_group(f"general/extracellular_ephys/{name}"),
                "EcephysElectrodeGroup",
                "ndx-aibs-ecephys",
            )
            for name in ("probeA", "probeB")
        ]
        typed(file.create_group("general/metadata"), "BehaviorMetadata", "ndx-aibs-behavior")
        electrodes = table(
            file,
            "general/extracellular_ephys/electrodes",
            7,
            id=np.array([60, 50, 40, 30, 20, 10, 70]),
            location=np.array(["VISp6a", "", "LGd-ip", "CA1", "VISl2/3", "VISp5", "MRN"]),
            x=np.array([6.0, np.nan, 4, -1, 2, 1, 7]),
            y=np.array([60.0, np.nan, 40, -1, 20, 10, 70]),
            z=np.array([600.0, np.nan, 400, -1, 200, 100, 700]),
            probe_id=np.array([2, 2, 2, 1, 1, 1, 1]),
            probe_vertical_position=np.arange(7),
            valid_data=np.array([True, True, True, True, True, False, True]),
            group_name=np.array(["probeB"] * 3 + ["probeA"] * 4),
        )
        electrodes["group"] = np.array(
            [probes[1].ref] * 3 + [probes[0].ref] * 4, dtype=h5py.ref_dtype
        )
        units = table(
            file,
            "units",
            6,
            id=np.arange(1_000_000, 1_000_006),
            peak_channel_id=np.array([10, 20, 30, 40, 50, 60]),
            local_index=np.arange(6),
            quality=np.array(["good", "good", "noise", "good", "good", "good"]),
            isi_violations=np.array([0.0, 0.1, 0.1, 0.1, 0.1, 0.6]),
            amplitude_cutoff=np.array([0.01, 0.01, 0.01, 0.01, 0.01, 0.01]),
            presence_ratio=np.array([0.99, 0.99, 0.99, 0.99, 0.99, 0.99]),
        )
        ends = np.cumsum([len(times) for times in planted.times])
        for name in ("spike_times", "spike_amplitudes"):
            units[name] = np.concatenate(planted.times)
            units[f"{name}_index"] = ends
        units["waveform_mean"] = np.zeros((10, 3))
        units["waveform_mean_index"] = np.arange(6)
        # Images last 250 ms, every 750 ms; five in the task, five in the passive replay.
        onsets = start + np.concatenate([0.1 + 0.3 * np.arange(5), 3.1 + 0.3 * np.arange(5)])
        table(
            file,
            f"intervals/{IMAGES}_presentations",
            10,
            start_time=onsets,
            stop_time=np.where(np.arange(10) == 3, np.nan, onsets + 0.1),
            stimulus_name=np.array([IMAGES] * 10),
            stimulus_block=np.repeat([0.0, 5.0], 5),
            image_name=np.array(["im036", "im036", "im111", "omitted", "im111"] * 2),
            active=np.repeat([True, False], 5),
            is_change=np.array([0, 0, 1, 0, 0] * 2, dtype=bool),
            omitted=np.array([0, 0, 0, 1, 0] * 2, dtype=bool),
        )
        table(
            file,
            "intervals/spontaneous_presentations",
            1,
            start_time=np.array([start + 2.0]),
            stop_time=np.array([start + 2.5]),
            stimulus_name=np.array(["spontaneous"]),
        )
        table(
            file,
            "intervals/trials",
            2,
            start_time=np.array([start + 0.1, start + 1.0]),
            stop_time=np.array([start + 0.9, start + 1.5]),
            go=np.array([True, False]),
            change_image_name=np.array(["im111", "im036"]),
            reward_volume=np.array([0.005, 0.0]),
        )
        speed = typed(file.create_group("processing/running/speed"), "TimeSeries")
        speed["timestamps"] = start + 1.0 + 0.016 * np.arange(200)
        speed["data"] = 10 * speed["timestamps"][()]
        speed["data"].attrs.update({"conversion": 1.0, "unit": "cm/s"})
    return path


@pytest.fixture
def path(planted, tmp_path):
    return write_allen(tmp_path / "ecephys_session_1.nwb", planted)


@pytest.fixture
def recording(path):
    return popcode.load(path)


def test_the_extension_is_not_needed(path, recording, planted):
    pynwb = pytest.importorskip("pynwb")
    with pytest.raises(Exception, match=r"."), pynwb.NWBHDF5IO(path, "r") as io:
        io.read()
    np.testing.assert_array_equal(recording.activity, planted.counts)
    assert recording.neurons["id"].tolist() == list(range(1_000_000, 1_000_006))


def test_areas_and_positions_are_those_of_the_peak_channel(recording):
    table = recording.neurons
    assert table["location"].tolist() == ["VISp5", "VISl2/3", "CA1", "LGd-ip", "", "VISp6a"]
    assert table["region"].tolist() == ["VISp", "VISl", "CA1", "LGd", "", "VISp"]
    assert table["probe"].tolist() == ["probeA"] * 3 + ["probeB"] * 3
    assert table["valid_data"].tolist() == [False] + [True] * 5
    nan = [np.nan] * 3
    np.testing.assert_array_equal(
        recording.positions_um,
        [[1, 10, 100], [2, 20, 200], nan, [4, 40, 400], nan, [6, 60, 600]],
    )


def test_presets(path, recording, planted):
    allen = popcode.load(path, quality="allen")  # without the invalid, the nowhere, the unclean
    assert (allen.neurons["id"] - 1_000_000).tolist() == [1, 2, 3]
    np.testing.assert_array_equal(allen.activity, planted.counts[:, 1:4])
    assert popcode.load(path, quality="good").n_neurons == 5


def test_stimuli_are_told_for_every_bin(recording, planted):
    middle = (np.arange(recording.n_bins) + 0.5) * planted.bin_s
    stimulus, image = recording.covariates["stimulus"], recording.covariates["image_name"]
    onset = np.concatenate([0.1 + 0.3 * np.arange(5), 3.1 + 0.3 * np.arange(5)])
    shown = (middle[:, None] >= onset) & (middle[:, None] < onset + 0.1)
    quiet = (middle >= 2.0) & (middle < 2.5)
    expected = np.where(shown.any(axis=1), IMAGES, np.where(quiet, "spontaneous", ""))
    np.testing.assert_array_equal(stimulus, expected)
    names = np.array(["im036", "im036", "im111", "omitted", "im111"] * 2)
    np.testing.assert_array_equal(
        image, np.where(shown.any(axis=1), names[shown.argmax(axis=1)], "")
    )
    for name, which in (("is_change", 2), ("omitted", 3)):
        flag = np.where(shown.any(axis=1), shown.argmax(axis=1) % 5 == which, -1)
        np.testing.assert_array_equal(recording.covariates[name], flag)


def test_a_block_lasts_through_the_grey_between_its_images(recording, planted):
    middle = (np.arange(recording.n_bins) + 0.5) * planted.bin_s
    task, replay = (middle >= 0.1) & (middle < 1.4), (middle >= 3.1) & (middle < 4.4)
    np.testing.assert_array_equal(
        recording.covariates["active"], np.select([task, replay], [1, 0], -1)
    )
    np.testing.assert_array_equal(
        recording.covariates["stimulus_block"], np.select([task, replay], [0, 5], -1)
    )


def test_trials_and_their_conditions(recording, planted):
    middle = (np.arange(recording.n_bins) + 0.5) * planted.bin_s
    inside = [(middle >= 0.1) & (middle < 0.9), (middle >= 1.0) & (middle < 1.5)]
    covariates = recording.covariates
    np.testing.assert_array_equal(covariates["trial"], np.select(inside, [0, 1], -1))
    np.testing.assert_array_equal(covariates["trial_go"], np.select(inside, [1, 0], -1))
    np.testing.assert_array_equal(
        covariates["trial_change_image_name"], np.select(inside, ["im111", "im036"], "")
    )
    volume = covariates["trial_reward_volume"]
    np.testing.assert_array_equal(volume, np.select(inside, [0.005, 0.0], np.nan))
    assert "trial_start_time" not in covariates


def test_running_speed_is_interpolated_and_nowhere_made_up(recording, planted):
    middle = planted.start_s + (np.arange(recording.n_bins) + 0.5) * planted.bin_s
    speed = recording.covariates["running_speed"]
    sampled = (middle > planted.start_s + 1.0) & (middle < planted.start_s + 1.0 + 0.016 * 199)
    np.testing.assert_array_equal(np.isnan(speed), ~sampled)
    # float32 holds 30,000 to 0.002
    np.testing.assert_allclose(speed[sampled], 10 * middle[sampled], atol=0.004)


def test_damaged_side_tables_do_not_stop_the_reading(path, planted):
    with h5py.File(path, "r+") as file:
        del file["intervals/trials/stop_time"]
        del file["processing/running/speed/timestamps"]
        file["processing/running/speed/timestamps"] = np.arange(3.0)
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, planted.counts)
    assert "trial" not in recording.covariates
    text = " ".join(popcode.info(path).split())
    assert "intervals/trials left out: /intervals/trials has no column 'stop_time'" in text
    assert "speed left out: /processing/running/speed has 200 samples and 3 timestamps" in text


def test_all_survives_the_native_file(recording, tmp_path):
    popcode.save(recording, tmp_path / "a.npz")
    again = popcode.load(tmp_path / "a.npz")
    np.testing.assert_array_equal(again.activity, recording.activity)
    assert list(again.covariates) == list(recording.covariates)
    for name, values in recording.covariates.items():
        np.testing.assert_array_equal(again.covariates[name], values)


def test_a_missing_metric_is_named(path):
    with h5py.File(path, "r+") as file:
        del file["units/presence_ratio"]
    with pytest.raises(InputError, match="needs the unit column presence_ratio"):
        popcode.load(path, quality="allen")
