"""pynapple's objects: stand-ins that have only what is used, and the library where it is."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import popcode
from popcode.errors import InputError
from popcode.recording.spike_times import LabelledSpikes, count_spikes

SPAN_S = 40.0


def trains(seed=0, n_spikes=400):
    rng = np.random.default_rng(seed)
    return {key: np.sort(rng.random(n_spikes)) * SPAN_S for key in (3, 7, 21)}


def epochs(*bounds):
    return SimpleNamespace(values=np.array(bounds, dtype=float).reshape(-1, 2))


class Group(dict):
    """A group of spike trains as an old pynapple has it, without metadata."""

    def __init__(self, trains, support):
        super().__init__({key: SimpleNamespace(t=times) for key, times in trains.items()})
        self.time_support = support


def frame(values, times, support=None, columns=None, **more):
    return SimpleNamespace(
        values=values,
        t=times,
        columns=list(range(values.shape[1])) if columns is None else columns,
        time_support=epochs([times[0], times[-1]]) if support is None else support,
        **more,
    )


def labelled(trains):
    times = np.concatenate(list(trains.values()))
    return LabelledSpikes(times, np.repeat(np.arange(3), [len(t) for t in trains.values()]), 3)


def test_a_group_is_counted_in_its_epochs():
    spikes = trains()
    support = epochs([1.0, 11.0], [20.0, 30.05])
    recording = popcode.load(Group(spikes, support), bin_s=0.1)
    expected = count_spikes(labelled(spikes), 0.1, valid_s=support.values)
    np.testing.assert_array_equal(recording.activity, expected.counts)
    assert recording.segment_starts.tolist() == [0, 100]
    assert recording.segment_start_s.tolist() == [1.0, 20.0]
    assert recording.neurons["id"].tolist() == [3, 7, 21]
    step = recording.provenance[-1]
    assert step["step"] == "load"
    assert step["format"] == "object in memory"
    assert step["path"].endswith("test_pynapple.Group")
    assert "neurons     id" in popcode.info(recording)


def test_a_support_from_first_to_last_spike_says_nothing():
    spikes = trains()
    every = np.concatenate(list(spikes.values()))
    recording = popcode.load(Group(spikes, epochs([every.min(), every.max()])))
    np.testing.assert_array_equal(recording.activity, count_spikes(labelled(spikes), 0.02).counts)
    assert recording.activity.sum() == 1200, "the last spike has its bin"
    earlier = popcode.load(Group(spikes, epochs([every.min() - 1, every.max()])))
    assert earlier.segment_start_s.tolist() == [every.min() - 1], "this one was given"


def test_metadata_become_columns():
    group = Group(trains(), epochs([0.0, SPAN_S]))
    group.metadata = pd.DataFrame(
        {
            "location": ["CA1", None, "DG"],
            "rate": [1.0, 2.0, 3.0],
            "waveform": [np.zeros(3), np.ones(3), np.ones(2)],
            "quality": ["good", "mua", "good"],
        },
        index=[3, 7, 21],
    )
    recording = popcode.load(group, quality="good")
    table = recording.neurons
    assert table["id"].tolist() == [3, 21]
    assert table["region"].tolist() == ["CA1", "DG"]
    assert table["rate"].tolist() == [1.0, 3.0]
    left_out = "column 'waveform' left out: neither numbers nor text"
    assert recording.provenance[0]["notes"][0] == left_out


def test_a_frame_is_a_recording_with_its_time():
    rng = np.random.default_rng(0)
    times = np.concatenate([np.arange(50), np.arange(80, 100)]) * 0.05 + 3.0
    values = rng.normal(size=(70, 4))
    metadata = pd.DataFrame({"cell": list("wxyz")}, index=list("abcd"))
    support = epochs([3.0, 3.99], [4.0, 9.0])
    recording = popcode.load(frame(values, times, support, list("abcd"), metadata=metadata))
    np.testing.assert_array_equal(recording.activity, values.astype(np.float32))
    assert recording.kind == "dff"
    assert recording.bin_s == pytest.approx(0.05, rel=1e-9)
    assert recording.segment_starts.tolist() == [0, 20, 50], "an epoch, then a jump"
    np.testing.assert_array_equal(recording.segment_start_s, times[[0, 20, 50]])
    assert recording.neurons["id"].tolist() == list("abcd")
    assert recording.neurons["cell"].tolist() == list("wxyz")


def test_frames_a_second_apart_are_a_second_apart():
    assert popcode.load(frame(np.random.default_rng(0).random((9, 2)), np.arange(9.0))).bin_s == 1


def test_bins_of_a_frame_are_merged_to_the_width_asked_for():
    values = np.random.default_rng(0).random((100, 3))
    recording = popcode.load(frame(values, np.arange(100) * 0.05), bin_s=0.1)
    assert recording.n_bins == 50
    # Means of two float32 values.
    np.testing.assert_allclose(recording.activity, values.reshape(50, 2, 3).mean(axis=1), rtol=1e-6)


@pytest.mark.parametrize("source", [np.eye(3), None, 3.0, {"a": 1}, SimpleNamespace(t=[1.0])])
def test_other_objects_are_refused(source):
    with pytest.raises(InputError, match="no path and no object that can be read") as caught:
        popcode.load(source)
    assert type(source).__name__ in caught.value.where
    assert "popcode.Recording(array" in caught.value.remedy


def test_what_is_wrong_names_the_object():
    values = np.random.default_rng(0).random((9, 2))
    values[4, 1] = np.nan
    with pytest.raises(InputError, match=r"SimpleNamespace, neuron 1, bin 4: activity holds 1 NaN"):
        popcode.load(frame(values, np.arange(9) * 0.1))
    with pytest.raises(InputError, match="Group: its time support is empty"):
        popcode.load(Group(trains(), epochs()))
    with pytest.raises(InputError, match="bin_s is -1"):
        popcode.load(Group(trains(), epochs([0.0, 1.0])), bin_s=-1)


def test_neither_library_is_imported():
    code = (
        "import sys, popcode\ntry: popcode.load(3.0)\nexcept popcode.InputError: pass\n"
        "assert not {'pynapple', 'spikeinterface'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_real_groups_are_counted_as_pynapple_counts():
    nap = pytest.importorskip("pynapple")
    spikes = trains()
    group = nap.TsGroup(
        {key: nap.Ts(times) for key, times in spikes.items()},
        time_support=nap.IntervalSet([1.0, 20.0], [11.0, 30.0]),
        metadata={"region": ["a", "b", "c"]},
    )
    recording = popcode.load(group, bin_s=0.5)
    np.testing.assert_array_equal(recording.activity, group.count(0.5).values)
    assert recording.segment_starts.tolist() == [0, 20]
    assert recording.neurons["region"].tolist() == ["a", "b", "c"]
    assert recording.neurons["id"].tolist() == [3, 7, 21]


def test_real_frames_of_counts_are_the_same_recording():
    nap = pytest.importorskip("pynapple")
    group = nap.TsGroup(
        {key: nap.Ts(times) for key, times in trains().items()},
        time_support=nap.IntervalSet([1.0, 20.0], [11.0, 30.0]),
    )
    counts = popcode.load(group.count(0.5))
    direct = popcode.load(group, bin_s=0.5)
    np.testing.assert_array_equal(counts.activity, direct.activity)
    np.testing.assert_array_equal(counts.segment_starts, direct.segment_starts)
    assert counts.bin_s == pytest.approx(0.5, rel=1e-9)  # a mean of differences of times
    assert counts.neurons["id"].tolist() == direct.neurons["id"].tolist()
