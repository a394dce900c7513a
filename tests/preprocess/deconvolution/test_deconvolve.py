"""Planted spikes and kernels are found, whatever unit, time, segment or thread they are in."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.preprocess import KERNELS
from popcode.preprocess.deconvolution.blocks import weighted_median
from popcode.preprocess.deconvolution.kernel import coefficients, norms
from popcode.recording import Recording

GCAMP6F = dict(zip(("rise_s", "decay_s"), KERNELS["gcamp6f"], strict=True))


@pytest.fixture(scope="module")
def planted(plant):
    return plant(2000, 12, **GCAMP6F, bin_s=0.1, rate=0.03, noise=0.15)


@pytest.fixture(scope="module")
def found(planted):
    return popcode.deconvolve(planted.traces, 0.1, **GCAMP6F)


def correlations(amplitudes, counts):
    return [np.corrcoef(*pair)[0, 1] for pair in zip(amplitudes.T, counts.T, strict=True)]


def test_spikes_are_recovered(planted, found):
    assert min(correlations(found.amplitudes, planted.counts)) > 0.8
    # Frames next to a spike count: noise moves an event by one.
    near = planted.counts + np.roll(planted.counts, 1, 0) + np.roll(planted.counts, -1, 0) > 0
    assert np.mean(near[found.binary > 0]) > 0.8
    spikes = planted.counts > 0
    events = found.binary + np.roll(found.binary, 1, 0) + np.roll(found.binary, -1, 0) > 0
    assert np.mean(events[spikes]) > 0.95


def test_amplitudes_without_noise_are_the_counts(plant):
    clean = plant(1500, 3, **GCAMP6F, bin_s=0.1, rate=0.02, noise=0.0)
    amplitudes = popcode.deconvolve(clean.traces, 0.1, **GCAMP6F).amplitudes
    # The floor of the noise, 1e-3 of the trace, is what is left of the price of amplitude.
    np.testing.assert_allclose(amplitudes[1:], clean.counts[1:], atol=0.05)


def test_noise_and_threshold(found):
    # The median of 2,000 differences is known to 2.5 %; the slope of transients adds to them.
    np.testing.assert_allclose(found.noise, 0.15, rtol=0.15)
    _, norm = norms(*coefficients(*KERNELS["gcamp6f"], 0.1))
    np.testing.assert_allclose(found.threshold, 2 * found.noise / norm)
    np.testing.assert_array_equal(found.binary, found.amplitudes > found.threshold)


@pytest.mark.parametrize("kernel", ["shared", "each"])
def test_the_kernel_is_recovered(plant, kernel):
    planted = plant(3000, 10, **GCAMP6F, bin_s=0.1, rate=0.03, noise=0.1, seed=1)
    found = popcode.deconvolve(planted.traces, 0.1, kernel=kernel)
    # Inferred blindly the decay is known to 20 %, the rise, 1.5 frames, to one frame.
    assert np.median(found.kernel.decay_s) == pytest.approx(1.6, rel=0.2)
    assert np.median(found.kernel.rise_s) == pytest.approx(0.15, abs=0.1)
    assert (len(set(found.kernel.decay_s)) == 1) == (kernel == "shared")
    assert np.median(correlations(found.amplitudes, planted.counts)) > 0.75


def test_a_given_time_is_held(planted):
    found = popcode.deconvolve(planted.traces, 0.1, decay_s=1.6)
    assert set(found.kernel.decay_s) == {1.6}
    assert 0 < found.kernel.rise_s[0] < 0.3
    found = popcode.deconvolve(planted.traces, 0.1, rise_s=0.15)
    assert set(found.kernel.rise_s) == {0.15}
    assert found.kernel.decay_s[0] == pytest.approx(1.6, rel=0.2)


@pytest.mark.parametrize("given", [GCAMP6F, {}])
@pytest.mark.parametrize("factor", [2.0**-10, 2.0**13])
def test_units_do_not_matter(planted, given, factor):
    """A power of two changes no digit of the input; sums over the square of it keep theirs."""
    one = popcode.deconvolve(planted.traces[:, :4], 0.1, **given)
    other = popcode.deconvolve(factor * planted.traces[:, :4], 0.1, **given)
    np.testing.assert_array_equal(other.amplitudes, factor * one.amplitudes)
    np.testing.assert_array_equal(other.binary, one.binary)


def test_a_constant_added_does_not_matter(planted, found):
    other = popcode.deconvolve(planted.traces + 5.0, 0.1, **GCAMP6F)
    # The traces are held as float32: near 5 they are known to 2e-7.
    np.testing.assert_allclose(other.amplitudes, found.amplitudes, atol=1e-3)
    np.testing.assert_allclose(other.baseline, found.baseline + 5.0, atol=1e-4)


def test_a_shift_in_time_moves_the_events(planted):
    trace = planted.traces[:, :3]
    one = popcode.deconvolve(trace[:-50], 0.1, **GCAMP6F)
    other = popcode.deconvolve(trace[50:], 0.1, **GCAMP6F)
    far = slice(200, 1700)  # 20 s from the edges, 12 decays
    moved = other.amplitudes[far.start - 50 : far.stop - 50]
    # Baseline, noise and price are those of other frames.
    assert np.corrcoef(one.amplitudes[far].ravel(), moved.ravel())[0, 1] > 0.995


@pytest.mark.parametrize("given", [GCAMP6F, {}, {"kernel": "each"}])
def test_threads_change_no_bit(planted, given):
    one = popcode.deconvolve(planted.traces, 0.1, n_threads=1, **given)
    two = popcode.deconvolve(planted.traces, 0.1, n_threads=2, **given)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_neurons_do_not_see_each_other(planted, found):
    alone = popcode.deconvolve(planted.traces[:, 7:8], 0.1, **GCAMP6F)
    np.testing.assert_array_equal(alone.amplitudes[:, 0], found.amplitudes[:, 7])


def test_segments_are_apart(planted):
    """A jump at a border is calcium from before, no spike; without the border it is one."""
    trace = np.concatenate([planted.traces[:700, 0], planted.traces[900:, 0] + 0.0])
    transient = np.exp(-0.1 * np.arange(1100) / 1.6)
    trace[700:] += 5.0 * transient
    whole = popcode.deconvolve(trace[:, None], 0.1, **GCAMP6F)
    cut = popcode.deconvolve(
        Recording(trace[:, None], "dff", 0.1, segment_starts=[0, 700]), **GCAMP6F
    )
    assert whole.amplitudes[698:703].sum() > 4.0
    assert cut.amplitudes[698:703].sum() < 1.0
    assert not cut.amplitudes[[0, 700]].any()


@pytest.mark.filterwarnings("ignore:.*cut at a threshold")
@pytest.mark.parametrize("given", [GCAMP6F, {}])
def test_odd_traces_give_numbers(planted, given):
    traces = planted.traces[:200].copy()
    traces[:, 0] = 0.0
    traces[:, 1] = 7.0
    traces[:, 2] = np.minimum(traces[:, 2], 0.1)
    traces[:, 3] = np.arange(200.0)
    traces[:, 4] = np.eye(200)[50]
    traces[:, 5] = np.round(traces[:, 5])
    found = popcode.deconvolve(traces, 0.1, kernel="each", **given)
    assert np.isfinite(found.amplitudes).all() and (found.amplitudes >= 0).all()
    assert found.constant.tolist() == [True, True] + [False] * 10
    assert not found.amplitudes[:, :2].any()
    for values in (found.noise, found.threshold, found.baseline, found.lambda_):
        assert np.isfinite(values).all()
    assert np.isfinite(found.kernel.decay_s[2:]).all()
    assert np.isfinite(found.kernel.rise_s[2:]).all()


def test_eight_bins_are_enough_and_seven_are_not(planted):
    assert popcode.deconvolve(planted.traces[:8], 0.1).binary.shape == (8, 12)
    with pytest.raises(InputError, match="have 7 bins; at least 8"):
        popcode.deconvolve(planted.traces[:7], 0.1)


def test_nothing_but_constants():
    found = popcode.deconvolve(np.ones((20, 3)), 0.1)
    assert found.constant.all() and not found.binary.any()


def test_a_nan_names_its_neuron(planted):
    traces = planted.traces.copy()
    traces[100:, 4] = np.nan
    with pytest.raises(InputError, match=r"neuron 4, bin 100: .*NaN"):
        popcode.deconvolve(traces, 0.1)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"rise_s": 2.0, "decay_s": 1.0}, "rise_s is 2.0 and decay_s is 1.0"),
        ({"rise_s": -0.1}, "rise_s is -0.1"),
        ({"decay_s": 0.0}, "decay_s is 0.0"),
        ({"decay_s": np.inf}, "decay_s is inf"),
        ({"decay_s": 0.001}, "far below the 0.1 s of a frame"),
        ({"kernel": "all"}, "kernel is 'all'"),
    ],
)
def test_options_that_cannot_be(planted, given, match):
    with pytest.raises(InputError, match=match):
        popcode.deconvolve(planted.traces, 0.1, **given)


@pytest.mark.parametrize("bin_s", [None, 0.0, np.nan, -1.0])
def test_the_width_of_a_frame_must_be_known(planted, bin_s):
    with pytest.raises(InputError, match="and deconvolution needs it"):
        popcode.deconvolve(planted.traces, bin_s)


def test_two_widths_are_refused(planted):
    recording = Recording(planted.traces, "dff", 0.1)
    with pytest.raises(InputError, match=r"bin_s is 0\.2 but the recording has bins of 0\.1 s"):
        popcode.deconvolve(recording, 0.2)


def test_the_median_of_weights():
    assert weighted_median(np.array([3.0, 1.0, 2.0]), np.ones(3)) == 2.0
    assert weighted_median(np.array([3.0, 1.0, 2.0]), np.array([5.0, 1.0, 1.0])) == 3.0
