"""dF/F removes what is slow, planes come to one time, and neither crosses a segment."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.preprocess import align_planes, dff, running_baseline
from popcode.recording import Recording

RNG_TRACES = 100 + np.random.default_rng(0).random((400, 3))


def raw(traces, **parts):
    return Recording(traces, "rate", 0.5, **parts)


def test_a_constant_is_its_own_baseline():
    traces = np.full((300, 2), 7.0)
    np.testing.assert_allclose(running_baseline(traces, 0.5), traces, rtol=1e-12)
    assert not dff(raw(traces)).activity.any()


def test_bleaching_is_removed_and_transients_are_kept():
    slow = 100 * np.exp(-np.arange(2000) / 2000)
    transient = np.zeros(2000)
    transient[1000:1010] = 0.5
    change = dff(raw((slow * (1 + transient))[:, None])).activity[:, 0]
    # A window of 100 frames sees bleaching by 5 %, of which the 10th percentile is 4/5 below.
    assert np.abs(change[200:900]).max() < 0.05
    assert change[1005] - change[900] == pytest.approx(0.5, abs=0.05)


def test_the_formula():
    recording = raw(RNG_TRACES)
    baseline = running_baseline(recording.activity, 0.5)
    change = dff(recording, background=20.0)
    expected = (recording.activity - baseline) / (baseline - 20.0)
    np.testing.assert_allclose(change.activity, expected, rtol=1e-5, atol=1e-7)
    assert change.kind == "dff"
    assert change.provenance[-1]["background"] == 20.0


def test_units_do_not_matter():
    one, other = dff(raw(RNG_TRACES)), dff(raw(8.0 * RNG_TRACES))
    np.testing.assert_allclose(one.activity, other.activity, rtol=1e-5, atol=1e-7)


def test_segments_are_apart():
    traces = RNG_TRACES.copy()
    traces[150:] += 1000
    whole = running_baseline(traces, 0.5, segment_starts=np.array([0, 150]))
    parts = [running_baseline(traces[:150], 0.5), running_baseline(traces[150:], 0.5)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    cut = dff(raw(traces, segment_starts=[0, 150]))
    assert np.abs(cut.activity).max() < 0.02


def test_percentile_and_window_are_used():
    low = running_baseline(RNG_TRACES, 0.5, percentile=5).mean()
    high = running_baseline(RNG_TRACES, 0.5, percentile=95).mean()
    assert (low - 100, high - 100) == pytest.approx((0.05, 0.95), abs=0.05)
    np.testing.assert_array_equal(running_baseline(RNG_TRACES, 0.5, window_s=0.5), RNG_TRACES)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"window_s": 0.0}, "window_s is 0.0"),
        ({"percentile": 101.0}, "percentile is 101.0"),
        ({"background": np.zeros(2)}, "background has shape"),
        ({"background": np.nan}, "background has shape"),
        ({"background": 200.0}, "neuron 0, bin 0: the baseline .* does not exceed the background"),
    ],
)
def test_what_cannot_be_is_refused(options, match):
    with pytest.raises(InputError, match=match):
        dff(raw(RNG_TRACES), **options)


def test_an_unknown_width_is_refused():
    with pytest.raises(InputError, match="must be known"):
        dff(Recording(RNG_TRACES, "rate"))
    with pytest.raises(InputError, match="must be known"):
        align_planes(RNG_TRACES, np.zeros(3), np.nan)


def test_planes_of_a_ramp_come_to_one_time():
    delays = np.array([0.0, 0.1, 0.3])
    traces = 2.0 * (0.4 * np.arange(50)[:, None] + delays)
    aligned = align_planes(traces, delays, 0.4)
    np.testing.assert_allclose(aligned[1:], np.broadcast_to(traces[1:, :1], (49, 3)), rtol=1e-5)
    np.testing.assert_array_equal(aligned[0], traces[0].astype(np.float32))


def test_planes_do_not_cross_segments():
    delays, starts = np.array([0.0, 0.1, 0.3]), np.array([0, 20])
    aligned = align_planes(RNG_TRACES, delays, 0.4, segment_starts=starts)
    parts = [align_planes(RNG_TRACES[part], delays, 0.4) for part in (slice(20), slice(20, None))]
    np.testing.assert_array_equal(aligned, np.concatenate(parts))
    np.testing.assert_array_equal(aligned[:, 0], RNG_TRACES[:, 0].astype(np.float32))


@pytest.mark.parametrize(
    ("delays", "match"),
    [
        ([0.0, 0.1], "plane_delay_s has shape"),
        ([0.0, 0.4, 0.1], "neuron 1: the delay is 0.4 s"),
        ([0.0, 0.1, -0.1], "neuron 2: the delay is -0.1 s"),
        ([np.nan, 0.1, 0.1], "neuron 0: the delay is nan s"),
    ],
)
def test_delays_that_cannot_be(delays, match):
    with pytest.raises(InputError, match=match):
        align_planes(RNG_TRACES, delays, 0.4)


def test_nan_is_refused():
    traces = RNG_TRACES.copy()
    traces[5, 1] = np.nan
    with pytest.raises(InputError, match="neuron 1, bin 5"):
        running_baseline(traces, 0.5)
    with pytest.raises(InputError, match="neuron 1, bin 5"):
        align_planes(traces, np.zeros(3), 0.5)
