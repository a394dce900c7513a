"""The TAP equations against their free energy, and that against enumeration."""

import numpy as np
import pytest
from scipy.special import xlogy

from popcode.errors import InputError
from popcode.rbm.exact import log_partition
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tree.tap import fixed_points


def model(scale, n_neurons=6, n_hidden=4, seed=0):
    rng = np.random.default_rng(seed)
    weights = scale * rng.normal(0, 1, (n_neurons, n_hidden))
    theta = rng.normal(0, 1, n_hidden)
    return Parameters(
        weights.astype(np.float32),
        rng.normal(-1, 1, n_neurons).astype(np.float32),
        Bernoulli(theta),
    )


def tap_free_energy(parameters, v, h, order):
    """The expansion of -ln Z in the weights at given mean activities, term by term."""
    weights = np.asarray(parameters.weights, np.float64)
    entropy = -sum((xlogy(m, m) + xlogy(1 - m, 1 - m)).sum() for m in (v, h))
    x, y = v - v**2, h - h**2
    terms = [v @ weights @ h, x @ weights**2 @ y / 2]
    terms.append(2 / 3 * (x * (0.5 - v)) @ weights**3 @ (y * (0.5 - h)))
    linear = parameters.fields.astype(float) @ v - parameters.hidden.theta @ h
    return -linear - entropy - sum(terms[:order])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_fixed_points_are_stationary_in_the_free_energy(order):
    parameters = model(0.8)
    found = fixed_points(parameters, np.zeros((1, 6)), order)
    assert found.converged.all()
    v, h = found.visible[0].astype(float), found.hidden[0].astype(float)
    step = 1e-5
    for which, size in ((0, 6), (1, 4)):
        for i in range(size):
            move = np.eye(size)[i] * step
            up, down = (
                tap_free_energy(
                    parameters,
                    v + s * move * (which == 0) if which == 0 else v,
                    h + s * move if which else h,
                    order,
                )
                for s in (1, -1)
            )
            # Means are kept to 1e-5, and the free energy's curvature is 1 / (m (1 - m)) < 100.
            assert abs(up - down) / (2 * step) < 1e-3


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_error_of_the_free_energy_falls_with_the_order(order):
    errors = []
    for scale in (0.1, 0.2):
        parameters = model(scale)
        found = fixed_points(parameters, np.zeros((1, 6)), order)
        v, h = found.visible[0].astype(float), found.hidden[0].astype(float)
        errors.append(tap_free_energy(parameters, v, h, order) + log_partition(parameters))
    # The first term left out is of order `order + 1`; half of an order for the terms after it.
    assert np.log2(abs(errors[1] / errors[0])) > order + 0.5


def test_without_weights_the_fixed_point_is_the_rates():
    parameters = model(0.0)
    found = fixed_points(parameters, np.ones((3, 6)))
    rates = 1 / (1 + np.exp(-parameters.fields))
    # Steps end below 1e-5, half of the way that is left.
    np.testing.assert_allclose(found.visible, np.tile(rates, (3, 1)), atol=2e-5)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_units_that_hold_the_neurons_make_two_states(order):
    weights = np.full((100, 5), 0.4, np.float32)
    parameters = Parameters(weights, np.full(100, -1, np.float32), Bernoulli(np.full(5, 20.0)))
    found = fixed_points(parameters, np.array([np.zeros(100), np.ones(100)]), order)
    assert found.converged.all()
    # Units off: sigma(-1) = .269, and .4 x 100 x .269 - 20 = -9 keeps them off, the reaction of
    # the neurons' variance, .16 x 100 x .197 / 2 = 1.6, taken in. On: the mirror image.
    np.testing.assert_allclose(found.visible[:, 0], [0.269, 0.731], atol=2e-3)


def test_points_do_not_depend_on_each_other():
    parameters = model(1.0)
    starts = np.random.default_rng(1).integers(0, 2, (30, 6))
    together = fixed_points(parameters, starts)
    for k in range(0, 30, 10):
        alone = fixed_points(parameters, starts[k : k + 1])
        np.testing.assert_allclose(alone.visible[0], together.visible[k], atol=1e-5)


def test_an_unknown_order_is_refused():
    with pytest.raises(InputError, match="order is 4"):
        fixed_points(model(0.1), np.zeros((1, 6)), 4)
