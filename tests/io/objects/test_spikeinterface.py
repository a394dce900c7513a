"""Sortings of spikeinterface: a stand-in, and the library where it is."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.recording.spike_times import LabelledSpikes, count_spikes

RATE_HZ = 30_000.0
IDS = ("a", "b", "c")


def samples(seed=0, n_spikes=500, span_s=30.0):
    rng = np.random.default_rng(seed)
    return {unit: np.sort(rng.integers(0, int(span_s * RATE_HZ), n_spikes)) for unit in IDS}


class Sorting:
    """Segments of unit -> samples, and when each starts, in seconds."""

    def __init__(self, segments, starts_s=None, properties=None):
        self.segments = segments
        self.starts_s = starts_s or [0.0] * len(segments)
        self.properties = properties or {}
        self.unit_ids = list(segments[0])

    def get_num_segments(self):
        return len(self.segments)

    def get_unit_spike_train(self, unit_id, segment_index=None, return_times=False):
        assert return_times
        return self.segments[segment_index][unit_id] / RATE_HZ + self.starts_s[segment_index]

    def get_property_keys(self):
        return list(self.properties)

    def get_property(self, key):
        return self.properties[key]


def expected_counts(segment, bin_s=0.02, start_s=0.0):
    times = np.concatenate([segment[unit] for unit in IDS]) / RATE_HZ + start_s
    units = np.repeat(np.arange(3), [len(segment[unit]) for unit in IDS])
    return count_spikes(LabelledSpikes(times, units, 3), bin_s)


def test_one_segment():
    segment = samples()
    recording = popcode.load(Sorting([segment], [100.0]))
    expected = expected_counts(segment, start_s=100.0)
    np.testing.assert_array_equal(recording.activity, expected.counts)
    np.testing.assert_array_equal(recording.segment_start_s, expected.segment_start_s)
    assert recording.neurons["id"].tolist() == list(IDS)
    assert recording.provenance[-1]["path"].endswith("test_spikeinterface.Sorting")


@pytest.mark.parametrize("starts_s", [[0.0, 0.0, 0.0], [0.0, 1000.0, 2000.0], [50.0, 0.0, 25.0]])
def test_segments_stay_apart_whatever_their_clocks(starts_s):
    segments = [samples(seed) for seed in range(3)]
    recording = popcode.load(Sorting(segments, starts_s))
    expected = [
        expected_counts(segment, start_s=start)
        for segment, start in zip(segments, starts_s, strict=True)
    ]
    np.testing.assert_array_equal(
        recording.activity, np.concatenate([found.counts for found in expected])
    )
    assert recording.n_segments == 3
    # The clocks were shifted by whole seconds and back.
    np.testing.assert_allclose(
        recording.segment_start_s,
        np.concatenate([found.segment_start_s for found in expected]),
        atol=1e-9,
    )
    said = "3 segments, each with a clock of its own" in recording.provenance[0]["notes"]
    assert said == (starts_s[1] < 1000)


def test_a_segment_without_spikes_is_left_out():
    empty = {unit: np.empty(0, int) for unit in IDS}
    segments = [empty, samples(0), empty, samples(1)]
    recording = popcode.load(Sorting(segments))
    assert recording.n_segments == 2
    assert recording.activity.sum() == 3000
    first = [min(times[0] for times in segments[k].values()) / RATE_HZ for k in (1, 3)]
    np.testing.assert_allclose(recording.segment_start_s, first, atol=1e-9)  # shifted and back
    for n_segments in (1, 2):
        with pytest.raises(InputError, match="Sorting: there is not one spike"):
            popcode.load(Sorting([empty] * n_segments))


def test_properties_become_columns():
    properties = {
        "brain_area": np.array(["CA1", "CA3", "DG"]),
        "KSLabel": np.array(["good", "mua", "good"]),
        "unit_locations": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        "templates": np.zeros((3, 4, 5)),
    }
    recording = popcode.load(Sorting([samples()], properties=properties), quality="good")
    table = recording.neurons
    assert table["id"].tolist() == ["a", "c"]
    assert table["region"].tolist() == ["CA1", "DG"]
    assert table["quality"].tolist() == ["good", "good"]
    assert table["x_um"].tolist() == [1.0, 5.0]
    assert table["y_um"].tolist() == [2.0, 6.0]
    assert (
        "property 'templates' left out: not one value a unit" in (recording.provenance[0]["notes"])
    )


def test_real_sortings():
    core = pytest.importorskip("spikeinterface.core")
    segments = [samples(0), samples(1)]
    sorting = core.NumpySorting.from_unit_dict(segments, sampling_frequency=RATE_HZ)
    sorting.set_property("brain_area", np.array(["CA1", "CA3", "DG"]))
    recording = popcode.load(sorting)
    expected = [expected_counts(segment).counts for segment in segments]
    np.testing.assert_array_equal(recording.activity, np.concatenate(expected))
    assert recording.neurons["region"].tolist() == ["CA1", "CA3", "DG"]
    alone = core.NumpySorting.from_unit_dict(segments[1], sampling_frequency=RATE_HZ)
    alone.shift_times(100.0)
    shifted = expected_counts(segments[1], start_s=100.0)
    np.testing.assert_array_equal(popcode.load(alone).activity, shifted.counts)
    np.testing.assert_array_equal(popcode.load(alone).segment_start_s, shifted.segment_start_s)
