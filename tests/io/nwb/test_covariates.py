"""Trials and epochs as pynwb writes them, one value a bin."""

import h5py
import numpy as np
import pytest

import popcode


@pytest.fixture
def session(tools, planted):
    nwb = tools.new_file()
    for times in planted.times:
        nwb.add_unit(spike_times=times)
    return nwb


@pytest.fixture
def middle(planted):
    """Middle of every bin, in seconds from the first."""
    return (np.arange(len(planted.counts)) + 0.5) * planted.bin_s


def test_trials_of_any_session(session, tools, planted, middle, tmp_path):
    session.add_trial_column("side", "of the stimulus")
    session.add_trial_column("contrast", "in percent")
    for trial, side in enumerate(["left", "right", "left"]):
        start = planted.start_s + 1 + trial
        session.add_trial(start, start + 0.5, side=side, contrast=12.5 * trial)
    recording = popcode.load(tools.written(session, tmp_path / "a.nwb"))
    inside = [(middle >= 1 + k) & (middle < 1.5 + k) for k in range(3)]
    covariates = recording.covariates
    assert list(covariates) == ["trial", "trial_contrast", "trial_side"]
    np.testing.assert_array_equal(covariates["trial"], np.select(inside, [0, 1, 2], -1))
    np.testing.assert_array_equal(
        covariates["trial_side"], np.select(inside, ["left", "right", "left"], "")
    )
    np.testing.assert_array_equal(
        covariates["trial_contrast"], np.select(inside, [0, 12.5, 25], np.nan)
    )


def test_columns_with_a_value_of_its_own_for_every_trial_are_no_conditions(
    session, tools, planted, tmp_path
):
    session.add_trial_column("latency", "in seconds")
    session.add_trial_column("remark", "")
    for trial in range(120):
        start = planted.start_s + 0.05 * trial
        session.add_trial(start, start + 0.04, latency=0.001 * trial, remark="long " * 20)
    recording = popcode.load(tools.written(session, tmp_path / "a.nwb"))
    assert list(recording.covariates) == ["trial"]


def test_epochs_are_named_by_their_first_tag(session, tools, planted, middle, tmp_path):
    start = planted.start_s
    session.add_epoch(start + 1, start + 2, ["baseline", "dark"])
    session.add_epoch(start + 2, start + 4, ["task"])
    recording = popcode.load(tools.written(session, tmp_path / "a.nwb"))
    inside = [(middle >= 1) & (middle < 2), (middle >= 2) & (middle < 4)]
    np.testing.assert_array_equal(
        recording.covariates["epoch"], np.select(inside, ["baseline", "task"], "")
    )


def test_bins_of_every_segment_have_the_time_of_their_own(session, tools, planted, tmp_path):
    start = planted.start_s
    session.add_invalid_time_interval(start + 1, start + 3)
    session.add_trial(start + 0.5, start + 3.5)
    session.add_trial(start + 4, start + 5)
    recording = popcode.load(tools.written(session, tmp_path / "a.nwb"))
    trial = recording.covariates["trial"]
    expected = np.r_[np.full(25, -1), np.zeros(25), np.zeros(25), np.full(25, -1), np.ones(50)]
    assert recording.segment_starts.tolist() == [0, 50]
    np.testing.assert_array_equal(trial[:150], expected)


def test_other_tables_of_intervals_are_named(session, tools, tmp_path):
    path = tools.written(session, tmp_path / "a.nwb")
    with h5py.File(path, "r+") as file:
        file.create_group("intervals/rewards")
    assert "tables of intervals not read: rewards" in " ".join(popcode.info(path).split())


def test_running_speed_in_a_container_with_a_conversion(session, tools, planted, tmp_path):
    pynwb = pytest.importorskip("pynwb")
    speed = pynwb.TimeSeries(
        name="running_speed",
        data=np.arange(3000.0),
        unit="m/s",
        conversion=0.01,
        starting_time=planted.start_s,
        rate=400.0,
    )
    module = session.create_processing_module("behavior", "")
    module.add(pynwb.behavior.BehavioralTimeSeries(time_series=speed, name="running"))
    recording = popcode.load(tools.written(session, tmp_path / "a.nwb"))
    middle = (np.arange(recording.n_bins) + 0.5) * planted.bin_s
    # float32 of values up to 24
    np.testing.assert_allclose(
        recording.covariates["running_speed"], 0.01 * 400 * middle, atol=1e-5
    )


IMAGES = 1065905010 + np.arange(8)  # as in Allen files: float32 holds one in 64 of such numbers

LARGE = np.append(2**60 + np.arange(7), -1)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (IMAGES, IMAGES),
        (IMAGES.astype(np.uint64), IMAGES),
        (IMAGES * 0.1, IMAGES * 0.1),
        (np.arange(8) - 1, np.arange(8) - 1.0),
        (LARGE, LARGE.astype(str)),
        (LARGE.astype(np.uint64), LARGE.astype(np.uint64).astype(str)),
    ],
)
def test_conditions_that_differ_stay_different(column, expected, tools, planted, tmp_path):
    path = tools.write_units(tmp_path / "a.nwb", planted.times)
    starts = planted.start_s + 0.5 * np.arange(8)
    with h5py.File(path, "r+") as file:
        table = file.create_group("intervals/trials")
        table["id"], table["start_time"], table["stop_time"] = np.arange(8), starts, starts + 0.4
        table["image_id"] = column
    covariates = popcode.load(path).covariates
    found = covariates["trial_image_id"]
    assert found.dtype.kind == expected.dtype.kind
    assert found.dtype.itemsize >= expected.dtype.itemsize
    inside = covariates["trial"] >= 0
    np.testing.assert_array_equal(found[inside], expected[covariates["trial"][inside]])
    nothing = {"i": -1, "f": np.nan, "U": ""}[found.dtype.kind]
    np.testing.assert_array_equal(found[~inside], np.full((~inside).sum(), nothing))
    assert nothing not in expected.tolist()


def test_an_epoch_within_an_epoch(session, tools, planted, middle, tmp_path):
    start = planted.start_s
    session.add_epoch(start + 1, start + 5, ["task"])
    session.add_epoch(start + 2, start + 3, ["sub"])
    epoch = popcode.load(tools.written(session, tmp_path / "a.nwb")).covariates["epoch"]
    inside = [(middle >= 2) & (middle < 3), (middle >= 1) & (middle < 5)]
    np.testing.assert_array_equal(epoch, np.select(inside, ["sub", "task"], ""))
