"""Closed forms against explicit sums over the kernel of the formula."""

import numpy as np
import pytest

from popcode.preprocess import KERNELS
from popcode.preprocess.deconvolution.kernel import autocovariance, coefficients, convolve, norms

TIMES = [(0.2, 3.55, 0.4), (0.15, 1.6, 0.1), (0.01, 0.5, 0.02), (0.9, 1.0, 0.05), (1e-4, 0.3, 0.1)]


def explicit(rise_s, decay_s, bin_s):
    """K at every frame until it is below 1e-16, from the formula."""
    times = bin_s * np.arange(1, int(40 * decay_s / bin_s))
    ratio = decay_s / rise_s
    gap = decay_s - rise_s
    peak = ratio ** (-rise_s / gap) - ratio ** (-decay_s / gap)
    return (np.exp(-times / decay_s) - np.exp(-times / rise_s)) / peak


@pytest.mark.parametrize("times", TIMES)
def test_one_spike_gives_the_kernel(times):
    values = explicit(*times)
    events, calcium = np.zeros(len(values) + 1), np.empty(len(values) + 1)
    events[1] = 1.0
    convolve(events, *coefficients(*times), calcium)
    # Rounding of a recursion of a few hundred steps, cancelling where the times are alike.
    np.testing.assert_allclose(calcium[1:], values, rtol=0, atol=1e-11)


@pytest.mark.parametrize("times", TIMES)
def test_norms_are_those_of_the_kernel(times):
    values = explicit(*times)
    total, norm = norms(*coefficients(*times))
    assert total == pytest.approx(values.sum(), rel=1e-9)
    assert norm == pytest.approx(np.linalg.norm(values), rel=1e-9)


@pytest.mark.parametrize("times", TIMES)
def test_autocovariance_is_that_of_the_kernel_up_to_a_factor(times):
    values = explicit(*times)
    decay, rise, _ = coefficients(*times)
    theory = np.array([autocovariance(decay, rise, lag) for lag in range(8)])
    seen = np.array([values[: len(values) - lag] @ values[lag:] for lag in range(8)])
    np.testing.assert_allclose(theory / theory[0], seen / seen[0], rtol=1e-8)


def test_peak_is_one():
    assert explicit(0.2, 3.55, 1e-3).max() == pytest.approx(1.0, abs=1e-5)  # frames of 1 ms


def test_no_rise_is_the_limit_of_a_short_one():
    jump, short = coefficients(0.0, 0.5, 0.1), coefficients(1e-9, 0.5, 0.1)
    np.testing.assert_allclose(jump, short, rtol=1e-6)


def test_calcium_from_before_decays_without_a_rise():
    decay, rise, eta = coefficients(0.2, 1.6, 0.1)
    events, calcium = np.zeros(50), np.empty(50)
    events[0] = 3.0 * eta
    convolve(events, decay, rise, eta, calcium)
    np.testing.assert_allclose(calcium, 3.0 * decay ** np.arange(50), rtol=1e-12)


def test_published_kernels():
    assert KERNELS["gcamp6s"] == (0.2, 3.55)
    assert KERNELS["gcamp6f"] == (0.15, 1.6)
