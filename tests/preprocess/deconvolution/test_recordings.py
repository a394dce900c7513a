"""Recordings keep their neurons and say what was done."""

import numpy as np
import pytest

from popcode.errors import InputError, PopcodeWarning
from popcode.preprocess import deconvolve, deconvolved
from popcode.recording import Recording


@pytest.fixture(scope="module")
def recording(plant):
    planted = plant(600, 5, rise_s=0.15, decay_s=1.6, bin_s=0.1, rate=0.03, noise=0.15)
    traces = planted.traces.astype(np.float32)
    traces[:, 2] = 1.0
    return Recording(
        traces,
        "dff",
        0.1,
        neurons={"x_um": np.arange(5.0)},
        segment_starts=[0, 300, 302],
        covariates={"bin": np.arange(600)},
    )


def test_events_and_spikes_are_those_of_deconvolve(recording):
    found = deconvolve(recording, None, 0.15, 1.6)
    events = deconvolved(recording, 0.15, 1.6)
    spikes = deconvolved(recording, 0.15, 1.6, binary=True)
    assert (events.kind, spikes.kind) == ("events", "binary")
    np.testing.assert_array_equal(events.activity, found.amplitudes)
    np.testing.assert_array_equal(spikes.activity, found.binary)
    np.testing.assert_array_equal(events.neurons["threshold"], found.threshold)
    np.testing.assert_array_equal(events.neurons["x_um"], np.arange(5.0))
    np.testing.assert_array_equal(events.segment_starts, recording.segment_starts)


def test_the_provenance_says_what_was_done(recording):
    step = deconvolved(recording, 0.15, 1.6).provenance[-1]
    assert step["step"] == "deconvolved"
    assert (step["kernel"], step["rise_s"], step["decay_s"]) == ("given", 0.15, 1.6)
    assert "1 constant traces have no events" in step["notes"]
    assert "1 segments of one or two bins have no events" in step["notes"]
    assert deconvolved(recording).provenance[-1]["kernel"] == "shared"


def test_the_notes_say_what_was_found(recording):
    found = deconvolve(recording, None, 0.15, 1.6)
    notes = deconvolved(recording, 0.15, 1.6).provenance[-1]["notes"]
    assert notes[0] == "the response to a spike: rise 0.15 s (given), decay 1.6 s (given)"
    explained = 100 * np.median(np.delete(found.explained, 2))  # 2 never changes
    assert notes[1].startswith(f"the spikes explain {explained:.3g} % of the variance of a trace")
    active, spikes = 100 * np.mean(found.amplitudes > 0), 100 * np.mean(found.binary)
    assert notes[2].startswith(f"{active:.3g} % of all entries hold an amplitude, {spikes:.3g} % ")


def test_the_notes_tell_what_is_given_from_what_is_found(recording):
    shared = deconvolve(recording, None, 0.15).kernel.decay_s[0]
    notes = deconvolved(recording, 0.15).provenance[-1]["notes"]
    assert notes[0].endswith(f"rise 0.15 s (given), decay {shared:.3g} s (found)")
    decays = np.delete(deconvolve(recording, None, 0.15, kernel="each").kernel.decay_s, 2)
    notes = deconvolved(recording, 0.15, kernel="each").provenance[-1]["notes"]
    assert notes[0].endswith(
        f"decay {np.median(decays):.3g} s in the median neuron "
        f"({decays.min():.3g} to {decays.max():.3g} s) (found)"
    )


def test_of_traces_that_never_change_there_is_nothing_to_say():
    still = Recording(np.full((20, 3), 0.5, np.float32), "dff", 0.1)
    assert deconvolved(still).provenance[-1]["notes"] == ["3 constant traces have no events"]


def test_an_unknown_width_of_a_frame_is_said_so():
    recording = Recording(np.random.default_rng(0).normal(size=(20, 3)))
    with pytest.raises(InputError, match="the width of a frame is unknown, and deconvolution"):
        deconvolved(recording)


def test_events_pass_unchanged_and_it_is_said():
    events = Recording(np.eye(20, 4, dtype=np.float32) * 0.5, "events", 0.1)
    with pytest.warns(PopcodeWarning, match="deconvolved events already"):
        same = deconvolved(events)
    np.testing.assert_array_equal(same.activity, events.activity)
    assert same.kind == "events"
    assert "kept as they are" in same.provenance[-1]["notes"][0]


@pytest.mark.parametrize("kind", ["binary", "counts"])
def test_spikes_are_refused(kind):
    with pytest.raises(InputError, match=f"holds spikes \\({kind}\\)"):
        deconvolved(Recording(np.eye(20, 4, dtype=np.uint8), kind, 0.1))
