"""The solver against an independent one, and against the conditions that make a minimum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from popcode.preprocess.deconvolution.kernel import coefficients, convolve, norms
from popcode.preprocess.deconvolution.solver import N_WORK, solve

# What the tolerances of the solver (a gap of 1e-9 of |F|^2 / 2) leave, with room.
RELATIVE_COST = 1e-5


def solved(trace, times, penalty):
    n = len(trace)
    events, calcium = np.empty(n), np.empty(n)
    cost, n_steps = solve(
        trace, *coefficients(*times), penalty, events, calcium, np.empty((N_WORK, n))
    )
    return events, calcium, cost, n_steps


def matrix_of(times, n):
    """The convolution as a matrix: column t is what an event in bin t causes."""
    columns = np.empty((n, n))
    for t, unit in enumerate(np.eye(n)):
        convolve(unit, *coefficients(*times), columns[t])
    return columns.T


def reference(trace, times, penalty):
    """Minimum by non-negative least squares: the penalty w is moved into the data, M' q = w."""
    matrix = matrix_of(times, len(trace))
    prices = np.full(len(trace), penalty)
    prices[0] = 0.0
    moved = solve_triangular(matrix, prices, trans="T", lower=True)
    events, _ = nnls(matrix, trace - moved, maxiter=10_000)
    return events, 0.5 * np.sum((trace - matrix @ events) ** 2) + prices @ events


def example(seed, times, n=150, noise=0.3):
    rng = np.random.default_rng(seed)
    calcium = np.empty(n)
    convolve(rng.poisson(0.06, n).astype(float), *coefficients(*times), calcium)
    return calcium + noise * rng.standard_normal(n)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1000),
    decay_s=st.floats(0.15, 4.0),
    share=st.floats(0.0, 0.9),
    penalty=st.floats(0.05, 5.0),
    noise=st.floats(0.01, 2.0),
)
def test_cost_is_that_of_an_independent_solver(seed, decay_s, share, penalty, noise):
    times = (share * decay_s, decay_s, 0.1)
    trace = example(seed, times, noise=noise)
    events, calcium, cost, _ = solved(trace, times, penalty)
    _, least = reference(trace, times, penalty)
    assert cost == pytest.approx(least, rel=RELATIVE_COST, abs=1e-9 * np.sum(trace**2))
    assert (events >= 0).all()
    np.testing.assert_allclose(calcium, matrix_of(times, len(trace)) @ events, atol=1e-9)


@pytest.mark.parametrize("times", [(0.2, 1.6, 0.1), (0.0, 0.5, 0.1), (0.05, 1.0, 0.033)])
def test_conditions_of_a_minimum(times):
    trace = example(1, times)
    penalty = 0.8
    events, calcium, _, _ = solved(trace, times, penalty)
    prices = np.full(len(trace), penalty)
    prices[0] = 0.0
    slope = matrix_of(times, len(trace)).T @ (calcium - trace) + prices
    # The slope is a sum over frames of size |K|; it vanishes with the root of the gap.
    tolerance = 1e-3 * norms(*coefficients(*times))[1]
    assert slope.min() > -tolerance
    assert np.abs(slope[events > 1e-3]).max() < tolerance


def test_a_huge_event_does_not_blur_the_others():
    """Tolerances are those of the noise, which the price stands for, not of the largest value."""
    times, n, noise = (0.15, 1.6, 0.1), 1500, 0.15
    alone, huge = np.zeros(n), np.zeros(n)
    huge[900] = 3e4
    convolve(huge, *coefficients(*times), alone)
    trace = example(1, times, n, noise) + alone
    norm = norms(*coefficients(*times))[1]
    penalty = 2.3 * norm * noise
    events, calcium, _, n_steps = solved(trace, times, penalty)
    slope = matrix_of(times, n).T @ (calcium - trace) + penalty
    assert slope[1:].min() > -1e-3 * penalty
    assert np.abs(slope[events > 0][1:]).max() < 1e-3 * penalty
    assert n_steps < 30


def test_a_worse_answer_is_caught():
    times = (0.2, 1.6, 0.1)
    trace = example(2, times)
    _, least = reference(trace, times, 0.5)
    _, _, cost, _ = solved(trace, times, 0.55)
    assert cost != pytest.approx(least, rel=RELATIVE_COST)


@pytest.mark.parametrize("times", [(1.92, 3.62, 0.066), (0.2, 3.55, 0.005), (2.9, 3.0, 0.02)])
def test_kernels_much_longer_than_a_frame(times):
    trace = example(3, times, n=4000)
    events, calcium, cost, n_steps = solved(trace, times, 1.0)
    assert np.isfinite(events).all() and np.isfinite(calcium).all()
    assert n_steps < 40
    perfect = 0.5 * 4000 * 0.3**2 + 1.0 * 0.06 * 4000  # near what the planted spikes cost
    assert cost < 1.1 * perfect


@pytest.mark.parametrize(
    "trace",
    [
        np.zeros(50),
        np.full(50, 3.0),
        np.full(50, -3.0),
        np.minimum(np.arange(50.0), 10.0),
        np.eye(50)[20],
        1e-300 * np.eye(50)[20] + 1e-12,
        1e12 * np.eye(50)[20],
        np.array([1.0, 0.0, 2.0]),
    ],
    ids=["zero", "constant", "negative", "saturated", "spike", "tiny", "huge", "short"],
)
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_odd_traces_give_numbers(trace, penalty):
    events, calcium, cost, n_steps = solved(trace, (0.2, 1.6, 0.1), penalty)
    assert np.isfinite(events).all() and np.isfinite(calcium).all() and np.isfinite(cost)
    assert (events >= 0).all()
    assert n_steps < 60


def test_nothing_is_worth_a_high_price():
    events, _, _, _ = solved(example(4, (0.2, 1.6, 0.1)), (0.2, 1.6, 0.1), 1e4)
    assert not events[1:].any()
