"""Ladders laid between two models."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering.independent import independent_rung
from popcode.rbm.tempering.path import between
from popcode.rbm.tempering.temperature import heated, inverse_temperatures, temperature_ladder
from popcode.rbm.tempering.trajectory import tempered_samples


def test_neighbours_accept_about_the_target(team, planted):
    parameters = planted.three_states()
    for target in (0.25, 0.5):
        ladder = temperature_ladder(team, parameters, seed=0, n_chains=1000, target=target)
        _, report = tempered_samples(team, ladder, 1000, seed=1, burn_in=100)
        # The last step is what remains; the others were tolerated down to 0.7 of the target.
        assert np.all(report.acceptance > 0.6 * target)
        assert np.all(report.acceptance[:-1] < target + 0.15)
        betas = inverse_temperatures(ladder)
        assert betas[0] == 0
        assert betas[-1] == 1
        assert np.all(np.diff(betas) > 0)


def test_climbing_keeps_the_shares_of_the_wells(team, planted):
    parameters = planted.three_states()
    shares = []
    for seed in range(5):
        ladder = temperature_ladder(team, parameters, seed=seed, n_chains=1000)
        wells = planted.well_of(ladder.chains[-1])
        shares.append(np.bincount(wells, minlength=3) / wells.size)
    # Resampled chains share ancestors: a few times the error of independent ones, 0.007.
    np.testing.assert_allclose(np.mean(shares, axis=0), planted.well_shares(parameters), atol=0.04)


def test_the_ends_of_the_line_are_the_models(planted):
    upper = planted.pair_of_layers()
    lower = heated(upper, 0.3)
    for share, model in ((0, lower), (1, upper)):
        found = between(lower, upper, share)
        np.testing.assert_allclose(found.weights, model.weights, atol=1e-6)
        np.testing.assert_allclose(found.fields, model.fields, atol=1e-6)
        np.testing.assert_allclose(found.hidden.theta, model.hidden.theta)


def test_the_independent_rung_has_the_rates_of_weak_models():
    rng = np.random.default_rng(0)
    weak = Parameters(
        rng.normal(0, 0.02, (8, 20)).astype(np.float32),
        rng.normal(-1, 1, 8).astype(np.float32),
        Bernoulli(rng.normal(0, 1, 20)),
    )
    rates = [state_probabilities(each) @ all_states(8) for each in (weak, independent_rung(weak))]
    # Second order in weights of 0.02, over 20 units.
    np.testing.assert_allclose(*rates, atol=2e-3)


def test_what_cannot_be_laid_is_refused(team, planted):
    parameters = planted.three_states()
    with pytest.raises(InputError, match="20 chains are too few"):
        temperature_ladder(team, parameters, seed=0, n_chains=20)
    with pytest.raises(InputError, match=r"target acceptance of 1\.5"):
        temperature_ladder(team, parameters, seed=0, target=1.5)
    with pytest.raises(InputError, match=r"2 rungs of acceptance 0\.9 reach only"):
        temperature_ladder(team, parameters, seed=0, target=0.9, max_rungs=2)
