"""Intervals hold the truth, and controls show what a finite recording gives."""

import numpy as np
import pytest

from popcode.dynamics.dmd import dmd, dmd_intervals
from popcode.dynamics.dmd.bin_pairs import first_bins, units_of_pairs
from popcode.dynamics.dmd.operator import eigenvalues_between
from popcode.dynamics.dmd.stretches import component_scores, stretches_of
from popcode.dynamics.source import source_of
from popcode.errors import InputError
from popcode.recording import Recording


def linear(matrix, n_bins, seed):
    rng = np.random.default_rng(seed)
    x = np.zeros((n_bins, len(matrix)))
    for t in range(1, n_bins):
        x[t] = matrix @ x[t - 1] + rng.normal(size=len(matrix))
    return x


def network(symmetric, n=20, n_bins=4000, seed=0):
    a = np.random.default_rng((seed, 1)).normal(size=(n, n))
    a = a + a.T if symmetric else a
    a *= 0.98 / np.abs(np.linalg.eigvals(a)).max()
    return linear(0.7 * np.eye(n) + 0.3 * a, n_bins, seed)


def test_stretches_add_up_to_the_fit():
    x = network(True)
    fitted = dmd(x, 2, ridge=0.05)
    source = source_of(x)
    starts = first_bins(source.segment_starts, 4000, 2)
    units = units_of_pairs(starts, source.segment_starts, 20)
    cut = stretches_of(component_scores(source, fitted.components), starts, units, 2)
    same, lagged = (sums.sum(axis=0) / starts.size for sums in (cut.same, cut.lagged))
    assert np.abs(same - np.diag(fitted.variances)).max() < 1e-10
    again = eigenvalues_between(same, lagged, fitted.added_variance)
    assert np.abs(np.sort_complex(again) - np.sort_complex(fitted.eigenvalues)).max() < 1e-8


def test_the_interval_holds_the_planted_eigenvalue():
    """Of 24 recordings; intervals of 95 % hold fewer than 20 once in 200 times."""
    truth = 0.9**2
    held = 0
    for seed in range(24):
        x = linear(np.diag([0.9, 0.5, 0.1]), 2000, seed)
        fitted = dmd(x, 2, ridge=0.0)
        found = dmd_intervals(x, fitted, n_resamples=40, seed=seed)
        held += found.low.leading_moduli[0] <= truth <= found.high.leading_moduli[0]
    assert held >= 20


def test_running_backwards_keeps_a_symmetric_network_and_not_another():
    for symmetric in (True, False):
        x = network(symmetric)
        fitted = dmd(x, 2)
        found = dmd_intervals(x, fitted, n_resamples=40)
        low, high = found.reversed_low.real_share, found.reversed_high.real_share
        inside = low <= found.value.real_share <= high
        assert inside == symmetric
        turning = found.value.turns[3] > found.reversed_high.turns[3]
        assert turning != symmetric


def test_shuffled_bins_have_no_dynamics():
    x = network(False)
    found = dmd_intervals(x, dmd(x, 2), n_resamples=5)
    # Chance: sqrt(20 neurons / 4,000 bins) = 0.07.
    assert found.shuffled.leading_moduli[0] < 0.15 < found.low.leading_moduli[0]
    assert found.shuffled.n_eigenvalues == 0
    assert np.isnan(found.value.leading_moduli).sum() == 0


def test_the_seed_decides():
    x = network(True, n=6, n_bins=600)
    fitted = dmd(x, 2)
    one, same, other = (dmd_intervals(x, fitted, n_resamples=8, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one.low.turns, same.low.turns)
    assert not np.array_equal(one.low.leading_moduli, other.low.leading_moduli)


def test_what_gives_no_interval_is_refused():
    x = Recording(np.random.default_rng(0).normal(size=(12, 3)), segment_starts=[0, 3, 6, 9])
    with pytest.raises(InputError, match="stretches of time"):
        dmd_intervals(x, dmd(x, 2), n_stretches=4)
    x = network(True, n=6, n_bins=600)
    with pytest.raises(InputError, match="n_resamples"):
        dmd_intervals(x, dmd(x), n_resamples=0)
    wide = np.random.default_rng(0).normal(size=(30, 60))
    with pytest.raises(InputError, match="Give a ridge"):
        dmd_intervals(wide, dmd(wide, 1, ridge=0.0), n_stretches=10, n_resamples=5)
