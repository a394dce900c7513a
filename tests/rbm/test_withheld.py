"""Hidden units drawn, and withheld neurons predicted, against closed forms and enumeration."""

import itertools

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.parameters import Parameters, free_energy
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU
from popcode.rbm.withheld import complete_withheld, draw_hidden

N_DRAWS = 40_000
POTENTIALS = [
    Bernoulli(np.array([0.3, -0.5])),
    Gaussian(np.array([1.2, 0.8]), np.array([0.1, -0.4])),
    ReLU(np.array([1.0, 1.5]), np.array([0.5, -0.5])),
    DReLU(*np.array([[1.0, 1.3], [0.2, -0.1], [-1.5, 0.8], [0.3, -0.5]])),
]
NAMES = [type(each).__name__ for each in POTENTIALS]


@pytest.mark.parametrize("potential", POTENTIALS, ids=NAMES)
@pytest.mark.parametrize("inputs", [-60.0, -3.0, 0.0, 2.0, 60.0])
def test_draws_have_the_mean_and_variance_of_the_law(potential, inputs):
    given = np.full((N_DRAWS, 2), inputs)
    h = draw_hidden(potential, given, np.random.default_rng(1))
    mean, variance = potential.mean(given[:1])[0], potential.variance(given[:1])[0]
    # Five standard errors of a mean; the variance of a variance is below 9 of its square here.
    error = (variance.max() / N_DRAWS) ** 0.5
    np.testing.assert_allclose(h.mean(axis=0), mean, atol=1e-12 + 5 * error)
    np.testing.assert_allclose(h.var(axis=0), variance, rtol=15 / N_DRAWS**0.5, atol=2e-3)


@pytest.mark.parametrize("potential", POTENTIALS, ids=NAMES)
def test_withheld_neurons_have_their_enumerated_probability(potential):
    rng = np.random.default_rng(7)
    parameters = Parameters(rng.normal(0, 1, (6, 2)), rng.normal(-0.5, 0.5, 6), potential)
    seen, held = rng.integers(0, 2, (12, 6)).astype(np.uint8), np.array([0, 3])
    found = complete_withheld(parameters, seen, held, 0, n_sweeps=6000).probability
    for v, one in zip(seen, found, strict=True):
        every = np.repeat(v[None], 4, axis=0)
        every[:, held] = list(itertools.product((0, 1), repeat=2))
        weights = np.exp(-free_energy(parameters, every))
        expected = weights @ every[:, held] / weights.sum()
        # 6,000 correlated sweeps: an error of .5 / sqrt(6000 / 10).
        np.testing.assert_allclose(one, expected, atol=0.06)


def test_what_is_withheld_is_not_looked_at_and_seeds_are_kept():
    rng = np.random.default_rng(8)
    parameters = Parameters(rng.normal(0, 1, (6, 2)), rng.normal(-0.5, 0.5, 6), POTENTIALS[3])
    seen, held = rng.integers(0, 2, (300, 6)).astype(np.uint8), np.array([1, 2])
    first = complete_withheld(parameters, seen, held, 5).probability
    seen[:, held] ^= 1
    np.testing.assert_array_equal(complete_withheld(parameters, seen, held, 5).probability, first)
    assert np.any(complete_withheld(parameters, seen, held, 6).probability != first)
    with pytest.raises(InputError, match="withheld"):
        complete_withheld(parameters, seen, np.arange(6), 0)
