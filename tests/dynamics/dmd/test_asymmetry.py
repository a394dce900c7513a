"""The antisymmetric part of the lagged covariance: without bias, and none without direction."""

import numpy as np
import pytest

from popcode.dynamics.dmd import dmd, lagged_asymmetry
from popcode.dynamics.dmd.asymmetry import asymmetry_of
from popcode.dynamics.dmd.stretches import Stretches
from popcode.recording import Recording


def planted(symmetric, seed, n=16, n_bins=3000, noise=1.0):
    rng = np.random.default_rng((seed, 3))
    a = rng.normal(size=(n, n))
    a = a + a.T if symmetric else a
    a *= 0.95 / np.abs(np.linalg.eigvals(a)).max()
    step = 0.6 * np.eye(n) + 0.4 * a
    x = np.zeros((n_bins, n))
    x[0] = rng.normal(size=n)
    for t in range(1, n_bins):
        x[t] = step @ x[t - 1] + rng.normal(size=n)
    return x + noise * rng.normal(size=x.shape), step


def exact_share(step, lag):
    """Of the noise-free stationary process: C(lag) = M^lag S, S = M S Mᵀ + I."""
    n = len(step)
    same = np.linalg.solve(np.eye(n * n) - np.kron(step, step), np.eye(n).ravel()).reshape(n, n)
    lagged = np.linalg.matrix_power(step, lag) @ same
    odd = (lagged - lagged.T) / 2
    return np.sum(odd**2) / np.sum(lagged**2)


def test_the_estimate_is_the_sum_over_stretches_that_are_apart():
    rng = np.random.default_rng(0)
    lagged = rng.normal(size=(7, 4, 4)) + np.arange(16).reshape(4, 4)
    cut = Stretches(np.zeros_like(lagged), lagged, np.full(7, 10))
    odd = (lagged - lagged.transpose(0, 2, 1)) / 2
    apart = [(i, j) for i in range(7) for j in range(7) if abs(i - j) > 1]
    above = sum(np.sum(odd[i] * odd[j]) for i, j in apart)
    below = sum(np.sum(lagged[i] * lagged[j]) for i, j in apart)
    assert asymmetry_of(cut, 5, 0).value == pytest.approx(above / below)


def test_intervals_hold_the_exact_share():
    """20 networks that are not symmetric; without noise, for z-scores change with its size."""
    held, ratios = 0, []
    for seed in range(20):
        x, step = planted(False, seed, noise=0.0)
        fitted = dmd(x, 2, standardise=False)
        found = lagged_asymmetry(x, fitted, standardise=False, n_resamples=300)
        truth = exact_share(step, 2)
        held += found.low <= truth <= found.high
        ratios.append(found.value / truth)
    assert held >= 16  # below it once in 400 times for intervals of 95 %
    assert abs(np.mean(ratios) - 1) < 0.1


def test_a_symmetric_network_has_none_whatever_is_seen_of_it():
    """Values scatter around nothing, and p-values are even, with noise and half the neurons."""
    found = []
    for seed in range(20):
        x, _ = planted(True, seed)
        seen = x[:, :8] * np.linspace(0.3, 5, 8)
        found.append(lagged_asymmetry(seen, dmd(seen, 2), n_resamples=200))
    values = np.array([each.value for each in found])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(20)
    assert sum(each.low <= 0 <= each.high for each in found) >= 17
    assert sum(each.p_value < 0.05 for each in found) <= 4  # expected 1; 5 once in 400 times


def test_a_directed_network_is_told_from_its_backward_runs():
    x, _ = planted(False, 0)
    found = lagged_asymmetry(x, dmd(x, 2))
    assert found.low > found.reversed_high
    assert found.p_value < 0.01
    backwards = lagged_asymmetry(x[::-1], dmd(x[::-1], 2))
    # The same pairs of bins the other way round, but for how they fall into stretches.
    assert backwards.value == pytest.approx(found.value, rel=0.2)


def test_one_way_drive_is_found_in_trials():
    """Neuron 1 follows neuron 0 by two bins, within trials of 25 bins."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=4000)
    x = np.stack([first, np.roll(first, 2) + rng.normal(size=4000)], axis=1)
    trials = Recording(x, segment_starts=np.arange(0, 4000, 25))
    found = lagged_asymmetry(trials, dmd(trials, 2))
    # C(2) is one number beside zeros: half of its square is antisymmetric.
    assert found.low <= 0.5 <= found.high
    assert found.n_stretches == 20
