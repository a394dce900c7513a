"""Widths and gaps of bins, told from times."""

import numpy as np
import pytest

from popcode.io.clock import clock_of, names_time


@pytest.mark.parametrize("bin_s", [0.001, 0.02, 1 / 30, 0.1, 2.5])
@pytest.mark.parametrize("start_s", [0.0, -3.0, 1.6e9])
def test_the_width_is_found_to_the_precision_of_the_times(bin_s, start_s):
    times = start_s + np.arange(500) * bin_s
    # The mean of 499 steps is as exact as both ends are.
    error = 2 * np.spacing(max(abs(times[0]), abs(times[-1]))) / 499 + 1e-9 * bin_s
    clock = clock_of(times, "time")
    assert abs(clock.bin_s - bin_s) <= error
    assert clock.segment_starts.tolist() == [0]
    assert clock.segment_start_s.tolist() == [times[0]]


def test_decimal_widths_come_out_plain():
    assert clock_of(np.arange(1000) * 0.1, "t").bin_s == 0.1


def test_jitter_is_no_gap_and_a_jump_is():
    rng = np.random.default_rng(0)
    times = np.arange(200) * 0.05 + rng.uniform(-0.01, 0.01, 200)
    times[120:] += 30
    clock = clock_of(times, "t")
    assert clock.segment_starts.tolist() == [0, 120]
    np.testing.assert_array_equal(clock.segment_start_s, times[[0, 120]])
    assert clock.bin_s == pytest.approx(0.05, rel=0.01)  # jitter of both ends over 198 steps
    assert "1 gap in 't' cut it into segments" in clock.notes


@pytest.mark.parametrize("name", ["time_ms", "Time (ms)", "t [ms]", "t_ms"])
def test_milliseconds(name):
    clock = clock_of(np.arange(100) * 20.0, name)
    assert clock.bin_s == 0.02
    assert names_time(name)
    assert "in milliseconds" in clock.notes[0]


@pytest.mark.parametrize(
    ("times", "name", "why"),
    [
        (np.arange(50), "t", "counts the bins"),
        (np.arange(50) * 2.0, "frame", "is no time"),
        ([0, 1, 0.5, 2], "t", "does not increase at bin 2"),
        ([0, np.nan, 2], "t", "holds no times"),
        ([1.0], "t", "holds no times"),
    ],
)
def test_what_is_no_time_is_left_out_and_said(times, name, why):
    clock = clock_of(times, name)
    assert np.isnan(clock.bin_s)
    assert clock.segment_start_s is None
    assert why in clock.notes[0]


def test_seconds_that_say_so_may_be_whole():
    for name in ("time_s", "Time (s)", "time [sec]"):
        assert clock_of(np.arange(10), name).bin_s == 1


def test_names():
    assert all(map(names_time, ["t", "Time", "TIMESTAMPS", "frame", "time (s)", "index"]))
    assert not any(map(names_time, ["neuron", "tim", "a", "", "t1"]))


@pytest.mark.parametrize("decimals", [2, 3])
def test_rounded_times_have_the_width_of_all_steps(decimals):
    clock = clock_of(np.round(np.arange(54_000) / 30, decimals), "t")
    assert clock.bin_s == pytest.approx(1 / 30, rel=1e-5)  # both ends, over 30 minutes
    assert len(clock.segment_starts) == 1
    assert not any("uneven" in note for note in clock.notes)


def test_an_uneven_clock_is_said():
    times = np.cumsum(np.repeat([0.1, 0.11], 500))
    assert "times lie up to 2" in "; ".join(clock_of(times, "t").notes)
