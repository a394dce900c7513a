"""Correlations, their order and components, within segments, against numpy and chance."""

from itertools import pairwise

import numpy as np
import pytest

from popcode.analysis.dynamics import (
    trace_components,
    trace_correlations,
    ward_order,
)
from popcode.analysis.dynamics.segments import phase_randomised, shifted_within
from popcode.errors import InputError

T, K = 600, 9
STARTS = np.array([0, 200, 210])


@pytest.fixture
def traces():
    """Three groups of three that share a signal."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(T, 3))
    return np.repeat(shared, 3, axis=1) + 0.7 * rng.normal(size=(T, K))


def test_one_segment_is_plain_pearson(traces):
    found = trace_correlations(traces, np.array([0]))
    np.testing.assert_allclose(found.matrix, np.corrcoef(traces.T), atol=1e-12)


def test_what_differs_between_segments_is_no_correlation(traces):
    drift = np.repeat([0.0, 5, -3], [200, 10, 390])[:, None]
    plain, moved = (trace_correlations(x, STARTS) for x in (traces, traces + drift))
    np.testing.assert_allclose(moved.matrix, plain.matrix, atol=1e-10)
    one, other = (trace_components(x, STARTS) for x in (traces, traces + drift))
    np.testing.assert_allclose(other.shares, one.shares, atol=1e-10)
    # Taken as one stretch, drift is what all share.
    assert trace_correlations(traces + drift, np.array([0])).matrix.min() > 0.5


def test_chance_is_what_unrelated_traces_give():
    rng = np.random.default_rng(1)
    slow = np.stack(
        [np.convolve(rng.normal(size=T + 20), np.ones(21), "valid") for _ in range(30)], axis=1
    )
    found = trace_correlations(slow, np.array([0]))
    # 435 dependent pairs, .05 expected.
    assert found.beyond_chance < 0.12
    # White traces of the same length would be taken for related far less often than slow ones.
    assert found.chance > 3 * 1.96 / np.sqrt(T)


def test_planted_correlations_are_beyond_chance(traces):
    found = trace_correlations(traces, STARTS)
    # 9 of 36 pairs, and a twentieth of the rest.
    assert 0.25 <= found.beyond_chance < 0.4


def test_groups_lie_together(traces):
    mixed = np.random.default_rng(2).permutation(K)
    still = np.c_[traces[:, mixed], np.ones(T)]
    order = ward_order(trace_correlations(still, STARTS).matrix)
    assert order.order[-1] == K
    groups = mixed[order.order[:-1]] // 3
    assert np.count_nonzero(np.diff(groups)) == 2


def test_orders_of_few_traces(traces):
    for n in (0, 1):
        matrix = trace_correlations(traces[:, :n], STARTS).matrix
        assert ward_order(matrix).order.tolist() == list(range(n))


def test_components_are_those_of_the_covariance(traces):
    found = trace_components(traces, np.array([0]))
    values = np.linalg.eigvalsh(np.cov(traces.T))[::-1]
    np.testing.assert_allclose(found.shares, values / values.sum(), atol=1e-10)
    np.testing.assert_allclose(found.axes.T @ found.axes, np.eye(K), atol=1e-10)
    np.testing.assert_allclose(
        found.scores @ found.axes.T, traces - traces.mean(axis=0), atol=1e-10
    )
    assert (found.axes.sum(axis=0) >= 0).all()
    assert found.n_beyond_chance == 3


def test_components_of_unrelated_traces_are_chance():
    rng = np.random.default_rng(3)
    numbers = [
        trace_components(rng.normal(size=(T, K)), STARTS, seed=seed).n_beyond_chance
        for seed in range(12)
    ]
    # One in 20 expected: two of twelve with probability .98.
    assert sum(each > 0 for each in numbers) <= 2


def test_controls_stay_within_segments(traces):
    edges, rng = np.array([0, 200, 210, T]), np.random.default_rng(4)
    shifted = shifted_within(traces, edges, rng)
    drawn = phase_randomised(traces, edges, rng)
    for a, b in pairwise(edges):
        np.testing.assert_array_equal(np.sort(shifted[a:b], axis=0), np.sort(traces[a:b], axis=0))
        spectra = [np.abs(np.fft.rfft(each[a:b], axis=0)) for each in (drawn, traces)]
        np.testing.assert_allclose(spectra[0], spectra[1], atol=1e-9)
    assert np.abs(np.corrcoef(shifted.T)[0, 1]) < 0.2


def test_what_cannot_be_analysed_is_refused(traces):
    with pytest.raises(InputError, match="segment_starts"):
        trace_correlations(traces, np.array([0, 700]))
    with pytest.raises(InputError, match="shifts"):
        trace_components(traces, STARTS, n_shifts=0)
    with pytest.raises(InputError, match="no trace varies"):
        trace_components(np.ones((T, 2)), STARTS)
    assert np.isnan(trace_correlations(np.ones((T, 2)), STARTS).chance)
