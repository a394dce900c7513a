"""Brute force does what the equation says, in the order it is published."""

import numpy as np
import pytest

from popcode.dynamics import euler
from popcode.dynamics.echo_state import simulate_echo_state
from popcode.dynamics.euler import simulate_euler
from popcode.dynamics.schedule import Schedule
from popcode.threads import Team


def stepped(matrix, schedule, n_runs, rectified, gain, seed):
    """The published loop, neuron by equation, on the same random numbers."""
    h, m, n = schedule.step, schedule.steps_per_bin, len(matrix)
    rng = np.random.default_rng((seed, euler._STREAM, 0))
    x = rng.standard_normal((n_runs, n), np.float32).astype(float)
    kept = []
    for t in range(schedule.n_discarded + m * schedule.n_bins):
        xi = rng.standard_normal((n_runs, n), np.float32)
        x = x + h * (-x + gain * np.einsum("ij,rj->ri", matrix, x) + xi)
        x = np.maximum(x, 0) if rectified else x
        if t >= schedule.n_discarded:
            kept.append(x)
    states = np.stack(kept, axis=1)
    return states.reshape(n_runs, schedule.n_bins, m, n).mean(axis=2)


@pytest.mark.parametrize("rectified", [False, True])
def test_steps_are_those_of_the_equation(rectified):
    matrix = np.random.default_rng(0).normal(size=(7, 7)) / 4
    schedule = Schedule(0.1, 3, 4, 5)
    if rectified:
        found = simulate_echo_state(matrix, schedule, 6, gain=1.35, seed=2)
        plain = stepped(matrix, schedule, 6, True, 1.35, 2)
        assert (found >= 0).all() and (found == 0).any()
    else:
        found = simulate_euler(matrix, schedule, 6, seed=2)
        plain = stepped(matrix, schedule, 6, False, 1.0, 2)
    np.testing.assert_allclose(found, plain, atol=1e-5)  # single precision


def test_threads_change_no_bit(monkeypatch):
    matrix = np.random.default_rng(0).normal(size=(9, 9)) / 6
    schedule = Schedule(0.1, 2, 3, 4)
    results = []
    for n_threads in (1, 3):
        monkeypatch.setattr(euler, "Team", lambda n=n_threads: Team(n))
        results.append(simulate_euler(matrix, schedule, 40, seed=1))
    np.testing.assert_array_equal(*results)
    assert not np.array_equal(results[0], simulate_euler(matrix, schedule, 40, seed=2))


def test_runs_are_independent_of_their_number():
    matrix = np.zeros((3, 3))
    schedule = Schedule(0.1, 2, 3, 4)
    few, many = (simulate_euler(matrix, schedule, n, seed=1) for n in (16, 20))
    np.testing.assert_array_equal(few, many[:16])
    flat = many.reshape(20, -1)
    assert np.unique(flat, axis=0).shape[0] == 20
