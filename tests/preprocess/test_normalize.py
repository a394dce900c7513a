"""z-scores: moments, invariance, flat neurons."""

import numpy as np
import pytest

from popcode.preprocess import zscored
from popcode.recording import Recording


def values(n_bins=400, n_neurons=6):
    return np.random.default_rng(1).normal(3, 2, (n_bins, n_neurons))


def test_mean_0_and_sd_1():
    made = zscored(Recording(values(), kind="dff"))
    assert made.kind == "dff"
    # float32 has 24 bits: values of a few units are right to about 1e-7.
    np.testing.assert_allclose(made.activity.mean(axis=0, dtype=np.float64), 0, atol=1e-6)
    np.testing.assert_allclose(made.activity.std(axis=0, dtype=np.float64), 1, atol=1e-6)


def test_twice_is_once():
    once = zscored(Recording(values(), kind="rate"))
    np.testing.assert_allclose(zscored(once).activity, once.activity, atol=2e-6)


def test_counts_become_a_rate():
    counts = Recording(np.random.default_rng(0).poisson(2, (50, 3)), kind="counts")
    made = zscored(counts)
    assert made.kind == "rate"
    expected = (counts.activity - counts.activity.mean(axis=0)) / counts.activity.std(axis=0)
    np.testing.assert_allclose(made.activity, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3])
def test_a_neuron_that_never_changes_is_zeros_and_said(value):
    array = values(333, 3)
    array[:, 1] = value
    made = zscored(Recording(array, kind="rate"))
    assert (made.activity[:, 1] == 0).all()
    step = made.provenance[-1]
    assert (step["constant"], step["notes"]) == (1, ["1 neuron never changing: all zeros"])


def test_what_belongs_to_it_is_kept():
    recording = Recording(
        values(10, 2),
        bin_s=0.1,
        neurons={"region": ["CA1", "CA3"]},
        segment_starts=[0, 4],
        covariates={"position": np.arange(10.0)},
    )
    made = zscored(recording)
    assert made.neurons.equals(recording.neurons)
    assert made.segment_starts.tolist() == [0, 4]
    assert np.array_equal(made.covariates["position"], recording.covariates["position"])
