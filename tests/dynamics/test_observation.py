"""Spikes and fluorescence have the means and variances of their laws."""

import numpy as np
import pytest
from scipy.stats import norm

from popcode.dynamics.observation import observe_calcium, observe_spikes
from popcode.errors import InputError
from popcode.recording import Recording


def gaussian_recording(n_bins=20_000, n_neurons=4, seed=0):
    activity = np.random.default_rng(seed).normal(3, 2, (n_bins, n_neurons))
    return Recording(activity, kind="rate", bin_s=1 / 22)


def test_spikes_follow_the_rectified_activity():
    recording = gaussian_recording()
    spikes = observe_spikes(recording, gain=0.5, seed=1)
    assert spikes.kind == "counts"
    z = (recording.activity - recording.activity.mean(axis=0)) / recording.activity.std(axis=0)
    assert (spikes.activity[z <= 0] == 0).all()
    # E max(0, z) = 1 / sqrt(2 pi); variance of a count = mean + variance of its rate
    mean = 0.5 * norm.pdf(0)
    variance = mean + 0.25 * (0.5 - norm.pdf(0) ** 2)
    error = np.sqrt(variance / recording.activity.size)
    assert abs(spikes.activity.mean() - mean) < 4.5 * error
    assert spikes.activity.var() == pytest.approx(variance, rel=0.03)


def test_units_of_the_activity_do_not_matter():
    recording = gaussian_recording(500)
    scaled = Recording(recording.activity * 4.0, kind="rate", bin_s=recording.bin_s)
    np.testing.assert_array_equal(
        observe_spikes(recording, seed=1).activity, observe_spikes(scaled, seed=1).activity
    )


def test_a_spike_decays_within_its_segment():
    counts = np.zeros((120, 3), np.uint8)
    counts[10] = 1
    counts[59] = 5
    recording = Recording(counts, kind="counts", bin_s=0.05, segment_starts=[0, 60])
    photons = 1e9  # no noise left
    trace = observe_calcium(recording, photons, decay_s=0.25, seed=0)
    kept = np.exp(-0.05 / 0.25)
    expected = (1 - kept) * kept ** np.arange(20)
    np.testing.assert_allclose(trace.activity[10:30, 1], expected, atol=1e-3)
    assert abs(expected.sum() - 1) < 0.02
    np.testing.assert_allclose(trace.activity[60:], 0, atol=1e-3)
    assert trace.kind == "dff"


def test_shot_noise_falls_with_the_photons():
    silent = Recording(np.zeros((20_000, 6), np.uint8), kind="counts", bin_s=0.05)
    trace = observe_calcium(silent, photons=0.2, seed=2)
    photons = trace.neurons["resting_photons"].to_numpy()
    # Variance of a Poisson number over the square of its mean; twenty thousand bins give it to 1 %.
    np.testing.assert_allclose(trace.activity.var(axis=0) * photons, 1, rtol=0.05)
    assert np.abs(trace.activity.mean(axis=0) * np.sqrt(photons * 20_000)).max() < 4.5


def test_bad_input_is_refused():
    recording = gaussian_recording(50)
    still = Recording(np.ones((50, 2)) * [1.0, 2.5], kind="rate", bin_s=0.05)
    unknown = Recording(np.ones((5, 2), np.uint8), kind="counts")
    for ask, named in (
        (lambda: observe_spikes(still), "variance"),
        (lambda: observe_spikes(recording, gain=0), "gain"),
        (lambda: observe_spikes(recording, gain=1e4), "spikes"),
        (lambda: observe_calcium(recording), "below 0"),
        (lambda: observe_calcium(unknown), "bin width"),
        (lambda: observe_calcium(observe_spikes(recording), photons=-1), "photons"),
    ):
        with pytest.raises(InputError, match=named):
            ask()
