"""The exact sampler has the law of the stepped network: theory, sampler and steps agree."""

import numpy as np
import pytest

from popcode.dynamics import sampler
from popcode.dynamics.euler import simulate_euler
from popcode.dynamics.sampler import sample_modes, sample_network
from popcode.dynamics.schedule import Schedule
from popcode.dynamics.theory import general, modes
from popcode.threads import Team

STEP = 0.1


def random_network(n, asymmetry, seed=0):
    matrix = np.random.default_rng(seed).normal(size=(n, n))
    matrix = matrix + matrix.T if asymmetry == 0 else matrix
    return matrix * 0.9 / np.linalg.eigvals(matrix).real.max()


def covariances(runs, lag):
    """Mean over runs and bins of x(b + lag) x(b)^T, and the standard error over runs."""
    runs = runs.astype(float)
    later, earlier = runs[:, lag:], runs[:, : runs.shape[1] - lag]
    each = np.einsum("rbi,rbj->rij", later, earlier) / later.shape[1]
    return each.mean(axis=0), each.std(axis=0) / np.sqrt(len(runs))


def assert_within_error(runs, expected, lag):
    found, error = covariances(runs, lag)
    distance = np.abs(found - expected) / error
    # Of some fifty entries one is beyond 4.5 standard errors once in 3,000 times; their mean
    # square is 1.
    assert distance.max() < 4.5
    assert np.sqrt((distance**2).mean()) < 1.6


@pytest.mark.parametrize("asymmetry", [0, 1])
@pytest.mark.parametrize("m", [1, 5])
@pytest.mark.parametrize("start", [0, 7])
def test_sampler_and_steps_have_the_covariance_of_theory(asymmetry, m, start):
    matrix = random_network(7, asymmetry)
    schedule = Schedule(STEP, m, start, 12)
    drawn = sample_network(matrix, schedule, 1500, seed=1)
    stepped = simulate_euler(matrix, schedule, 1500, seed=1)
    for lag in (0, 1, 3):
        if lag == 0:
            expected = general.binned_covariance(matrix, schedule)
        else:
            expected = general.lagged_covariance(matrix, schedule, lag)
        assert_within_error(drawn, expected, lag)
        assert_within_error(stepped, expected, lag)


@pytest.mark.parametrize("start", [0, 7, np.inf])
def test_modes_have_the_variance_of_theory(start):
    values = np.array([0.95, 0.5, -0.9])
    schedule = Schedule(STEP, 5, start, 12)
    runs = sample_modes(values, schedule, 2000, seed=3)
    assert_within_error(runs, np.diag(modes.binned_variance(values, schedule)), 0)
    for lag in (1, 4):
        expected = np.diag(modes.lagged_covariance(values, schedule, lag))
        assert_within_error(runs, expected, lag)


def test_first_bins_remember_the_start():
    runs = sample_modes([0.9], Schedule(STEP, 2, 0, 200), 4000, seed=0)[:, :, 0].astype(float)
    early, late = runs[:, 0].var(), runs[:, -1].var()
    g = 1 - STEP * 0.1
    from_start = ((g + g**2) / 2) ** 2
    noise = STEP**2 * ((1 + g) ** 2 + 1) / 4
    assert early == pytest.approx(from_start + noise, rel=4 * np.sqrt(2 / 4000))
    stationary = modes.binned_variance([0.9], Schedule(STEP, 2))[0]
    assert late == pytest.approx(stationary, rel=5 * np.sqrt(2 / 4000))  # 2 % of the start is left


def test_both_samplers_have_one_law_bin_by_bin():
    values = np.array([0.8, -0.5])
    schedule = Schedule(STEP, 4, 3, 3)
    by_mode = sample_modes(values, schedule, 4000, seed=5).reshape(4000, -1).astype(float)
    by_block = sample_network(np.diag(values), schedule, 4000, seed=5).reshape(4000, -1)
    first, second = np.cov(by_mode.T), np.cov(by_block.T.astype(float))
    scale = np.sqrt(np.outer(np.diag(first), np.diag(first)))
    assert (np.abs(first - second) / scale).max() < 4.5 * np.sqrt(2 * 2 / 4000)


def test_threads_change_no_bit(monkeypatch):
    schedule = Schedule(STEP, 4, 3, 6)
    matrix = random_network(4, 1)
    results = []
    for n_threads in (1, 3):
        monkeypatch.setattr(sampler, "Team", lambda n=n_threads: Team(n))
        results.append(
            (sample_modes([0.9, 0.1], schedule, 40, 7), sample_network(matrix, schedule, 40, 7))
        )
    for one, three in zip(*results, strict=True):
        np.testing.assert_array_equal(one, three)
