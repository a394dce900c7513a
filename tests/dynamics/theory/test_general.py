"""Doubling against Lyapunov solvers, plain sums and the modes of symmetric networks."""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

from popcode.dynamics.schedule import Schedule
from popcode.dynamics.theory import general, modes
from popcode.errors import InputError

STEP = 0.1


def random_network(n, symmetric, seed=0):
    matrix = np.random.default_rng(seed).normal(size=(n, n))
    if symmetric:
        matrix = matrix + matrix.T
    return matrix * 0.95 / np.linalg.eigvals(matrix).real.max()


def plain_covariances(matrix, schedule, lag):
    """Mean over bins of Cov(bin + lag, bin) by propagating the covariance of all states."""
    n, m = len(matrix), schedule.steps_per_bin
    step = general.propagator(matrix, schedule.step)
    covariance = np.eye(n)
    for _ in range(schedule.n_discarded + 1):
        covariance = step @ covariance @ step.T + schedule.step**2 * np.eye(n)
    total = np.zeros((n, n))
    for _ in range(schedule.n_bins - lag):
        start = covariance
        for i in range(m):  # state i of this bin with every state of the later bin
            for j in range(m):
                apart = lag * m + j - i
                if apart >= 0:
                    total += np.linalg.matrix_power(step, apart) @ start
                else:
                    end = start
                    for _ in range(apart, 0):  # the later state is in the past of this one
                        end = np.linalg.solve(step, end - schedule.step**2 * np.eye(n))
                        end = np.linalg.solve(step, end.T).T
                    total += end @ np.linalg.matrix_power(step, -apart).T
            start = step @ start @ step.T + schedule.step**2 * np.eye(n)
        covariance = start
    return total / (m**2 * (schedule.n_bins - lag))


@pytest.mark.parametrize("symmetric", [True, False])
def test_stationary_covariance_solves_the_lyapunov_equation(symmetric):
    step = general.propagator(random_network(12, symmetric), STEP)
    noise = STEP**2 * np.eye(12)
    found = general.stationary_covariance(step, noise)
    np.testing.assert_allclose(found, solve_discrete_lyapunov(step, noise), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("lag", [0, 1, 2])
def test_bins_of_a_run_have_the_covariance_of_their_sum(m, lag):
    matrix = random_network(5, symmetric=False)
    schedule = Schedule(STEP, m, 4, 5)
    if lag == 0:
        found = general.binned_covariance(matrix, schedule)
    else:
        found = general.lagged_covariance(matrix, schedule, lag)
    plain = plain_covariances(matrix, schedule, lag)
    np.testing.assert_allclose(found, plain, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("schedule", [Schedule(STEP, 9), Schedule(STEP, 6, 30, 11)])
def test_symmetric_networks_have_the_closed_forms_of_their_modes(schedule):
    matrix = random_network(20, symmetric=True)
    values, vectors = np.linalg.eigh(matrix)
    binned = (vectors * modes.binned_variance(values, schedule)) @ vectors.T
    lagged = (vectors * modes.lagged_covariance(values, schedule, 2)) @ vectors.T
    close = {"rtol": 1e-8, "atol": 1e-11}  # the edge is 0.05 away: rounding grows twentyfold
    np.testing.assert_allclose(general.binned_covariance(matrix, schedule), binned, **close)
    np.testing.assert_allclose(general.lagged_covariance(matrix, schedule, 2), lagged, **close)
    expected = np.sort(modes.dmd_eigenvalues(values, schedule, 2, 0.01))
    found = np.sort(np.linalg.eigvals(general.dynamics_matrix(matrix, schedule, 2, 0.01)).real)
    np.testing.assert_allclose(found, expected, rtol=1e-7)


@pytest.mark.parametrize("n_steps", [1, 2, 3, 8, 13])
def test_a_stretch_is_its_steps_one_after_the_other(n_steps):
    step = general.propagator(random_network(6, symmetric=False), STEP)
    stretch = general.stretch_of(step, STEP, n_steps)
    single = general.one_step(step, STEP)
    slow = single
    for _ in range(n_steps - 1):
        slow = general.joined(slow, single)
    for fast, plain in zip(stretch, slow, strict=True):
        np.testing.assert_allclose(fast, plain, rtol=1e-10, atol=1e-14)
    powers = [np.linalg.matrix_power(step, k) for k in range(n_steps + 1)]
    np.testing.assert_allclose(stretch.gain, sum(powers[1:]), rtol=1e-10)
    np.testing.assert_allclose(
        stretch.end_noise, STEP**2 * sum(p @ p.T for p in powers[:-1]), rtol=1e-10, atol=1e-14
    )


def test_single_steps_have_the_dynamics_of_the_network():
    matrix = random_network(8, symmetric=False)
    step = general.propagator(matrix, STEP)
    found = general.dynamics_matrix(matrix, Schedule(STEP), lag=4)
    np.testing.assert_allclose(found, np.linalg.matrix_power(step, 4), atol=1e-9)


def test_very_long_bins_have_the_slow_covariance():
    matrix = random_network(10, symmetric=False)
    found = general.binned_covariance(matrix, Schedule(STEP, 2**20))
    slow = general.slow_covariance(matrix)
    # Bins of 1e5 time constants against timescales of 20.
    np.testing.assert_allclose(found / np.trace(found), slow / np.trace(slow), atol=1e-3)


def test_what_grows_is_refused():
    with pytest.raises(InputError, match="grows"):
        general.binned_covariance(1.3 * random_network(6, symmetric=False), Schedule(STEP, 3))
