"""Artefacts, cut traces and traces upside down: taken out, or said."""

import numpy as np
import pytest

import popcode
from popcode.errors import PopcodeWarning
from popcode.preprocess import KERNELS, deconvolved
from popcode.preprocess.deconvolution.faults import (
    interpolate_artefacts,
    looks_inverted,
    most_held,
)
from popcode.recording import Recording

GCAMP6F = dict(zip(("rise_s", "decay_s"), KERNELS["gcamp6f"], strict=True))
NEAR = 40  # frames: 2.5 decays on each side
DOUBTED = "ignore::popcode.errors.PopcodeWarning"


@pytest.fixture(scope="module")
def planted(plant):
    return plant(3000, 4, **GCAMP6F, bin_s=0.1, rate=0.03, noise=0.15)


@pytest.fixture(scope="module")
def clean(planted):
    return popcode.deconvolve(planted.traces, 0.1, **GCAMP6F)


def far_from(frames, n_bins):
    bins = np.arange(n_bins)
    return (bins < frames.start - NEAR) | (bins >= frames.stop + NEAR)


@pytest.mark.parametrize("height", [50.0, 1e3, 1e5, 1e30, -50.0, -1e5])
@pytest.mark.parametrize("kernel", [GCAMP6F, {}], ids=["given", "found"])
def test_a_frame_does_not_change_the_events_elsewhere(planted, height, kernel):
    traces = planted.traces.copy()
    traces[1500] = height
    found = popcode.deconvolve(traces, 0.1, **kernel)
    without = popcode.deconvolve(planted.traces, 0.1, **kernel)
    assert (found.n_artefacts == 1).all()
    far = far_from(slice(1500, 1501), 3000)
    # One of 3,000 frames moves baseline and amplitude in their fourth digit: an event at the
    # threshold may cross it.
    differ = found.binary[far] != without.binary[far]
    assert differ.sum(axis=0).max() <= 1
    np.testing.assert_allclose(found.amplitudes[far], without.amplitudes[far], atol=0.02)
    np.testing.assert_allclose(found.noise, without.noise, rtol=0.01)


def test_many_frames_do_not_either(planted, clean):
    traces = planted.traces.copy()
    frames = slice(1500, 1520)
    traces[frames] = np.random.default_rng(1).uniform(1e2, 1e4, (20, 1))
    found = popcode.deconvolve(traces, 0.1, **GCAMP6F)
    far = far_from(frames, 3000)
    # Baselines differ by what 20 of 3,000 frames held.
    assert np.mean(found.binary[far] != clean.binary[far]) < 0.005
    assert found.n_artefacts.tolist() == [20] * 4


@pytest.mark.parametrize("end", [slice(0, 5), slice(2999, 3000), slice(2950, 3000)])
def test_artefacts_at_the_ends(planted, clean, end):
    traces = planted.traces.copy()
    traces[end] = -1e3 if end.start == 2950 else 1e3
    found = popcode.deconvolve(traces, 0.1, **GCAMP6F)
    far = far_from(end, 3000)
    assert np.mean(found.binary[far] != clean.binary[far]) < 0.005
    assert (found.n_artefacts == end.stop - end.start).all()


def test_a_dark_segment_is_apart(planted):
    traces = planted.traces.copy()
    traces[1000:1100] = -1e4
    recording = Recording(traces, "dff", 0.1, segment_starts=[0, 1000, 1100])
    found = popcode.deconvolve(recording, **GCAMP6F)
    assert not found.binary[1000:1100].any() and not found.inverted.any()
    assert (found.n_artefacts == 100).all()
    assert (found.explained > 0.5).all()


@pytest.mark.parametrize(("rise_s", "decay_s"), [(0.15, 1.6), (0.01, 0.15), (0.0, 0.1)])
@pytest.mark.parametrize("height", [60.0, 500.0, 5e4])
def test_transients_of_any_height_stay(rise_s, decay_s, height):
    """Down to a decay of one frame."""
    rng = np.random.default_rng(2)
    trace = rng.standard_normal(3000)
    for start in (400, 1300, 2400, 2970):
        times = 0.1 * np.arange(1, 3001 - start)
        rise = np.exp(-times / rise_s) if rise_s else 0.0
        trace[start:] += height * (np.exp(-times / decay_s) - rise)
    before = trace.copy()
    for limit in (50.0, 75.0):
        assert interpolate_artefacts(trace, np.array([0, 3000]), 0.0, limit) == 0
    np.testing.assert_array_equal(trace, before)
    found = popcode.deconvolve(trace[:, None], 0.1, rise_s, decay_s)
    assert not found.n_artefacts.any()
    assert (found.amplitudes > 0.5 * height).any()


def test_lines_bridge_the_gaps_and_no_border():
    trace = np.array([0.0, 1.0, 900.0, 800.0, 4.0, 0.0, 700.0, -900.0, 3.0, 2.0])
    starts = np.array([0, 6, 10])
    assert interpolate_artefacts(trace, starts, 0.0, 50.0) == 4
    np.testing.assert_allclose(trace, [0, 1, 2, 3, 4, 0, 3, 3, 3, 2])


def test_no_limit_finds_nothing():
    trace = np.array([0.0, 1e9, 0.0])
    assert interpolate_artefacts(trace, np.array([0, 3]), 0.0, 0.0) == 0


def test_cut_traces_are_said_and_their_events_bounded(planted, clean):
    cut = np.where(planted.traces > 1, planted.traces, 0)
    with pytest.warns(PopcodeWarning, match=r"4 of 4 neurons \(the first is neuron 0\) hold one"):
        found = popcode.deconvolve(cut, 0.1, **GCAMP6F)
    assert found.cut.all() and not found.inverted.any()
    assert (found.binary.sum(axis=0) < 1.5 * clean.binary.sum(axis=0)).all()
    # What is left of the noise: its own, and the steepness of transients.
    np.testing.assert_allclose(found.noise, 0.15, rtol=0.3)


def test_the_noise_of_rectified_traces_is_that_of_the_rest(planted):
    noise = 0.15 * np.random.default_rng(3).standard_normal(planted.traces.shape)
    rectified = np.maximum(noise, 0.0)
    with pytest.warns(PopcodeWarning, match="as traces cut at a threshold do"):
        found = popcode.deconvolve(rectified, 0.1, **GCAMP6F)
    assert found.cut.all()
    # Differences of two halves of a Gaussian are smaller than those of two Gaussians.
    assert (found.noise > 0.05).all()


def test_inverted_traces_are_said(planted, clean):
    traces = planted.traces.copy()
    traces[:, 2:] *= -1
    with pytest.warns(PopcodeWarning, match=r"2 of 4 neurons \(the first is neuron 2\) look ups"):
        found = popcode.deconvolve(traces, 0.1)
    assert found.inverted.tolist() == [False, False, True, True]
    assert not clean.inverted.any() and not clean.cut.any()
    # They have no say in the kernel that is shared.
    others = popcode.deconvolve(planted.traces[:, :2], 0.1)
    assert found.kernel.decay_s[0] == others.kernel.decay_s[0]


@pytest.mark.parametrize("n_bins", [8, 100, 3000])
def test_noise_is_not_inverted(n_bins):
    rng = np.random.default_rng(4)
    assert not any(looks_inverted(trace) for trace in rng.standard_normal((200, n_bins)))


def test_what_a_trace_holds_most():
    assert most_held(np.array([-1.0, 0.0, 0.0, 0.0, 2.0, 2.0])) == (0.0, 0.5)
    assert most_held(np.arange(4.0)) == (0.0, 0.25)


@pytest.mark.filterwarnings(DOUBTED)
def test_the_notes_name_every_fault(planted):
    traces = planted.traces.copy()
    traces[[700, 1500], 0] = 1e3
    traces[900, 1] = -1e3
    traces[:, 2] = np.where(traces[:, 2] > 1, traces[:, 2], 0)
    traces[:, 3] *= -1
    notes = deconvolved(Recording(traces, "dff", 0.1), **GCAMP6F).provenance[-1]["notes"]
    assert any(note.startswith("3 frames of 2 of 4 neurons are artefacts") for note in notes)
    assert any(note.startswith("1 of 4 neurons (the first is neuron 2) hold") for note in notes)
    assert any(note.startswith("1 of 4 neurons (the first is neuron 3) look") for note in notes)


def test_sound_traces_have_no_such_note(planted):
    notes = deconvolved(Recording(planted.traces, "dff", 0.1), **GCAMP6F).provenance[-1]["notes"]
    assert not any("artefacts" in note or "neuron 0" in note for note in notes)
