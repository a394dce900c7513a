"""Potentials against direct numerical integration of their own energy."""

import numpy as np
import pytest
from scipy.special import logsumexp

from popcode.rbm.half_line import excess_mean, excess_variance, log_mills
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU

POTENTIALS = {
    "bernoulli": Bernoulli(np.array([0.7])),
    "gaussian": Gaussian(np.array([1.3]), np.array([-0.4])),
    "relu": ReLU(np.array([0.8]), np.array([1.1])),
    "drelu double well": DReLU(np.array([1.2]), np.array([0.5]), np.array([-2.0]), np.array([0.4])),
    "drelu dead zone": DReLU(np.array([0.9]), np.array([-0.3]), np.array([1.5]), np.array([-0.6])),
}


def integrate(potential, inputs):
    """Logarithm of the integral of exp(-U(h) + I h), and the first two moments of h.

    Gauss-Legendre on panels a tenth wide, one of whose edges is the kink at h = 0.
    """
    nodes, node_weights = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(-130, 130, 2601)
    h = (edges[:-1, None] + 0.05 * (nodes + 1)).ravel()
    measure = np.tile(0.05 * node_weights, 2600)
    if isinstance(potential, Bernoulli):
        h, measure = np.array([0.0, 1.0]), np.ones(2)
    exponent = inputs * h - potential.energy(h)
    density = measure * np.exp(exponent - exponent.max())
    moments = [(density * h**power).sum() / density.sum() for power in (1, 2)]
    return np.log(density.sum()) + exponent.max(), *moments


@pytest.mark.parametrize("name", POTENTIALS)
@pytest.mark.parametrize("inputs", [-50.0, -7.0, -1.0, 0.0, 0.6, 4.0, 12.0, 50.0])
def test_moments_equal_the_integral_of_the_density(name, inputs):
    potential = POTENTIALS[name]
    column = np.array([[inputs]])
    log_integral, one, two = integrate(potential, inputs)
    # Twelve nodes a panel are exact to rounding; the sums over 31,200 nodes round to 1e-11.
    np.testing.assert_allclose(
        potential.cumulant(column)[0, 0], log_integral, rtol=1e-10, atol=1e-14
    )
    np.testing.assert_allclose(potential.mean(column)[0, 0], one, rtol=1e-9, atol=1e-12)
    scale = two + one**2  # a variance found by subtraction is exact to its terms only
    np.testing.assert_allclose(potential.variance(column)[0, 0], two - one**2, atol=1e-10 * scale)


@pytest.mark.parametrize("name", POTENTIALS)
def test_mean_and_variance_are_derivatives_of_the_cumulant(name):
    potential = POTENTIALS[name]
    inputs = np.linspace(-30, 30, 601)[:, None]
    step = 1e-4  # second-order differences: error step^2, rounding 1e-16 / step
    slope = (potential.cumulant(inputs + step) - potential.cumulant(inputs - step)) / (2 * step)
    np.testing.assert_allclose(potential.mean(inputs), slope, atol=1e-6, rtol=1e-6)
    slope = (potential.mean(inputs + step) - potential.mean(inputs - step)) / (2 * step)
    np.testing.assert_allclose(potential.variance(inputs), slope, atol=1e-6, rtol=1e-6)


def test_theta_shifts_the_input():
    rng = np.random.default_rng(0)
    inputs = rng.normal(0, 5, (50, 3))
    shift = rng.normal(0, 2, 3)
    for potential in POTENTIALS.values():
        moved = potential._replace(theta=potential.theta + shift)
        np.testing.assert_allclose(moved.cumulant(inputs + shift), potential.cumulant(inputs))


def test_halves_invert_and_mirror():
    rng = np.random.default_rng(1)
    original = DReLU(
        rng.uniform(0.1, 3, 20),
        rng.normal(0, 1, 20),
        rng.normal(0, 2, 20),
        rng.uniform(-0.9, 0.9, 20),
    )
    for value, back in zip(original, DReLU.from_halves(*original.halves()), strict=True):
        np.testing.assert_allclose(back, value, atol=1e-12)
    inputs = rng.normal(0, 4, (30, 20))
    np.testing.assert_allclose(
        original.mirrored().mean(-inputs), -original.mean(inputs), atol=1e-12
    )


def test_drelu_without_gap_or_asymmetry_is_gaussian():
    gamma, theta, zero = np.array([1.7]), np.array([0.3]), np.zeros(1)
    inputs = np.linspace(-20, 20, 81)[:, None]
    pair = DReLU(gamma, theta, zero, zero), Gaussian(gamma, theta)
    for quantity in ("cumulant", "mean", "variance"):
        values = [getattr(potential, quantity)(inputs) for potential in pair]
        np.testing.assert_allclose(values[0], values[1], atol=1e-11, rtol=1e-11)


def test_half_line_is_continuous_where_its_formulas_meet():
    for function in (log_mills, excess_mean, excess_variance):
        for joint in (0.0, 30.0):
            below, above = function(np.array([joint - 1e-9, joint + 1e-9]))
            # Both sides differ by slope x 2e-9; a wrong formula would differ by far more.
            assert abs(above - below) < 1e-8 * max(1, abs(below))


def test_half_line_tails():
    # log Phi(x) -> -log x and log Phi(-x) -> x^2/2 + log sqrt(2 pi)
    np.testing.assert_allclose(log_mills(np.array([1e6])), -np.log(1e6), rtol=1e-10)
    np.testing.assert_allclose(
        log_mills(np.array([-40.0])), 800 + 0.5 * np.log(2 * np.pi), rtol=1e-12
    )
    assert logsumexp(log_mills(np.array([-50.0, 50.0]))) > 1249
