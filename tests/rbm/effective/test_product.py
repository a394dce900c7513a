"""The product over frequencies against enumeration, for weights of any law."""

from itertools import combinations

import numpy as np
import pytest

from popcode.rbm.effective.product import data_pairs, independent_pairs, independent_tuples

N_NEURONS, N_HIDDEN = 9, 4
RATES = {
    "silent": np.zeros(N_NEURONS),
    "uniform": np.full(N_NEURONS, 0.5),
    "rates": np.linspace(0.02, 0.9, N_NEURONS),
    "constant neurons": np.r_[0.0, 1.0, 1.0, 0.0, np.full(N_NEURONS - 4, 0.3)],
}
# exp(-16) of a mixed difference of order 1 to 10, over four units.
ATOL = 1e-6


def model(scale, seed=0):
    """With a neuron that carries no weight and one that carries most of a unit's variance."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, scale, (N_NEURONS, N_HIDDEN))
    weights[0], weights[2, 1] = 0, 4 * scale
    return weights, rng.normal(0, 1, N_HIDDEN)


def difference(weights, hidden_fields, members, states, law):
    """Mean over states of the mixed difference of the sum of softplus, members set in turn."""
    others = states.astype(float)
    others[:, list(members)] = 0
    total = np.zeros(len(states))
    for n in range(len(members) + 1):
        for active in combinations(members, n):
            inputs = others @ weights + hidden_fields + weights[list(active)].sum(axis=0)
            total += (-1) ** (len(members) - n) * np.logaddexp(0, inputs).sum(axis=1)
    return law @ total


def enumerated(rates):
    states = np.arange(2**N_NEURONS)[:, None] >> np.arange(N_NEURONS) & 1
    return states, np.prod(np.where(states, rates, 1 - rates), axis=1)


@pytest.mark.parametrize("scale", [0.3, 1.2, 5.0, 30.0])
@pytest.mark.parametrize("background", RATES)
def test_all_pairs_are_the_enumerated_ones(background, scale):
    weights, hidden_fields = model(scale)
    states, law = enumerated(RATES[background])
    found = independent_pairs(weights, hidden_fields, RATES[background])
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_array_equal(found.diagonal(), 0)
    for i, j in combinations(range(N_NEURONS), 2):
        expected = difference(weights, hidden_fields, (i, j), states, law)
        assert found[i, j] == pytest.approx(expected, abs=ATOL)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("background", RATES)
def test_sets_of_every_order_are_the_enumerated_ones(background, order):
    weights, hidden_fields = model(1.2)
    sets = np.array(list(combinations(range(N_NEURONS), order)))[::3]
    found = independent_tuples(weights, hidden_fields, RATES[background], sets)
    states, law = enumerated(RATES[background])
    expected = [difference(weights, hidden_fields, tuple(s), states, law) for s in sets]
    np.testing.assert_allclose(found, expected, atol=1e-9)  # exp(-32) = 1e-14; rounding


def test_a_vanishing_generating_function_is_divided_out():
    """1 + e^{i pi} of a neuron active half the time, at a node and for every neuron."""
    weights, hidden_fields = np.full((N_NEURONS, 1), np.pi), np.array([-14.0])
    states, law = enumerated(RATES["uniform"])
    found = independent_pairs(weights, hidden_fields, RATES["uniform"])
    expected = difference(weights, hidden_fields, (0, 1), states, law)
    np.testing.assert_allclose(found[~np.eye(N_NEURONS, dtype=bool)], expected, atol=ATOL)


def test_many_neurons_are_those_of_drawn_backgrounds():
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.4, (120, 10))
    weights[3, ::2], weights[7, ::3] = 5.0, -4.0
    hidden_fields, rates = rng.normal(0, 1, 10), rng.uniform(0.02, 0.2, 120)
    found = independent_pairs(weights, hidden_fields, rates)
    states = rng.random((40_000, 120)) < rates
    for i, j in [(3, 7), (0, 3), (10, 50)]:
        halves = [
            difference(weights, hidden_fields, (i, j), part, np.full(len(part), 1 / len(part)))
            for part in np.split(states, 20)
        ]
        error = np.std(halves, ddof=1) / np.sqrt(20)
        assert abs(np.mean(halves) - found[i, j]) < 4 * error


@pytest.mark.parametrize("size", [300.0, 1e10, 3e38])
def test_weights_of_any_size_stay_finite(size):
    rng = np.random.default_rng(4)
    weights = (rng.uniform(-1, 1, (30, 3)) * size).astype(np.float32)
    assert np.isfinite(independent_pairs(weights, np.zeros(3), np.full(30, 0.3))).all()


def test_rounding_the_kink_errs_by_a_thousandth_of_the_inputs_span():
    weights, hidden_fields = model(1e4)
    states, law = enumerated(RATES["rates"])
    found = independent_pairs(weights, hidden_fields, RATES["rates"])
    expected = difference(weights, hidden_fields, (2, 3), states, law)
    assert found[2, 3] == pytest.approx(expected, abs=1e-3 * N_HIDDEN * 1e4 * N_NEURONS)


def test_pairs_on_rows_are_the_average_over_them():
    rng = np.random.default_rng(5)
    weights, hidden_fields = rng.normal(0, 0.3, (60, 8)), rng.normal(-1, 1, 8)
    gain = np.exp(rng.normal(0, 0.6, (500, 1)))
    rows = (rng.random((500, 60)) < np.minimum(0.08 * gain, 1)).astype(np.uint8)
    found = data_pairs(weights, hidden_fields, rows)
    law = np.full(500, 1 / 500)
    pairs = [(0, 1), (5, 40), (20, 30), (58, 59)]
    gaps = [found[p] - difference(weights, hidden_fields, p, rows, law) for p in pairs]
    # Left out: a covariance of order .005 times weights squared, of couplings of order .05.
    assert np.abs(gaps).max() < 2e-4
    np.testing.assert_array_equal(found, found.T)


def test_pairs_on_rows_that_never_change_are_exact():
    """Without covariance nothing is left out."""
    weights, hidden_fields = model(1.2)
    rows = np.tile(np.arange(N_NEURONS) % 2, (3, 1)).astype(np.uint8)
    found = data_pairs(weights, hidden_fields, rows)
    for pair in combinations(range(N_NEURONS), 2):
        expected = difference(weights, hidden_fields, pair, rows, np.full(3, 1 / 3))
        # The frequencies end at exp(-9) = 1e-4 of a unit's part, here of order .1.
        assert found[pair] == pytest.approx(expected, abs=5e-5)
