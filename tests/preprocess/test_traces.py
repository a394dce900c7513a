"""Thresholds are found from the noise, whatever baseline and activity are."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import popcode
from popcode.errors import InputError
from popcode.preprocess import binarize_traces, trace_noise
from popcode.recording import Recording

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def traces(n_bins: int = 4000, n_neurons: int = 8, active: float = 0.1) -> tuple:
    """Noise of sd 0.5 around 3, and 5 more in the active bins."""
    rng = np.random.default_rng(0)
    truth = rng.random((n_bins, n_neurons)) < active
    return rng.normal(3, 0.5, truth.shape) + 5 * truth, truth


@pytest.mark.parametrize("active", [0.0, 0.1, 0.3])
def test_baseline_and_noise_are_robust_to_activity(active):
    noise = trace_noise(traces(active=active)[0])
    np.testing.assert_allclose(noise.baseline, 3, atol=0.3)
    np.testing.assert_allclose(noise.noise_sd, 0.5, rtol=0.35)


def test_active_bins_are_found():
    values, truth = traces()
    binary = binarize_traces(Recording(values, kind="dff"))
    assert binary.kind == "binary"
    assert (binary.activity[truth] == 1).all()
    assert binary.activity[~truth].mean() < 0.1
    assert "2 standard deviations" in binary.provenance[-1]["rule"]


@given(scale=st.sampled_from([0.25, 2.0, 8.0]), shift=st.integers(-4, 4))
def test_units_and_offsets_do_not_matter(scale, shift):
    values = np.round(traces(n_bins=200)[0] * 256) / 256  # exact in float32 after both
    before = binarize_traces(Recording(values, kind="dff")).activity
    after = binarize_traces(Recording(scale * values + shift, kind="dff")).activity
    np.testing.assert_array_equal(before, after)


def test_a_higher_threshold_leaves_less():
    recording = Recording(traces()[0], kind="dff")
    means = [binarize_traces(recording, n_sd).activity.mean() for n_sd in (1.0, 2.0, 4.0)]
    assert means[0] > means[1] > means[2] > 0


def test_events_are_active_above_zero():
    events = np.array([[0.0, 0.3], [0.0, 0.0], [2.0, 0.0]])
    binary = binarize_traces(Recording(events, kind="events"))
    np.testing.assert_array_equal(binary.activity, events > 0)
    assert binary.provenance[-1]["rule"] == "event amplitude above 0"


def test_counts_and_binary_activity_need_no_threshold():
    counts = np.array([[0, 3], [1, 0]])
    np.testing.assert_array_equal(binarize_traces(Recording(counts)).activity, counts > 0)
    recording = Recording(np.eye(3))
    assert binarize_traces(recording) is recording


def test_constant_traces_are_never_active():
    binary = binarize_traces(Recording(np.full((50, 2), 0.7), kind="rate"))
    assert binary.activity.sum() == 0


@pytest.mark.parametrize("n_bins", [1, 2, 3])
def test_short_traces_are_no_mistake(n_bins):
    binarize_traces(Recording(np.linspace(-1, 1, n_bins * 2).reshape(n_bins, 2), kind="dff"))


@pytest.mark.parametrize("n_sd", [-1, np.nan, np.inf])
def test_impossible_thresholds_are_refused(n_sd):
    with pytest.raises(InputError, match="expected a number from 0"):
        binarize_traces(Recording(np.eye(3)), n_sd)


def test_a_real_recording_of_dff_becomes_binary():
    path = DATA / "tectum_zebrafish.npz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    rates = binarize_traces(popcode.load(path)).activity.mean(axis=0)
    assert 0.02 < rates.min() < rates.max() < 0.5
