"""Sorted units to a recording: presets, rates, and what the provenance says of them."""

import numpy as np
import pandas as pd
import pytest

from popcode.errors import InputError, PopcodeWarning
from popcode.io.options import ReadOptions
from popcode.io.units import KeptUnits, Units, keep_units, recording_of_units
from popcode.recording.spike_times import LabelledSpikes, count_spikes

N_UNITS = 6
METRICS = {
    "isi_violations": [0.1, 0.6, 0.1, 0.1, np.nan, 0.1],
    "amplitude_cutoff": [0.05, 0.05, 0.1, 0.05, 0.05, 0.05],
    "presence_ratio": [0.95, 0.95, 0.95, 0.95, 0.95, 0.95],
}


def spikes(seed=0, n_spikes=3000, span_s=100.0):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.random(n_spikes)) * span_s
    return LabelledSpikes(times, rng.integers(0, N_UNITS, n_spikes), N_UNITS)


def units(**columns):
    return Units(spikes(), pd.DataFrame({"id": np.arange(10, 10 + N_UNITS), **columns}))


def read(given, **options):
    return recording_of_units(given, ReadOptions(**options))


def refused(given, **options):
    with pytest.raises(InputError) as caught:
        read(given, **options)
    assert caught.value.remedy
    return str(caught.value)


def test_all_units_become_counts():
    recording = read(units(region=list("aabbbc")))
    expected = count_spikes(spikes(), 0.02)
    np.testing.assert_array_equal(recording.activity, expected.counts)
    assert recording.kind == "counts"
    assert recording.bin_s == 0.02
    assert recording.activity.dtype == np.uint8
    assert recording.segment_start_s.tolist() == expected.segment_start_s.tolist()
    assert recording.neurons["id"].tolist() == list(range(10, 16))
    (step,) = recording.provenance
    assert step["step"] == "units binned"
    assert step["units_found"] == step["units_kept"] == 6
    assert step["spikes_counted"] == 3000
    assert step["spikes_outside"] == 0
    assert step["notes"] == []


def test_kind_stays_counts_where_no_bin_has_two_spikes():
    assert read(units(), bin_s=1e-3).kind == "counts"


def test_good_keeps_what_is_labelled_good():
    given = units(quality=["good", "mua", " Good", "noise", "", "good"])
    recording = read(given, quality="good")
    np.testing.assert_array_equal(recording.activity, read(units()).activity[:, [0, 2, 5]])
    assert recording.neurons["id"].tolist() == [10, 12, 15]
    (step,) = recording.provenance
    assert step["units_dropped"] == {"quality": 3, "rate": 0}
    assert step["notes"] == ["3 of 6 units fail quality 'good' (labelled otherwise 3)"]


def test_allen_is_its_thresholds_and_nan_fails():
    kept, (note,) = keep_units(units(**METRICS), "allen")
    assert kept.tolist() == [True, False, False, True, False, True]
    assert note == ("3 of 6 units fail quality 'allen' (isi_violations 2, amplitude_cutoff 1)"), (
        "below 0.1 is not 0.1"
    )


def test_allen_is_on_valid_channels_in_the_brain():
    region = ["CA1", "CA1", "CA1", "root", "CA1", "VISp"]
    kept, _ = keep_units(units(**METRICS, region=region), "allen")
    assert kept.tolist() == [True, False, False, False, False, True]
    valid = [False, True, True, True, True, True]
    kept, (note,) = keep_units(units(**METRICS, region=region, valid_data=valid), "allen")
    assert kept.tolist() == [False, False, False, False, False, True]
    assert "valid_data 1, outside the brain 1" in note


@pytest.mark.parametrize("quality", ["good", "allen"])
def test_which_units_are_kept_does_not_move_the_bins(quality):
    given = units(**METRICS, quality=["good"] + ["mua"] * 5)
    everything, some = read(given), read(given, quality=quality)
    assert some.n_neurons < everything.n_neurons
    assert some.n_bins == everything.n_bins
    np.testing.assert_array_equal(some.segment_start_s, everything.segment_start_s)


def test_slow_units_are_dropped_and_counted():
    rng = np.random.default_rng(0)
    few = LabelledSpikes(
        np.sort(rng.random(1002)) * 100, rng.permutation(np.repeat([0, 1, 2], [500, 2, 500])), 3
    )
    given = Units(few, pd.DataFrame({"id": ["a", "b", "c"]}))
    recording = read(given, min_rate_hz=0.1)
    assert recording.neurons["id"].tolist() == ["a", "c"]
    np.testing.assert_array_equal(recording.activity, read(given).activity[:, [0, 2]])
    (step,) = recording.provenance
    assert step["units_dropped"] == {"quality": 0, "rate": 1}
    assert step["spikes_counted"] == 1000
    assert step["notes"] == ["1 unit with fewer than 0.1 spikes a second dropped"]
    assert "no unit reaches 50 spikes a second; the fastest has 5" in refused(given, min_rate_hz=50)


def test_columns_move_together_over_several_blocks(monkeypatch):
    monkeypatch.setattr("popcode.recording.kinds.ROWS_AT_ONCE_BYTES", 1000)
    given = units()
    rates = read(given).activity.sum(axis=0) / read(given).duration_s
    middle = float(np.median(rates))
    np.testing.assert_array_equal(
        read(given, min_rate_hz=middle).activity, read(given).activity[:, rates >= middle]
    )


def test_saturation_is_warned_of():
    labels = np.repeat([0, 1], [300, 100])
    given = Units(LabelledSpikes(np.full(400, 1.0), labels, 2), pd.DataFrame({"id": [1, 2]}))
    with pytest.warns(PopcodeWarning, match="1 bin of a unit with more than 255 spikes"):
        recording = read(given)
    assert recording.activity.tolist() == [[255, 100]]
    assert recording.provenance[0]["entries_saturated"] == 1


def test_spikes_outside_are_said():
    recording = recording_of_units(
        units(), ReadOptions(), invalid_s=[[10.0, 20.0]], notes=["said by the reader"]
    )
    (step,) = recording.provenance
    assert step["spikes_counted"] + step["spikes_outside"] == 3000
    first, cut, outside = step["notes"]
    assert first == "said by the reader"
    assert cut == "1 invalid interval (10 s in all) cut out"
    assert outside == f"{step['spikes_outside']} spikes outside the time kept, not counted"


def test_dropped_units_tell_only_the_time():
    kept = np.array([False, True, False, True, False, False])
    renumbered = list(KeptUnits(spikes(), kept))
    original = list(spikes())
    for (times, numbers), (expected, of_all) in zip(renumbered, original, strict=True):
        np.testing.assert_array_equal(times, expected)
        np.testing.assert_array_equal(numbers == 1, of_all == 3)
        np.testing.assert_array_equal(numbers == -1, ~kept[of_all])


def test_bad_units_are_refused():
    assert "it holds no units" in refused(Units(LabelledSpikes([], [], 0), pd.DataFrame()))
    assert "unit id 7: 1 of 6 units have an id that another has" in refused(
        units()._replace(table=pd.DataFrame({"id": [7, 7, 1, 2, 3, 4]}))
    )
    assert "the table has 2 units, but there are spikes of 6" in refused(
        units()._replace(table=pd.DataFrame({"id": [1, 2]}))
    )
    assert "quality 'good' needs the unit column quality, and there is none" in refused(
        units(), quality="good"
    )
    missing = refused(units(presence_ratio=np.ones(6), depth=np.ones(6)), quality="allen")
    assert "needs the unit column isi_violations, amplitude_cutoff" in missing
    assert "The columns are id, presence_ratio, depth" in missing
    assert "6 of 6 units fail quality 'good'" in refused(units(quality=["mua"] * 6), quality="good")
