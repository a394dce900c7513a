"""The CPU backend: its statistics against the oracle, and its bits against themselves."""

import threading
from dataclasses import fields as fields_of
from dataclasses import replace

import numpy as np
import pytest

from popcode.rbm.cpu import CpuBackend, gibbs_sweeps, hidden_statistics, inputs_of
from popcode.rbm.gauge import relaxed_gamma, total_gradient
from popcode.rbm.kernels import statistics as columns
from popcode.rbm.kernels.hidden import constants_of
from popcode.rbm.kernels.sweeps import CHAINS_PER_TILE
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU
from popcode.rbm.state import initial_state
from popcode.rbm.training import Batches, Schedule, make_update
from popcode.threads import Team

KINDS = ["bernoulli", "drelu", "gaussian", "relu"]
# More than one block of neurons, one call of units, one call of rows and one tile of chains, and
# none of them full.
N_BINS, N_NEURONS, N_HIDDEN, N_CHAINS, N_BATCH = 200, 300, 20, 60, 55


# So small a penalty that the few updates of a test leave most weights alive.
SCHEDULE = Schedule(50, 5, N_BATCH, learning_rate=5e-3, l1=2e-4, warm_share=1e-9)


@pytest.fixture(scope="module")
def team():
    with Team(2) as team:
        yield team


def potential(kind, n_hidden=N_HIDDEN, seed=0):
    """Units of every character, their parameters as the kernel's float32 table holds them."""
    rng = np.random.default_rng((seed, 7))
    gamma = np.exp(rng.uniform(np.log(0.05), np.log(20), n_hidden))
    theta = rng.normal(0, 2, n_hidden)
    delta = rng.normal(0, 2, n_hidden) * np.sqrt(gamma)
    drawn = {
        "bernoulli": Bernoulli(theta),
        "drelu": DReLU(gamma, theta, delta, rng.uniform(-0.95, 0.95, n_hidden)),
        "gaussian": Gaussian(gamma, theta),
        "relu": ReLU(gamma, theta),
    }[kind]
    table = constants_of(drawn).astype(np.float64).T
    if kind == "bernoulli":
        return Bernoulli(table[0])
    if kind == "drelu":
        return DReLU.from_halves(table[0] ** -2, table[2] ** -2, table[1], table[3])
    return type(drawn)(table[0] ** -2, table[1])


def natural(hidden):
    """Parameters (4, n_hidden) multiplying h+^2/2, h-^2/2, h+, |h-|, and the way back."""
    if isinstance(hidden, DReLU):
        return np.array(hidden.halves()), lambda p: DReLU.from_halves(*p)
    zero = np.zeros_like(hidden.theta)
    if isinstance(hidden, Bernoulli):
        return np.array([zero, zero, hidden.theta, zero]), lambda p: Bernoulli(p[2])
    return np.array([hidden.gamma, zero, hidden.theta, zero]), lambda p: type(hidden)(p[0], p[2])


def responses(hidden, quantity, inputs):
    """Minus the derivatives of a quantity (rows, units) in the natural parameters, numerically."""
    values, potential_of = natural(hidden)
    out = np.empty((4, *inputs.shape))
    for k in range(4):
        # Central differences: error step^2 = 1e-9 of third derivatives, rounding 1e-12.
        step = 3e-5 * np.maximum(np.abs(values[k]), 0.05)
        up, down = values.copy(), values.copy()
        up[k] += step
        down[k] -= step
        pair = (getattr(potential_of(p), quantity)(inputs) for p in (up, down))
        out[k] = -np.subtract(*pair) / (2 * step)
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_mean_hidden_equals_the_oracle(team, kind):
    hidden = potential(kind)
    inputs = np.linspace(-50, 50, 401)[:, None] + np.random.default_rng(1).normal(0, 1, N_HIDDEN)
    inputs = inputs.astype(np.float32)
    (result,) = hidden_statistics(team, hidden, inputs)
    truth = hidden.mean(inputs.astype(np.float64))
    # 1.1e-7 at worst, just beyond a threshold of 2; where a dReLU's halves cancel, of the larger.
    np.testing.assert_allclose(result.mean_hidden, truth, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(result.sums[:, columns.MEAN], truth.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_sums_equal_means_variances_and_derivatives_of_the_cumulant(team, kind):
    hidden = potential(kind)
    # Around the thresholds, where units are neither off nor Gaussian.
    rng = np.random.default_rng(2)
    inputs = (hidden.theta + rng.normal(0, 3, (31, N_HIDDEN))).astype(np.float32)
    sums = hidden_statistics(team, hidden, inputs)[0].sums
    inputs = inputs.astype(np.float64)
    mean, variance = hidden.mean(inputs), hidden.variance(inputs)
    np.testing.assert_allclose(sums[:, columns.MEAN], mean.mean(0), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(sums[:, columns.MEAN_SQUARE], (mean**2).mean(0), rtol=1e-6)
    np.testing.assert_allclose(sums[:, columns.VARIANCE], variance.mean(0), rtol=2e-6)
    covariance = responses(hidden, "mean", inputs)
    expected = {
        "NATURAL": responses(hidden, "cumulant", inputs),
        "COVARIANCE": covariance,
        "MEAN_COVARIANCE": mean * covariance,
        "THIRD": responses(hidden, "variance", inputs),
    }
    # Parameters that a potential does not have: a Bernoulli unit has theta alone.
    used = {"bernoulli": [2], "drelu": [0, 1, 2, 3]}.get(kind, [0, 2])
    for name, terms in expected.items():
        values = sums[:, getattr(columns, name)].T[used]
        truth = terms.mean(axis=1)[used]
        # Sums of terms of both signs are exact to the largest of them.
        scale = np.abs(terms).max(axis=(0, 1))
        error = np.abs(values - truth) / (1e-30 + scale)
        assert error.max() < 1e-5, (name, error.max())


@pytest.mark.parametrize("kind", KINDS)
def test_input_slope_is_the_derivative_of_the_batch_variance(team, kind):
    hidden = potential(kind)
    inputs = (hidden.theta + np.random.default_rng(3).normal(0, 3, (7, N_HIDDEN))).astype(
        np.float32
    )
    (result,) = hidden_statistics(team, hidden, inputs)
    inputs = inputs.astype(np.float64)

    def variance(at):
        return hidden.mean(at).var(axis=0) + hidden.variance(at).mean(axis=0)

    slope = np.empty_like(inputs)
    for row in range(len(inputs)):
        up, down = inputs.copy(), inputs.copy()
        up[row] += 1e-4
        down[row] -= 1e-4
        slope[row] = len(inputs) * (variance(up) - variance(down)) / 2e-4
    scale = np.abs(slope).max(axis=0) + variance(inputs)
    assert (np.abs(result.input_slope - slope) / scale).max() < 1e-5


@pytest.mark.parametrize("n_rows", [1, 24, 25, 26, 120])
def test_inputs_are_sums_of_the_active_rows(team, n_rows):
    rng = np.random.default_rng(4)
    weights = rng.normal(0, 1, (N_NEURONS, N_HIDDEN)).astype(np.float32)
    states = ((rng.random((50, N_NEURONS)) < 0.2) * rng.integers(1, 256, (50, N_NEURONS))).astype(
        np.uint8
    )
    rows = rng.integers(0, 50, n_rows)
    expected = (states[rows] > 0).astype(np.float64) @ weights
    # Sixty terms of size 1 in float32.
    np.testing.assert_allclose(inputs_of(team, weights, states, rows), expected, atol=2e-5)


def fit(kind, n_threads=2, n_updates=4, seed=0, n_sweeps=5, state=None, first=0, spoil=None):
    """State after a few updates; from another state to go on where it stands."""
    rng = np.random.default_rng(seed)
    common = rng.random((N_BINS, 1)) < 0.3
    data = (rng.random((N_BINS, N_NEURONS)) < np.where(common, 0.2, 0.05)).astype(np.uint8)
    mean_activity = data.mean(axis=0).astype(np.float32)
    if state is None:
        state = initial_state(kind, N_HIDDEN, mean_activity, N_BINS, N_CHAINS, seed)
    if spoil is not None:
        spoil(state)
    with Team(n_threads) as team:
        backend = CpuBackend(data, mean_activity, state, seed, team)
        batches = Batches(np.arange(N_BINS), N_BATCH, seed)
        for _ in range(first, n_updates):
            make_update(backend, batches, SCHEDULE._replace(n_sweeps=n_sweeps))
    return state


def assert_same(a, b):
    for field in fields_of(a):
        x, y = getattr(a, field.name), getattr(b, field.name)
        for one, other in zip(x, y, strict=True) if isinstance(x, tuple) else [(x, y)]:
            np.testing.assert_array_equal(one, other, err_msg=field.name)


@pytest.mark.parametrize("kind", KINDS)
def test_updates_have_the_same_bits_at_any_number_of_threads(kind):
    one = fit(kind, n_threads=1)
    assert np.isfinite(one.weights).all()
    assert np.ptp(one.chains.sum(axis=1)) > 0
    for n_threads in (2, 3):
        assert_same(one, fit(kind, n_threads=n_threads))


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_makes_another_fit(kind):
    state = fit(kind)
    rerun = fit(kind)
    assert_same(state, rerun)
    assert (fit(kind, seed=1).weights != state.weights).all(axis=1).mean() > 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_goes_on_from_its_state_alone(kind):
    whole, half = fit(kind, n_updates=6), fit(kind, n_updates=3)
    copied = replace(
        half,
        **{
            field.name: getattr(half, field.name).copy()
            for field in fields_of(half)
            if isinstance(getattr(half, field.name), np.ndarray)
        },
    )
    assert_same(whole, fit(kind, n_updates=6, state=copied, first=3))


@pytest.mark.parametrize("kind", KINDS)
def test_two_fits_at_once_have_the_bits_of_each_alone(kind):
    alone = [fit(kind, seed=seed, n_updates=8) for seed in (0, 1)]
    together = [None, None]

    def run(k):
        together[k] = fit(kind, seed=k, n_updates=8)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for one, other in zip(alone, together, strict=True):
        assert_same(one, other)


@pytest.fixture
def swept(team):
    """Chains after sweeps of a model with 300 neurons in two blocks."""

    def sweep(kind, *runs, n_chains=N_CHAINS, seed=5, with_team=team):
        rng = np.random.default_rng(6)
        weights = rng.normal(0, 0.3, (N_NEURONS, N_HIDDEN)).astype(np.float32)
        fields = rng.normal(-2, 1, N_NEURONS).astype(np.float32)
        hidden = initial_state(kind, N_HIDDEN, np.full(N_NEURONS, 0.1), 100, 1, 0).hidden
        chains = (rng.random((1000, N_NEURONS)) < 0.1).astype(np.uint8)[:n_chains].copy()
        for first, n_sweeps in runs:
            gibbs_sweeps(with_team, weights, fields, hidden, chains, n_sweeps, first, seed)
        return chains

    return sweep


@pytest.mark.parametrize("kind", KINDS)
def test_sweeps_may_be_split(swept, kind):
    whole = swept(kind, (3, 10))
    np.testing.assert_array_equal(swept(kind, (3, 5), (8, 5)), whole)
    np.testing.assert_array_equal(swept(kind, *((k, 1) for k in range(3, 13))), whole)
    np.testing.assert_array_equal(swept(kind, (3, 10), (13, 0)), whole)
    assert (swept(kind, (4, 10)) != whole).any()


@pytest.mark.parametrize("kind", KINDS)
def test_sweeps_have_the_same_bits_at_any_number_of_threads(swept, kind):
    whole = swept(kind, (0, 8))
    assert set(np.unique(whole)) == {0, 1}
    for n_threads in (1, 3):
        with Team(n_threads) as other:
            np.testing.assert_array_equal(swept(kind, (0, 8), with_team=other), whole)


@pytest.mark.parametrize("kind", KINDS)
def test_chains_of_full_tiles_do_not_depend_on_how_many_there_are(swept, kind):
    # A chain's words depend on how many share its tile, so the last, partial tile may differ.
    many = swept(kind, (0, 5), n_chains=4 * CHAINS_PER_TILE)
    few = swept(kind, (0, 5), n_chains=2 * CHAINS_PER_TILE + 10)
    np.testing.assert_array_equal(few[: 2 * CHAINS_PER_TILE], many[: 2 * CHAINS_PER_TILE])


@pytest.mark.parametrize("n_chains", [1, 2, 24, 26])
def test_any_number_of_chains_moves(swept, n_chains):
    chains = swept("drelu", (0, 3), n_chains=n_chains)
    assert chains.shape == (n_chains, N_NEURONS)
    assert set(np.unique(chains)) == {0, 1}


def spoil_weight(state):
    state.weights[3, 1] = np.nan


def spoil_field(state):
    state.fields[3] = np.nan


@pytest.mark.parametrize("n_updates", [1, 3])
@pytest.mark.parametrize("spoil", [spoil_weight, spoil_field])
@pytest.mark.parametrize("kind", KINDS)
def test_nan_stays_visible(kind, spoil, n_updates):
    state = fit(kind, n_updates=n_updates, spoil=spoil)
    spoiled = state.weights if spoil is spoil_weight else state.fields
    assert not np.isfinite(spoiled).all()
    if spoil is spoil_weight:
        assert not np.isfinite(state.mean_input).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_hidden_parameter_of_nan_stays_visible(kind):
    def spoil(state):
        state.hidden.theta[0] = np.nan

    state = fit(kind, n_updates=2, spoil=spoil)
    assert np.isnan(state.hidden.theta[0])
    assert np.isnan(state.weights[:, 0]).any()
    assert np.isfinite(state.weights[:, 1:]).all() or kind != "bernoulli"


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_update_is_assembled_as_the_reference_says(team, kind):
    """Sweep, compare, step by RMSprop; theta follows the mean input, gamma goes to the gauge."""
    before, after = fit(kind, n_updates=0), fit(kind, n_updates=1)
    rng = np.random.default_rng(0)
    common = rng.random((N_BINS, 1)) < 0.3
    data = (rng.random((N_BINS, N_NEURONS)) < np.where(common, 0.2, 0.05)).astype(np.uint8)
    mean_activity = data.mean(axis=0).astype(np.float32)
    chains = before.chains.copy()
    gibbs_sweeps(team, before.weights, before.fields, before.hidden, chains, 5, 0, 0)
    np.testing.assert_array_equal(after.chains, chains)

    rows = Batches(np.arange(N_BINS), N_BATCH, 0).rows(0)
    assert len(set(rows)) == N_BATCH
    (batch,) = hidden_statistics(team, before.hidden, inputs_of(team, before.weights, data, rows))
    every = np.arange(N_CHAINS)
    (model,) = hidden_statistics(
        team, before.hidden, inputs_of(team, before.weights, chains, every)
    )
    gradient = total_gradient(before.hidden, batch.sums, model.sums, batch.input_slope)

    def first_step(slope):
        # sqrt(correction * (1 - decay) * slope^2) = |slope|
        slope = np.clip(slope, -1, 1)
        return 5e-3 * slope / (1e-6 + np.abs(slope))

    weights = (
        data[rows].T @ (batch.mean_hidden + gradient.input_response) / N_BATCH
        - chains.T @ model.mean_hidden / N_CHAINS
        + np.outer(mean_activity, gradient.hidden.theta)
    )
    step = 5e-3 / (1e-6 + np.abs(np.clip(weights, -1, 1)))
    l1 = SCHEDULE.l1_at(0)
    assert 0 < l1 < SCHEDULE.l1
    assert SCHEDULE.rate_at(0) == 5e-3
    moved = before.weights + first_step(weights)
    expected = np.sign(moved) * np.maximum(np.abs(moved) - step * l1, 0)
    # A gradient of float32 sums is exact to 1e-7: the step of one much larger to 1e-3 of itself.
    clear = np.abs(weights) > 1e-4
    assert clear.mean() > 0.9
    np.testing.assert_allclose(after.weights[clear], expected[clear], atol=2e-4)

    fields = mean_activity - chains.mean(axis=0)
    clear = np.abs(fields) > 1e-4
    np.testing.assert_allclose(
        (after.fields - before.fields)[clear], first_step(fields)[clear], atol=1e-5
    )

    mean_input = mean_activity.astype(np.float64) @ after.weights.astype(np.float64)
    np.testing.assert_allclose(after.mean_input, mean_input, atol=1e-5)
    for name, slope in zip(before.hidden._fields, gradient.hidden, strict=True):
        if name == "gamma":
            expected = relaxed_gamma(before.hidden, batch.sums, 0.25)
        else:
            expected = getattr(before.hidden, name) + first_step(slope)
        if name == "theta":
            expected = expected + after.mean_input - before.mean_input
        # The step's decay and correction are float32: 1e-5 of a step of 5e-3.
        np.testing.assert_allclose(getattr(after.hidden, name), expected, atol=2e-7, err_msg=name)
