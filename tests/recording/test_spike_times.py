"""Spikes to counts: against a histogram, and by the laws that binning keeps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popcode.errors import InputError
from popcode.recording import Recording, memory
from popcode.recording.spike_times import LabelledSpikes, RaggedSpikes, count_spikes

N_UNITS = 7
BIN_S = 0.02


def session(n_spikes=6000, span_s=60.0, seed=0, start_s=0.0):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.random(n_spikes)) * span_s + start_s
    return times, rng.integers(0, N_UNITS, n_spikes)


def counted(times, units, bin_s=BIN_S, **arguments):
    return count_spikes(LabelledSpikes(times, units, N_UNITS), bin_s, **arguments)


def ragged(times, units):
    order = np.argsort(units, kind="stable")
    return RaggedSpikes(times[order], np.cumsum(np.bincount(units, minlength=N_UNITS)))


def histogram(times, units, starts, n_bins, bin_s):
    """The same counts by explicit edges, one segment after the other."""
    pieces = []
    for start, n in zip(starts, n_bins, strict=True):
        edges = start + bin_s * np.arange(n + 1)
        inside = (times >= edges[0]) & (times < edges[-1])
        pieces.append(
            np.stack(
                [
                    np.histogram(times[inside & (units == unit)], edges)[0]
                    for unit in range(N_UNITS)
                ],
                axis=1,
            )
        )
    return np.concatenate(pieces)


def lengths(found):
    return np.diff(found.segment_starts, append=len(found.counts))


def test_it_is_the_histogram_over_explicit_edges():
    times, units = session()
    found = counted(times, units)
    n_bins = int((times[-1] - times[0]) / BIN_S) + 1
    expected = histogram(times, units, [times[0]], [n_bins], BIN_S)
    np.testing.assert_array_equal(found.counts, expected)
    assert found.counts.dtype == np.uint8
    assert found.n_outside == 0, "the bin of the last spike is kept"
    assert found.segment_start_s.tolist() == [times[0]]


def test_invalid_times_and_pauses_start_segments():
    times, units = session()
    times[times > 30] += 500.0  # a pause from 30 to 530 s
    invalid = [[10.0, 10.513], [9.9, 10.1], [545.0, 547.3]]
    found = counted(times, units, invalid_s=invalid, start_s=0.0, stop_s=559.9)
    after_pause = times[times > 530].min()
    last = times[times < 100].max()
    starts = [0.0, 10.513, after_pause, 547.3]
    ends = [9.9, last + BIN_S, 545.0, 559.9]
    n_bins = [int((b - a) / BIN_S + 1e-9) for a, b in zip(starts, ends, strict=True)]
    assert found.segment_start_s.tolist() == starts
    assert lengths(found).tolist() == n_bins
    expected = histogram(times, units, starts, n_bins, BIN_S)
    np.testing.assert_array_equal(found.counts, expected)
    assert found.n_outside == len(times) - expected.sum() > 0
    assert "1 pause without a spike of any unit, up to 8 min 20 s long" in found.notes[0]
    assert "2 invalid intervals (2.913 s in all) cut out" in found.notes


quarters = st.integers(0, 240).map(lambda n: n / 4)
some_intervals = st.lists(st.tuples(quarters, quarters).map(sorted), max_size=5)


@settings(deadline=None)
@given(st.lists(st.integers(0, 60 * 64), min_size=1, max_size=300), some_intervals, some_intervals)
def test_no_spike_is_lost_and_no_bin_is_where_it_must_not_be(ticks, invalid, valid):
    """All times and bins are multiples of 2^-6 s: nothing is rounded."""
    times = np.array(ticks) / 64
    units = np.arange(len(times)) % N_UNITS
    width = 0.125
    try:
        found = counted(times, units, width, invalid_s=invalid, valid_s=valid, gap_s=2.0)
    except InputError as error:
        assert any(text in str(error) for text in ("no whole bin", "none of", "look like samples"))
        return
    assert found.counts.sum() + found.n_outside == len(times)
    n_bins = lengths(found)
    assert (n_bins > 0).all()
    expected = histogram(times, units, found.segment_start_s, n_bins, width)
    np.testing.assert_array_equal(found.counts, expected)
    stops = found.segment_start_s + n_bins * width
    assert (found.segment_start_s[1:] >= stops[:-1]).all()
    kept_for_sure = [pair for pair in valid if pair[1] > pair[0]]
    for start, stop in zip(found.segment_start_s, stops, strict=True):
        assert all(stop <= a or start >= b for a, b in invalid if b > a)
        if kept_for_sure:
            middles = np.arange(start, stop, width) + width / 2
            assert all(any(a <= t < b for a, b in kept_for_sure) for t in middles)


def test_only_valid_times_are_kept_and_silence_in_them_is_silence():
    times, units = session()
    times = times[(times < 5) | (times > 45)]
    units = units[: len(times)]
    found = counted(times, units, valid_s=[[50.0, 55.0], [1.0, 48.0]])
    assert found.segment_start_s.tolist() == [1.0, 50.0]
    assert lengths(found).tolist() == [2350, 250]
    expected = histogram(times, units, [1.0, 50.0], [2350, 250], BIN_S)
    np.testing.assert_array_equal(found.counts, expected)
    within = counted(times, units, valid_s=[[1.0, 48.0]], invalid_s=[[2.0, 3.0]], stop_s=47.0)
    assert within.segment_start_s.tolist() == [1.0, 3.0]
    assert lengths(within).tolist() == [50, 2200]


def test_the_layout_of_the_spikes_does_not_matter():
    times, units = session()
    expected = counted(times, units)
    shuffled = np.random.default_rng(1).permutation(len(times))
    for spikes in (
        ragged(times, units),
        LabelledSpikes(times[shuffled], units[shuffled].astype(np.uint8), N_UNITS),
    ):
        found = count_spikes(spikes, BIN_S)
        np.testing.assert_array_equal(found.counts, expected.counts)
        assert found.segment_start_s.tolist() == expected.segment_start_s.tolist()


def test_units_without_spikes_keep_their_column(monkeypatch):
    times, units = session()
    units = np.where(units < 4, 1, 5)
    expected = counted(times, units).counts
    np.testing.assert_array_equal(np.flatnonzero(expected.any(axis=0)), [1, 5])
    monkeypatch.setattr("popcode.recording.spike_times.SPIKES_AT_ONCE", 100)
    np.testing.assert_array_equal(count_spikes(ragged(times, units), BIN_S).counts, expected)


def test_blocks_do_not_matter(monkeypatch):
    times, units = session()
    expected = counted(times, units).counts
    monkeypatch.setattr("popcode.recording.spike_times.SPIKES_AT_ONCE", 37)
    np.testing.assert_array_equal(counted(times, units).counts, expected)
    np.testing.assert_array_equal(count_spikes(ragged(times, units), BIN_S).counts, expected)


@pytest.mark.parametrize("offset", [-4096.0, 3000.0, 1.6e9])
def test_a_shift_of_the_clock_changes_the_start_alone(offset):
    times, units = session()
    times = np.round(times * 2**20) / 2**20  # exact also once shifted, as are the bins
    times[times > 30] += 100.0
    here = counted(times, units, 2**-6, invalid_s=[[12.5, 14.25]])
    there = counted(times + offset, units, 2**-6, invalid_s=[[12.5 + offset, 14.25 + offset]])
    np.testing.assert_array_equal(there.counts, here.counts)
    np.testing.assert_array_equal(there.segment_starts, here.segment_starts)
    np.testing.assert_array_equal(there.segment_start_s, here.segment_start_s + offset)


def test_bins_of_twice_the_width_are_two_bins_merged():
    times, units = session()
    arguments = {"start_s": 0.0, "stop_s": 60.0, "invalid_s": [[20.0, 21.0]]}
    single, double = (counted(times, units, width, **arguments) for width in (0.02, 0.04))
    recording = Recording(
        single.counts,
        kind="counts",
        bin_s=0.02,
        segment_starts=single.segment_starts,
        segment_start_s=single.segment_start_s,
    )
    merged = recording.binned(2)
    np.testing.assert_array_equal(merged.activity, double.counts)
    np.testing.assert_array_equal(merged.segment_starts, double.segment_starts)


def test_times_on_an_edge_up_to_rounding_are_on_it():
    samples = np.arange(0, 3000 * 600, 600)  # every one on an edge of a 20 ms bin at 30 kHz
    units = np.zeros(len(samples), dtype=int)
    for times in (samples / 30_000, samples * (1 / 30_000), np.cumsum(np.full(3000, 0.02)) - 0.02):
        assert (counted(times, units).counts[:, 0] == 1).all()
    found = count_spikes(LabelledSpikes(samples, units, 1, 1 / 30_000), 0.02)
    assert (found.counts == 1).all()


def test_one_spike_astray_does_not_loosen_the_edges():
    times, units = session()
    expected = counted(times, units).counts
    found = counted(np.append(times, 1e14), np.append(units, 0))
    assert found.segment_starts.tolist() == [0, len(expected)]
    np.testing.assert_array_equal(found.counts[:-1], expected)


def test_touching_segments_share_no_spike():
    samples = np.arange(0, 30_000, 600)
    units = np.zeros(len(samples), dtype=int)
    edge = np.nextafter(0.3, 0)  # the first 15 bins end there, up to rounding
    found = counted(samples / 30_000, units, invalid_s=[[edge, 0.3]], start_s=0.0, stop_s=1.0)
    assert found.segment_starts.tolist() == [0, 15]
    assert (found.counts[:, 0] == 1).all()
    assert found.n_outside == 0


def test_counts_saturate_and_say_so():
    units = np.repeat([0, 1, 2], [300, 255, 256])
    times = np.full(len(units), 1.0)
    found = counted(times, units, start_s=0.5, stop_s=1.5)
    assert found.counts[25, :4].tolist() == [255, 255, 255, 0]
    assert found.n_saturated == 2, "255 spikes fit"
    assert found.notes == (
        "2 bins of a unit with more than 255 spikes held at 255: 46 spikes not counted",
    )


def test_spikes_of_no_unit_show_that_the_recording_ran():
    times, units = session()
    some = np.where(units < 2, units, -1)
    expected = counted(times, units)
    found = counted(times, some)
    np.testing.assert_array_equal(found.counts[:, :2], expected.counts[:, :2])
    assert not found.counts[:, 2:].any()


def test_silence_of_a_few_units_is_no_pause():
    times = np.array([1.0, 50.0, 99.0])
    assert len(counted(times, np.zeros(3, int)).segment_starts) == 1
    rng = np.random.default_rng(0)
    slow = np.cumsum(rng.exponential(20.0, 200))  # intervals above 30 s among them
    assert np.diff(slow).max() > 60
    assert len(counted(slow, np.zeros(200, int)).segment_starts) == 1
    many, units = session()
    assert len(counted(np.append(many, 95.0), np.append(units, 0)).segment_starts) == 2


def test_what_is_odd_is_noted():
    times, units = session(start_s=-5.0)
    times[[10, 4000]] = times[[4000, 10]]
    notes = count_spikes(ragged(times, units), BIN_S).notes
    before = np.count_nonzero(times < 0)
    assert notes[0] == f"{before} spikes before time 0, the first at {times.min():g} s"
    assert "go backwards in places" in notes[1]
    times, units = session(start_s=3000.0)
    (note,) = counted(times, units).notes
    assert note.startswith("the clock does not start at 0: the first spike is at 3,000")


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({5: np.nan}, {}, r"spike 5 is at nan s\. Remove spikes"),
        ({5: np.inf}, {}, "spike 5 is at inf s"),
        ({}, {"bin_s": -1}, "bin_s is -1; expected seconds above 0"),
        ({}, {"start_s": 5.0, "stop_s": 4.0}, "stops at 4 s, before it starts at 5 s"),
        ({}, {"start_s": np.nan}, "start_s is nan"),
        ({}, {"gap_s": 0.0}, "gap_s is 0.0"),
        ({}, {"invalid_s": [[3.0, 2.0]]}, "invalid_s has an interval from 3 to 2 s"),
        ({}, {"valid_s": [[900.0, 1000.0]]}, "none of 6,000 spikes lies in .* 900 to 1,000 s"),
        ({}, {"valid_s": [[3.0, np.inf]]}, "valid_s holds an interval without an end"),
        ({}, {"invalid_s": [[-1.0, 70.0]]}, "no whole bin of 20 ms is left"),
        ({}, {"start_s": 1.0, "stop_s": 1.01}, "no whole bin of 20 ms is left"),
        ({}, {"bin_s": 1e-12}, r"59,\d\d\d,\d\d\d,\d\d\d,\d\d\d bins of .* GiB of memory"),
    ],
)
def test_bad_input_is_refused(change, arguments, message):
    times, units = session()
    for place, value in change.items():
        times[place] = value
    with pytest.raises(InputError, match=message):
        counted(times, units, **arguments)


def test_a_raster_that_does_not_fit_is_refused_before_it_is_made(monkeypatch):
    class Memory:
        available = 1000

    monkeypatch.setattr(memory.psutil, "virtual_memory", Memory)
    with pytest.raises(InputError, match=r"3,000 bins of 20 ms x 7 units: it needs 0\.0"):
        counted(*session())


def test_no_spikes_and_units_out_of_range_are_refused():
    empty = np.empty(0)
    with pytest.raises(InputError, match="there is not one spike"):
        counted(empty, empty.astype(int))
    with pytest.raises(InputError, match="spike 2 belongs to unit 7, but there are 7 units"):
        counted(np.array([0.1, 0.2, 0.3]), np.array([0, 1, 7]))
    for ends in ([2, 1, 3], [1, 2, 9]):
        with pytest.raises(InputError, match=r"unit \d: its spikes end at"):
            count_spikes(RaggedSpikes(np.array([0.1, 0.2, 0.3]), ends), BIN_S)


@pytest.mark.parametrize("per_s", [30_000, 1000])
def test_samples_are_not_taken_for_seconds(per_s):
    times, units = session()
    with pytest.raises(InputError, match="look like samples, not seconds: all 6,000 are whole"):
        counted(np.rint(times * per_s), units)
    found = count_spikes(LabelledSpikes(np.rint(times * per_s), units, N_UNITS, 1 / per_s), BIN_S)
    assert found.counts.sum() == 6000


def test_a_few_whole_seconds_are_seconds():
    found = counted(np.arange(5.0), np.zeros(5, int), 1.0)
    assert found.counts[:, 0].tolist() == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("shift_s", [0.0, 3.0])
def test_times_in_single_precision_stay_in_their_bins(shift_s):
    """Spikes at 1 ms, as a sorting rounds them, up to 200 s."""
    rng = np.random.default_rng(0)
    bins = np.concatenate(([0], np.sort(rng.integers(0, 200_000, 12_065))))
    units = rng.integers(0, N_UNITS, len(bins))
    times = shift_s + bins * 1e-3
    exact, single = (counted(times.astype(t), units, 1e-3) for t in (np.float64, np.float32))
    np.testing.assert_array_equal(single.counts, exact.counts)
    rows, columns = np.nonzero(exact.counts)
    assert set(zip(rows, columns, strict=True)) == set(zip(bins, units, strict=True))
    by_unit = count_spikes(ragged(times.astype(np.float32), units), 1e-3)
    np.testing.assert_array_equal(by_unit.counts, exact.counts)


def test_samples_in_single_precision_are_whole():
    samples = np.array([0, 600 * 29_999 // 1000, 600 * 30], dtype=np.float32)
    found = count_spikes(LabelledSpikes(samples, [0, 0, 0], 1, 1 / 30_000), 0.02)
    assert found.counts[-2:].ravel().tolist() == [1, 1]
