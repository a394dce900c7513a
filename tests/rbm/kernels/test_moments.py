"""Moments of hidden units against quadrature of their own energy, in float64."""

import numpy as np
import pytest

from popcode.rbm.kernels.hidden import constants_of
from popcode.rbm.kernels.moments import (
    moments_bernoulli,
    moments_drelu,
    moments_gaussian,
    moments_relu,
)
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU

MOMENTS = {
    Bernoulli: moments_bernoulli,
    DReLU: moments_drelu,
    Gaussian: moments_gaussian,
    ReLU: moments_relu,
}


def unit(kind, *values):
    return kind(*(np.array([float(value)]) for value in values))


POTENTIALS = {
    "bernoulli": unit(Bernoulli, 0.7),
    "gaussian": unit(Gaussian, 1.3, -0.4),
    "relu": unit(ReLU, 0.8, 1.1),
    "relu smallest gamma": unit(ReLU, 0.05, 0.5),
    "drelu plain": unit(DReLU, 1, 0, 0, 0),
    "drelu double well": unit(DReLU, 1.2, 0.5, -2, 0.4),
    "drelu deep wells": unit(DReLU, 1, 0.3, -8, 0),
    "drelu dead zone": unit(DReLU, 0.9, -0.3, 1.5, -0.6),
    "drelu strong eta": unit(DReLU, 2, 0.2, -0.5, 0.95),
    "drelu smallest gamma": unit(DReLU, 0.05, 0, -0.4, 0.3),
    "drelu large gamma": unit(DReLU, 20, 1, 3, -0.5),
}
INPUTS = np.array([-50, -20, -7, -3, -1.5, -0.4, 0, 0.6, 1, 2.2, 4, 12, 31, 50.0])


def integrated(potential, inputs):
    """E[h+^k] and E[|h-|^k] for k = 1..4, (2, 4), by Gauss-Legendre on the scale of each half."""
    if isinstance(potential, Bernoulli):
        h, measure = np.array([0.0, 1.0]), np.ones(2)
    else:
        nodes, node_weights = np.polynomial.legendre.leggauss(16)
        edges = np.concatenate([[0], np.logspace(-5, 4, 1801)])
        widths = np.diff(edges)
        up = (edges[:-1, None] + widths[:, None] * (nodes + 1) / 2).ravel()
        half_measure = (widths[:, None] * node_weights / 2).ravel()
        h, measure = np.concatenate([-up, up]), np.tile(half_measure, 2)
    exponent = inputs * h - potential.energy(h)
    density = measure * np.exp(exponent - exponent.max())
    density /= density.sum()
    return np.array(
        [[(density * np.maximum(sign * h, 0) ** k).sum() for k in (1, 2, 3, 4)] for sign in (1, -1)]
    )


def computed(potential, inputs):
    # The table in float64, so that the error seen is the kernel's own.
    table = constants_of(potential).astype(np.float64)[0]
    if isinstance(potential, DReLU):
        gamma_plus, gamma_minus, theta_plus, theta_minus = potential.halves()
        table[:] = np.concatenate([gamma_plus**-0.5, theta_plus, gamma_minus**-0.5, theta_minus])
    elif isinstance(potential, Bernoulli):
        table[:] = potential.theta
    else:
        table[:] = np.concatenate([potential.gamma**-0.5, potential.theta])
    scratch = np.empty(inputs.size)
    plus, minus = np.full((4, inputs.size), np.nan), np.full((4, inputs.size), np.nan)
    MOMENTS[type(potential)](inputs, table, scratch, plus, minus)
    return plus, minus


@pytest.mark.parametrize("name", POTENTIALS)
def test_moments_equal_the_integrals(name):
    potential = POTENTIALS[name]
    plus, minus = computed(potential, INPUTS)
    truth = np.array([integrated(potential, inputs) for inputs in INPUTS])
    if isinstance(potential, Gaussian):  # counts as all upper half, signed
        sign = np.array([-1, 1, -1, 1])
        truth = np.stack([truth[:, 0] + sign * truth[:, 1], 0 * truth[:, 1]], axis=1)
    # 2.6e-6 for the fourth moment just above a threshold of 2, 1.1e-7 for the first; a half whose
    # probability is lost in that of the other (1e-16) has no digits and needs none.
    for k, bound in enumerate((2e-7, 5e-7, 2e-6, 5e-6)):
        size = np.abs(truth[:, :, k]).sum(axis=1)
        for half, values in enumerate((plus, minus)):
            error = np.abs(values[k] - truth[:, half, k])
            # Against the half's own moment where it has one, and never worse than of both.
            assert (error <= bound * np.abs(truth[:, half, k]) + 1e-12 * (1 + size)).all(), (
                k,
                half,
            )


@pytest.mark.parametrize("name", POTENTIALS)
def test_mean_and_variance_agree_with_the_oracle(name):
    potential = POTENTIALS[name]
    inputs = np.linspace(-50, 50, 4001)
    plus, minus = computed(potential, inputs)
    mean = plus[0] - minus[0]
    variance = plus[1] + minus[1] - mean**2
    np.testing.assert_allclose(mean, potential.mean(inputs[:, None])[:, 0], rtol=1e-6, atol=1e-7)
    # The variance is found by subtraction, exact to the error of E[h^2].
    truth = potential.variance(inputs[:, None])[:, 0]
    assert (np.abs(variance - truth) <= 1e-6 * truth + 1e-9 * mean**2 + 1e-12).all()


def test_a_unit_without_gap_or_asymmetry_is_gaussian():
    inputs = np.linspace(-30, 30, 601)
    plus, minus = computed(unit(DReLU, 1.7, 0.3, 0, 0), inputs)
    one, _ = computed(unit(Gaussian, 1.7, 0.3), inputs)
    for k in range(4):
        np.testing.assert_allclose(
            plus[k] + (-1) ** (k + 1) * minus[k], one[k], rtol=1e-6, atol=5e-6
        )


def test_a_nan_input_gives_nan_moments():
    for name, potential in POTENTIALS.items():
        plus, _ = computed(potential, np.array([np.nan]))
        assert np.isnan(plus).all(), name
