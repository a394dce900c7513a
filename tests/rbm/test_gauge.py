"""The total derivative against numerical ones of the exact likelihood, gamma re-solved for Var 1.

Every average is exact: all data rows are the batch, and the model's are sums over the enumerated
states, each the kernel's statistics of one row weighted by its probability.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import brentq

from popcode.rbm.cpu import hidden_statistics
from popcode.rbm.exact import all_states, log_likelihood, state_probabilities
from popcode.rbm.gauge import (
    LARGEST_JUMP,
    SMALLEST_GAMMA,
    chain_rule,
    relaxed_gamma,
    total_gradient,
    variance_of_hidden,
)
from popcode.rbm.kernels import statistics as columns
from popcode.rbm.parameters import Parameters, hidden_inputs
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU
from popcode.threads import Team

N_NEURONS, N_HIDDEN, N_BINS = 6, 3, 40
KINDS = ["bernoulli", "gaussian", "relu", "drelu double well", "drelu dead zone", "drelu eta"]
STEP = 1e-5  # central differences: error STEP^2 = 1e-10, rounding 1e-15 / STEP = 1e-10


@pytest.fixture(scope="module", autouse=True)
def team():
    with Team(1) as team:
        yield team


def potential(kind, rng):
    theta = rng.normal(0, 0.4, N_HIDDEN)
    ones = np.ones(N_HIDDEN)
    if kind == "bernoulli":
        return Bernoulli(theta)
    if kind == "gaussian":
        return Gaussian(ones, theta)
    if kind == "relu":
        return ReLU(ones, theta)
    delta, eta = {
        "drelu double well": (-0.8, 0.2),
        "drelu dead zone": (0.9, -0.3),
        "drelu eta": (0.3, 0.8),
    }[kind]
    # The first unit the other way around, so that no sign is tested one way only.
    flip = np.array([-1, 1, 1])
    return DReLU(ones, theta, delta * flip + 0.1 * rng.normal(size=N_HIDDEN), eta * flip)


def total_variance(hidden, inputs):
    return hidden.mean(inputs).var(axis=0) + hidden.variance(inputs).mean(axis=0)


def in_gauge(hidden, inputs):
    """Every gamma solved for Var(h) = 1 over the data (total variance), unit by unit."""
    if isinstance(hidden, Bernoulli):
        return hidden
    gamma = []
    for m in range(len(hidden.theta)):
        unit, column = hidden._make(p[m : m + 1] for p in hidden), inputs[:, m : m + 1]
        gamma.append(
            brentq(
                lambda g, u=unit, c=column: (
                    total_variance(u._replace(gamma=np.array([g])), c)[0] - 1
                ),
                1e-2,
                1e2,
                xtol=1e-14,
                rtol=1e-14,
            )
        )
    return hidden._replace(gamma=np.array(gamma))


class Problem(SimpleNamespace):
    """Free parameters (weights, fields, hidden, with theta from the mean input) and data."""

    def parameters(self, **changed):
        free = {**vars(self), **changed}
        theta = free["hidden"].theta + self.mean_activity @ free["weights"]
        hidden = free["hidden"]._replace(theta=theta)
        draft = Parameters(free["weights"], free["fields"], hidden)
        return draft._replace(hidden=in_gauge(hidden, hidden_inputs(draft, self.data)))

    def likelihood(self, **changed):
        return log_likelihood(self.parameters(**changed), self.data).mean()


def problem(kind, seed=0):
    rng = np.random.default_rng((seed, 8))
    weights = rng.normal(0, 0.8, (N_NEURONS, N_HIDDEN)).astype(np.float32).astype(np.float64)
    common = rng.random((N_BINS, 1)) < 0.4
    data = (rng.random((N_BINS, N_NEURONS)) < np.where(common, 0.7, 0.2)).astype(np.uint8)
    return Problem(
        weights=weights,
        fields=rng.normal(-0.3, 0.5, N_NEURONS),
        hidden=potential(kind, rng),
        data=data,
        mean_activity=data.mean(axis=0),
    )


def exact_statistics(team, parameters):
    """Sums over the model's law, and E[h | v] and P(v) of every state."""
    states = all_states(parameters.n_neurons)
    probabilities = state_probabilities(parameters)
    inputs = hidden_inputs(parameters, states).astype(np.float32)
    rows = [
        hidden_statistics(team, parameters.hidden, inputs[k : k + 1])[0] for k in range(len(states))
    ]
    sums = np.einsum("k,kmc->mc", probabilities, np.array([row.sums for row in rows]))
    return states, probabilities, sums, np.concatenate([row.mean_hidden for row in rows])


def assembled(team, p, keep_gamma=True):
    """The gradient as an update assembles it: weights, fields, potential."""
    parameters = p.parameters()
    inputs = hidden_inputs(parameters, p.data).astype(np.float32)
    (data,) = hidden_statistics(team, parameters.hidden, inputs)
    states, probabilities, model_sums, model_mean = exact_statistics(team, parameters)
    gradient = total_gradient(parameters.hidden, data.sums, model_sums, data.input_slope)
    if not keep_gamma:
        inert = data.sums.copy()
        inert[:, columns.THIRD] = 0
        inert[:, columns.MEAN_COVARIANCE] = 0
        inert[:, columns.COVARIANCE] = 0
        gradient = total_gradient(parameters.hidden, inert, model_sums, data.input_slope)
    data_values = (data.mean_hidden + gradient.input_response) / len(p.data)
    weights = (
        p.data.T @ data_values
        - (states * probabilities[:, None]).T @ model_mean
        + np.outer(p.mean_activity, gradient.hidden.theta)
    )
    return weights, p.mean_activity - probabilities @ states, gradient.hidden


def differences(function, values):
    """Central differences of a scalar function in every entry of an array."""
    out = np.empty(values.shape)
    for index in np.ndindex(values.shape):
        up, down = values.copy(), values.copy()
        up[index] += STEP
        down[index] -= STEP
        out[index] = (function(up) - function(down)) / (2 * STEP)
    return out


# The constants and inputs of the kernel are float32: 6e-8 of parameters and inputs of order 1,
# times second derivatives of order 1 to 10.
ATOL = 3e-6


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_total_gradient_equals_numerical_derivatives(team, kind, seed):
    p = problem(kind, seed)
    weights, fields, hidden = assembled(team, p)
    assert np.abs(weights).max() > 0.02
    numerical = differences(lambda w: p.likelihood(weights=w), p.weights)
    np.testing.assert_allclose(weights, numerical, atol=ATOL)
    numerical = differences(lambda f: p.likelihood(fields=f), p.fields)
    np.testing.assert_allclose(fields, numerical, atol=ATOL)
    for field in set(hidden._fields) - {"gamma"}:
        numerical = differences(
            lambda value, name=field: p.likelihood(hidden=p.hidden._replace(**{name: value})),
            getattr(p.hidden, field),
        )
        np.testing.assert_allclose(getattr(hidden, field), numerical, atol=ATOL, err_msg=field)
    if "gamma" in hidden._fields:
        np.testing.assert_array_equal(hidden.gamma, 0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "bernoulli"])
def test_without_the_response_of_gamma_the_gradient_is_wrong(team, kind):
    p = problem(kind)
    right, wrong = assembled(team, p)[0], assembled(team, p, keep_gamma=False)[0]
    assert np.abs(right - wrong).max() > 1e-3


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "bernoulli"])
def test_the_likelihood_does_not_see_the_scale_of_hidden_units(team, kind):
    """gamma times s^2 and weights, theta, delta times s leave P(v): Euler's relation of the
    partial derivatives, whatever the data."""
    p = problem(kind)
    parameters = p.parameters()
    hidden = parameters.hidden
    inputs = hidden_inputs(parameters, p.data).astype(np.float32)
    (data,) = hidden_statistics(team, hidden, inputs)
    states, probabilities, model_sums, model_mean = exact_statistics(team, parameters)
    partial = chain_rule(hidden, model_sums[:, columns.NATURAL] - data.sums[:, columns.NATURAL])
    weights = p.data.T @ data.mean_hidden / N_BINS - states.T @ (
        probabilities[:, None] * model_mean
    )
    along = (weights * p.weights).sum(axis=0) + partial.theta * hidden.theta
    along += 2 * partial.gamma * hidden.gamma
    if isinstance(hidden, DReLU):
        along += partial.delta * hidden.delta
    np.testing.assert_allclose(along, 0, atol=3 * ATOL)


@pytest.mark.parametrize("kind", KINDS)
def test_variance_of_hidden_is_the_total_variance(team, kind):
    p = problem(kind)
    parameters = p.parameters()
    inputs = hidden_inputs(parameters, p.data)
    (data,) = hidden_statistics(team, parameters.hidden, inputs.astype(np.float32))
    truth = total_variance(parameters.hidden, inputs)
    np.testing.assert_allclose(variance_of_hidden(data.sums), truth, rtol=2e-6)
    if kind != "bernoulli":
        np.testing.assert_allclose(truth, 1, rtol=1e-9)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "bernoulli"])
@pytest.mark.parametrize("start", [0.4, 4.0])
def test_relaxed_gamma_comes_to_rest_in_the_gauge(team, kind, start):
    p = problem(kind)
    solved = p.parameters()
    inputs = hidden_inputs(solved, p.data).astype(np.float32)
    hidden = solved.hidden._replace(gamma=start * solved.hidden.gamma)
    for _ in range(200):
        sums = hidden_statistics(team, hidden, inputs)[0].sums
        hidden = hidden._replace(gamma=relaxed_gamma(hidden, sums, 0.25))
    # At rest where the kernel's own Var(h) is 1; float32 constants move that by 1e-7.
    np.testing.assert_allclose(hidden.gamma, solved.hidden.gamma, rtol=3e-6)


def sums_of(mean_square, variance, n_hidden=1):
    sums = np.zeros((n_hidden, columns.N_SUMS))
    sums[:, columns.MEAN_SQUARE], sums[:, columns.VARIANCE] = mean_square, variance
    return sums


def test_relaxed_gamma_solves_its_quadratic_and_moves_by_its_share():
    hidden = Gaussian(np.array([1.0]), np.zeros(1))
    sums = sums_of(2.0, 3.0)
    gamma = relaxed_gamma(hidden, sums, 1.0)
    # a = gamma E[h] has variance 2 and 1 + r = gamma Var[h] = 3 at gamma = 1.
    np.testing.assert_allclose(gamma**2 - 3 * gamma - 2, 0, atol=1e-12)
    np.testing.assert_allclose(relaxed_gamma(hidden, sums, 0.25), 0.75 + 0.25 * gamma)
    np.testing.assert_array_equal(relaxed_gamma(hidden, sums, 0.0), 1.0)


def test_relaxed_gamma_keeps_its_bounds():
    quiet = sums_of(0.0, 1e-6)
    hidden = Gaussian(np.array([1.0]), np.zeros(1))
    np.testing.assert_allclose(relaxed_gamma(hidden, quiet, 1.0), 0.75)  # one quarter at once
    for _ in range(50):
        hidden = hidden._replace(gamma=relaxed_gamma(hidden, quiet, 1.0))
    np.testing.assert_allclose(hidden.gamma, SMALLEST_GAMMA)


@pytest.mark.parametrize("eta", [-0.9, 0.0, 0.5])
def test_the_wells_stay_within_the_largest_jump(eta):
    hidden = DReLU(*(np.array([value]) for value in (0.5, 0.0, -30.0, eta)))
    for _ in range(50):
        hidden = hidden._replace(gamma=relaxed_gamma(hidden, sums_of(0.0, 1e-6), 1.0))
    gamma_plus, gamma_minus, theta_plus, theta_minus = hidden.halves()
    # Zero input about theta: wells at -t+ / g+ and t- / g-, their distance at most the jump.
    jump = -theta_plus / gamma_plus - theta_minus / gamma_minus
    np.testing.assert_allclose(jump, LARGEST_JUMP, rtol=1e-9)


def test_a_variance_that_grows_with_gamma_holds_gamma(team):
    """Only sampling noise can make it so; the response would have the wrong sign."""
    p = problem("gaussian")
    parameters = p.parameters()
    inputs = hidden_inputs(parameters, p.data).astype(np.float32)
    (data,) = hidden_statistics(team, parameters.hidden, inputs)
    sums = data.sums.copy()
    for columns_of in (columns.THIRD, columns.MEAN_COVARIANCE, columns.COVARIANCE):
        sums[0, columns_of] *= -1
    gradient = total_gradient(parameters.hidden, sums, 0 * sums, data.input_slope)
    np.testing.assert_array_equal(gradient.input_response[:, 0], 0)
    assert (gradient.input_response[:, 1] != 0).any()
