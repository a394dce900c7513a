"""Smoothing: constants stay, segments block, the future does not act on a causal result."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popcode.errors import InputError
from popcode.preprocess import smoothed
from popcode.preprocess.smooth import gaussian_kernel
from popcode.recording import Recording

BIN_S = 0.1


def recording(values, **parts):
    return Recording(values, kind="dff", bin_s=BIN_S, **parts)


def noise(n_bins=60, n_neurons=3):
    return np.random.default_rng(0).normal(size=(n_bins, n_neurons))


def direct(values, sd_bins, causal):
    """The sum of the docstring, bin by bin."""
    times = np.arange(len(values))
    lags = times[:, None] - times
    weights = np.exp(-0.5 * (lags / sd_bins) ** 2) * (np.abs(lags) <= np.ceil(4 * sd_bins))
    if causal:
        weights *= lags >= 0
    return weights @ values / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sd_bins", [0.2, 1.0, 3.7, 50.0])
def test_the_sum_of_its_definition(causal, sd_bins):
    values = noise().astype(np.float32)
    made = smoothed(recording(values), sd_bins * BIN_S, causal).activity
    # The result is float32: 24 bits.
    np.testing.assert_allclose(made, direct(values, sd_bins, causal), atol=1e-6)


@given(
    sd_s=st.floats(0.01, 5),
    causal=st.booleans(),
    value=st.floats(-1e6, 1e6, width=32),
    border=st.integers(1, 29),
)
def test_a_constant_stays_constant(sd_s, causal, value, border):
    made = smoothed(recording(np.full((30, 2), value), segment_starts=[0, border]), sd_s, causal)
    np.testing.assert_allclose(made.activity, np.float32(value), rtol=1e-6, atol=0)


@given(bin_=st.integers(0, 58), sd_s=st.floats(0.05, 1))
def test_a_causal_result_knows_nothing_of_the_future(bin_, sd_s):
    values = noise()
    other = values.copy()
    other[bin_ + 1 :] += 1e6
    before = smoothed(recording(values), sd_s, causal=True).activity[: bin_ + 1]
    after = smoothed(recording(other), sd_s, causal=True).activity[: bin_ + 1]
    assert np.array_equal(before, after)


def test_the_symmetric_one_does_look_ahead():
    values = noise()
    other = values.copy()
    other[30:] += 10
    before, after = (smoothed(recording(v), 0.2).activity[29] for v in (values, other))
    assert (after > before + 1).all()


@pytest.mark.parametrize("causal", [False, True])
def test_a_segment_is_smoothed_as_if_it_were_alone(causal):
    values = noise()
    whole = smoothed(recording(values, segment_starts=[0, 7, 30]), 0.4, causal).activity
    parts = [smoothed(recording(values[a:b]), 0.4, causal) for a, b in ((0, 7), (7, 30), (30, 60))]
    # The kernel is cut at the longest segment, and its sum rounds otherwise.
    np.testing.assert_allclose(whole, np.concatenate([p.activity for p in parts]), atol=1e-6)


def test_the_kernel_is_cut_where_it_says():
    kernel = gaussian_kernel(2.0, False, 1000)
    assert len(kernel) == 2 * 8 + 1
    assert kernel.sum() == pytest.approx(1, abs=1e-15)
    past = gaussian_kernel(2.0, True, 1000)
    assert (past[:8] == 0).all()  # index 8 is the present bin, later ones look back
    assert past[8:].argmax() == 0


def test_counts_become_rates_and_more_neurons_than_are_taken_at_once():
    counts = np.random.default_rng(2).poisson(1, (40, 600))
    made = smoothed(Recording(counts, kind="counts", bin_s=BIN_S), 0.2)
    assert made.kind == "rate"
    np.testing.assert_allclose(made.activity, direct(counts, 2.0, False), atol=1e-5)
    assert made.provenance[-1]["former_kind"] == "counts"


def test_a_kernel_narrower_than_a_bin_is_said():
    assert "next to nothing" in smoothed(recording(noise()), 0.02).provenance[-1]["notes"][0]


def test_bad_input():
    for sd_s in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="positive number of seconds"):
            smoothed(recording(noise()), sd_s)
    with pytest.raises(InputError, match="bin width of the recording is unknown"):
        smoothed(Recording(noise()), 0.1)
