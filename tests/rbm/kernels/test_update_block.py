"""One step of the weights against the same step written plainly in numpy and float64."""

from types import SimpleNamespace

import numpy as np
import pytest

from popcode.rbm.cpu import CpuBackend, StepSizes
from popcode.rbm.kernels.update import TREND_SHARE
from popcode.threads import Team

N_BINS, N_CHAINS, N_ROWS, N_HIDDEN = 60, 37, 23, 5
N_NEURONS = [1, 8, 511, 512, 513, 600, 1024, 1300]


def problem(n_neurons, seed=0, scale=0.05, l1=0.3, update=3):
    rng = np.random.default_rng((seed, n_neurons))
    data = (rng.random((N_BINS, n_neurons)) < 0.2) * rng.integers(1, 256, (N_BINS, n_neurons))
    decay = 0.999
    weights = rng.normal(0, 0.02, (n_neurons, N_HIDDEN)).astype(np.float32)
    weights[rng.random(weights.shape) < 0.3] = 0
    state = SimpleNamespace(
        weights=weights,
        # Around the penalty, so that some absent connections may leave zero and some may not.
        weight_trend=rng.normal(0, 1.5 * l1 + 0.1, weights.shape).astype(np.float32),
        weight_squares=rng.uniform(0, 1e-3, (n_neurons, N_HIDDEN)).astype(np.float32),
        chains=(rng.random((N_CHAINS, n_neurons)) < 0.2).astype(np.uint8),
    )
    sizes = (decay, 5e-3, 1e-6, 1 / (1 - decay ** (update + 1)), l1)
    return SimpleNamespace(
        data=data.astype(np.uint8),
        state=state,
        mean_activity=(data > 0).mean(axis=0).astype(np.float32),
        rows=rng.permutation(N_BINS)[:N_ROWS],
        data_values=rng.normal(0, scale, (N_ROWS, N_HIDDEN)).astype(np.float32),
        chain_values=rng.normal(0, scale, (N_CHAINS, N_HIDDEN)).astype(np.float32),
        theta_gradient=rng.normal(0, 1, N_HIDDEN).astype(np.float32),
        sizes=StepSizes(*map(np.float32, sizes)),
    )


def stepped(p, n_threads=2):
    state = SimpleNamespace(**{name: array.copy() for name, array in vars(p.state).items()})
    with Team(n_threads) as team:
        backend = CpuBackend(p.data, p.mean_activity, state, 0, team)
        activity, mean_input = backend.step(
            p.rows, p.data_values, p.chain_values, p.theta_gradient, p.sizes
        )
    return state, activity, mean_input


def plainly(p):
    decay, rate, epsilon, correction, l1 = (float(value) for value in p.sizes)
    fired, chain_fired = (p.data[p.rows] != 0).astype(float), (p.state.chains != 0).astype(float)
    gradient = fired.T @ p.data_values + chain_fired.T @ p.chain_values
    gradient = gradient + np.outer(p.mean_activity, p.theta_gradient)
    share = float(TREND_SHARE)
    trend = (1 - share) * p.state.weight_trend.astype(float) + share * gradient
    gradient = np.clip(gradient, -1, 1)
    squares = decay * p.state.weight_squares.astype(float) + (1 - decay) * gradient**2
    step = rate / (epsilon + np.sqrt(squares * correction))
    moved = p.state.weights.astype(float) + step * gradient
    weights = np.sign(moved) * np.maximum(np.abs(moved) - step * l1, 0)
    stays_absent = (p.state.weights == 0) & (np.abs(trend) <= l1)
    weights[stays_absent] = 0
    return SimpleNamespace(
        weights=weights,
        squares=squares,
        trend=trend,
        activity=chain_fired.mean(axis=0),
        gradient=gradient,
        stays_absent=stays_absent,
        # How far a weight is from the border between zero and not zero.
        margin=np.where(p.state.weights == 0, np.abs(trend) - l1, np.abs(moved) - step * l1),
    )


@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("n_neurons", N_NEURONS)
def test_a_step_equals_the_plain_one(n_neurons, l1):
    p = problem(n_neurons, l1=l1)
    state, activity, mean_input = stepped(p)
    plain = plainly(p)
    # Sums of 60 terms of 0.05, and 1 - decay = 1e-3 (7 digits lost to 4) in float32.
    np.testing.assert_allclose(state.weight_squares, plain.squares, rtol=3e-5)
    np.testing.assert_allclose(state.weight_trend, plain.trend, atol=1e-6)
    # A step is at most 0.04 here; its relative error is that of the squares.
    np.testing.assert_allclose(state.weights, plain.weights, atol=2e-6)
    np.testing.assert_allclose(activity, plain.activity, rtol=1e-6)
    # Products are rounded to float32 one by one.
    expected = p.mean_activity.astype(float) @ state.weights.astype(float)
    np.testing.assert_allclose(mean_input, expected, atol=1e-6)


@pytest.mark.parametrize("n_neurons", [8, 300])
def test_absent_connections_are_exactly_zero(n_neurons):
    p = problem(n_neurons, l1=0.5)
    state, _, _ = stepped(p)
    plain = plainly(p)
    is_sure = np.abs(plain.margin) > 1e-5
    is_zero = plain.weights == 0
    assert 0.1 < is_zero.mean() < 0.9
    np.testing.assert_array_equal((state.weights == 0)[is_sure], is_zero[is_sure])


def test_an_absent_connection_returns_for_a_lasting_gradient_only():
    p = problem(300, l1=0.05)
    p.state.weights[:] = 0
    p.state.weight_trend[:] = np.where(np.arange(300)[:, None] % 2 == 0, 0.2, 0.0)
    state, _, _ = stepped(p)
    # One batch moves the trend by a hundredth of its gradient, here below 1: not past 0.05.
    assert 0.5 < np.abs(plainly(p).gradient).max() < 1
    assert (state.weights[1::2] == 0).all()
    assert (state.weights[::2] != 0).mean() > 0.8


def test_large_gradients_are_clipped():
    p = problem(300, scale=3.0)
    gradient = plainly(p).gradient
    assert (gradient == 1).any()
    assert (gradient == -1).any()
    state, _, _ = stepped(p)
    np.testing.assert_allclose(state.weight_squares, plainly(p).squares, rtol=3e-5)
    np.testing.assert_allclose(state.weights, plainly(p).weights, atol=2e-6)


def test_the_first_step_has_the_size_of_the_rate():
    p = problem(300, l1=0.0, update=0)
    p.state.weight_squares[:] = 0
    before = p.state.weights.copy()
    state, _, _ = stepped(p)
    gradient = plainly(p).gradient
    clear = np.abs(gradient) > 1e-2  # epsilon of 1e-6 is 1e-4 of it
    moved = (state.weights - before)[clear]
    np.testing.assert_allclose(moved, 5e-3 * np.sign(gradient[clear]), rtol=3e-4)


def test_counts_count_as_active():
    p = problem(300)
    counted = stepped(p)[0].weights
    p.data = (p.data != 0).astype(np.uint8)
    np.testing.assert_array_equal(stepped(p)[0].weights, counted)


def test_no_row_and_no_neuron_is_left_out_or_used_twice():
    """Each row's value alone reaches exactly the neurons that fired in it."""
    p = problem(300, l1=0.0)
    p.theta_gradient[:] = 0
    for values, states in ((p.data_values, p.data[p.rows]), (p.chain_values, p.state.chains)):
        for r in (0, 7, len(states) - 1):
            p.data_values[:], p.chain_values[:] = 0, 0
            values[r] = 0.5
            state, _, _ = stepped(p)
            changed = (state.weights != p.state.weights).all(axis=1)
            np.testing.assert_array_equal(changed, states[r] != 0)


@pytest.mark.parametrize("n_neurons", [8, 257, 700])
def test_the_bits_do_not_depend_on_the_threads(n_neurons):
    p = problem(n_neurons)
    one, activity, mean_input = stepped(p, 1)
    for n_threads in (2, 3):
        other, other_activity, other_mean = stepped(p, n_threads)
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.weight_squares, other.weight_squares)
        np.testing.assert_array_equal(activity, other_activity)
        np.testing.assert_array_equal(mean_input, other_mean)


@pytest.mark.parametrize("where", ["weights", "squares", "data values", "theta gradient"])
def test_nan_stays_visible(where):
    p = problem(300)
    neuron = int(np.flatnonzero(p.data[p.rows[0]])[0])
    arrays = {
        "weights": (p.state.weights, (neuron, 2)),
        "squares": (p.state.weight_squares, (neuron, 2)),
        "data values": (p.data_values, (0, 2)),
        "theta gradient": (p.theta_gradient, 2),
    }
    array, index = arrays[where]
    array[index] = np.nan
    state, _, mean_input = stepped(p)
    assert np.isnan(state.weights[neuron, 2])
    assert np.isnan(mean_input[2])
