"""Paired differences against series whose error is known in closed form."""

import numpy as np
import pytest
from scipy.signal import lfilter

from popcode.errors import InputError
from popcode.metrics.paired import block_edges, paired_difference


def autocorrelated(rng, n, memory):
    """AR(1) of variance 1; its mean has the variance (1 + m) / (1 - m) / n."""
    noise = rng.normal(size=n) * np.sqrt(1 - memory**2)
    series = np.empty(n)
    series[0] = rng.normal()
    for t in range(1, n):
        series[t] = memory * series[t - 1] + noise[t]
    return series


def test_the_error_knows_the_memory_of_the_bins():
    """White noise and a memory of ten bins; errors within 15 % of the closed form in the mean."""
    rng = np.random.default_rng(0)
    for memory in (0.0, 0.9):
        expected = np.sqrt((1 + memory) / (1 - memory) / 8000)
        found = [
            paired_difference(autocorrelated(rng, 8000, memory), np.zeros(8000), np.array([0]), k)
            for k in range(12)
        ]
        errors = np.mean([x.standard_error for x in found])
        # Of 12 errors from 40 blocks: 4 % noise, and blocks of 200 bins lose 5 % at memory 0.9.
        assert errors == pytest.approx(expected, rel=0.15)


def test_intervals_cover_the_true_mean():
    rng = np.random.default_rng(1)
    starts = np.arange(0, 3000, 60)
    covered = 0
    for k in range(200):
        common = 10 * rng.normal(size=3000)
        by_segment = np.repeat(rng.normal(size=50), 60)
        found = paired_difference(common + 0.3 + by_segment, common, starts, k)
        covered += found.low <= 0.3 <= found.high
    assert 180 <= covered <= 199  # 190 +- 3, binomial, and 50 segments make it a little narrow


def test_what_is_common_cancels_and_signs_turn():
    rng = np.random.default_rng(2)
    a, common = rng.normal(size=400), 1e3 * rng.normal(size=400)
    plain = paired_difference(a, np.zeros(400), np.array([0, 150]), 3)
    shifted = paired_difference(common + a, common, np.array([0, 150]), 3)
    np.testing.assert_allclose(shifted, plain, atol=1e-9)
    turned = paired_difference(np.zeros(400), a, np.array([0, 150]), 3)
    found = turned.mean, turned.low, turned.high
    np.testing.assert_allclose(found, (-plain.mean, -plain.high, -plain.low))
    constant = paired_difference(a + 2, a, np.array([0]), 0)
    np.testing.assert_allclose(constant[:4], (2, 2, 2, 0), atol=1e-12)


def test_blocks_cross_no_segment_and_are_alike():
    starts = np.array([0, 7, 500, 3000])
    edges = block_edges(starts, 4000)
    assert set(starts) <= set(edges)
    assert edges[0] == 0 and edges[-1] == 4000
    sizes = np.diff(edges)
    assert sizes.max() <= 100 and sizes.min() == 7
    np.testing.assert_array_equal(block_edges(np.array([0]), 3), [0, 1, 2, 3])


def test_bad_input_is_refused():
    a = np.zeros(12)
    for starts in ([], [1, 2], [0, 3, 3], [0, 12]):
        with pytest.raises(InputError, match="segment_starts"):
            paired_difference(a, a, np.array(starts, int), 0)
    with pytest.raises(InputError, match="same bins"):
        paired_difference(a, a[:11], np.array([0]), 0)
    with pytest.raises(InputError, match="bin 3: 1 scores are not finite"):
        paired_difference(a, np.where(np.arange(12) == 3, -np.inf, 0), np.array([0]), 0)
    with pytest.raises(InputError, match="at least 10"):
        paired_difference(a[:9], a[:9], np.array([0]), 0)


@pytest.mark.parametrize(("correlation", "n_bins"), [(0.0, 10), (0.0, 900), (0.9, 5000)])
def test_intervals_cover_as_often_as_they_say(correlation, n_bins):
    """Differences of known mean 0, correlated over ten bins in the last case."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(200):
        noise = rng.normal(size=n_bins + 200)
        values = lfilter([1], [1, -correlation], noise)[200:]
        found = paired_difference(values, np.zeros(n_bins), np.array([0]), 0)
        held += found.low <= 0 <= found.high
    # 190 are expected; binomial noise is 3.
    assert 180 <= held <= 200
