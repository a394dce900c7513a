"""Effective couplings against the definition: mixed differences of ln P over two neurons."""

import numpy as np
import pytest

from popcode.analysis.connectivity import (
    check_second_order,
    coupling_factors,
    exact_couplings,
    mean_variances,
    second_order_couplings,
)
from popcode.errors import InputError
from popcode.rbm.parameters import Parameters, free_energy, mean_hidden
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU

N, M = 9, 4
PAIRS = np.array([[0, 1], [2, 5], [8, 3], [4, 7]])


def model(kind="drelu", scale=0.7, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, scale, (N, M)) * (rng.random((N, M)) < 0.7)
    theta, gamma = rng.normal(0, 0.5, M), rng.uniform(0.8, 1.5, M)
    hidden = {
        "bernoulli": Bernoulli(theta),
        "gaussian": Gaussian(gamma, theta),
        "relu": ReLU(gamma, theta),
        "drelu": DReLU(gamma, theta, rng.normal(-0.5, 0.3, M), rng.uniform(-0.4, 0.4, M)),
    }[kind]
    return Parameters(weights, rng.normal(-1, 0.5, N), hidden)


def states(n=40):
    return (np.random.default_rng(5).random((n, N)) < 0.3).astype(np.uint8)


def by_definition(parameters, rows, i, j):
    """Mean over rows of ln P(1,1) P(0,0) / (P(1,0) P(0,1)) given the others of the row."""

    def log_p(a, b):
        changed = rows.copy()
        changed[:, i], changed[:, j] = a, b
        return -free_energy(parameters, changed)

    return (log_p(1, 1) + log_p(0, 0) - log_p(1, 0) - log_p(0, 1)).mean()


@pytest.mark.parametrize("kind", ["bernoulli", "gaussian", "relu", "drelu"])
def test_exact_couplings_are_mixed_differences(kind):
    parameters, rows = model(kind), states()
    found = exact_couplings(parameters, rows, PAIRS)
    expected = [by_definition(parameters, rows, *pair) for pair in PAIRS]
    np.testing.assert_allclose(found.values, expected, atol=1e-10)
    swapped = exact_couplings(parameters, rows, PAIRS[:, ::-1])
    np.testing.assert_allclose(swapped.values, found.values, atol=1e-12)


def test_second_order_is_exact_for_quadratic_units():
    parameters, rows = model("gaussian"), states()
    factors = coupling_factors(parameters, rows)
    found = second_order_couplings(factors, PAIRS)
    expected = exact_couplings(parameters, rows, PAIRS).values
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)  # float32 factors


def test_the_error_of_second_order_falls_with_the_weights():
    rows, errors = states(), []
    for scale in (0.2, 0.1):
        parameters = model("drelu", scale)
        exact = exact_couplings(parameters, rows, PAIRS).values
        found = second_order_couplings(coupling_factors(parameters, rows), PAIRS)
        errors.append(np.abs(found - exact).max())
    # Couplings fall as the square of the weights, their error at least as the cube.
    assert errors[1] < errors[0] / 6


def test_mean_variances_are_derivatives_of_mean_hidden_values():
    parameters, rows, step = model(), states(), 1e-5

    def shifted(by):
        moved = parameters.hidden._replace(theta=parameters.hidden.theta - by)
        return mean_hidden(parameters._replace(hidden=moved), rows).mean(axis=0)

    slope = (shifted(step) - shifted(-step)) / (2 * step)
    np.testing.assert_allclose(mean_variances(parameters, rows), slope, rtol=1e-6)


def test_many_bins_are_sampled_and_the_standard_error_tells_of_it():
    parameters, rows = model("drelu", 1.0), states(6000)
    full = np.array([by_definition(parameters, rows, *pair) for pair in PAIRS])
    found = exact_couplings(parameters, rows, PAIRS, seed=3)
    # Five standard errors of 500 of 6,000 bins.
    assert (np.abs(found.values - full) <= 5 * found.standard_errors + 1e-12).all()


def test_the_check_of_second_order_sees_what_differs():
    weak, strong = (check_second_order(model("drelu", s), states(), 300) for s in (0.1, 3.0))
    assert weak.pearson > 0.99
    assert abs(weak.slope - 1) < 0.05
    assert strong.pearson < weak.pearson


def test_impossible_pairs_are_refused():
    with pytest.raises(InputError, match="none"):
        exact_couplings(model(), states(), np.array([[1, 1]]))
    with pytest.raises(InputError, match="outside of 0 to 8"):
        exact_couplings(model(), states(), np.array([[1, 9]]))
    with pytest.raises(InputError, match="no bins"):
        mean_variances(model(), np.empty((0, N), np.uint8))
