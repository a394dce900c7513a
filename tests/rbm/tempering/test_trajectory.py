"""Both samplers against enumeration, from starts that plain Gibbs sweeps never leave."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.ladder import Ladder
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering import exchange
from popcode.rbm.tempering.independent import independent_log_partition, independent_rung
from popcode.rbm.tempering.path import path_ladder
from popcode.rbm.tempering.temperature import heated, temperature_ladder
from popcode.rbm.tempering.trajectory import tempered_samples
from popcode.threads import Team

N_DRAWS = 200_000


def trajectory_to(parameters):
    """Rungs as a training run would leave them: weights grow, fields and thresholds drift."""
    rng = np.random.default_rng(8)
    for share in (0, 0.25, 0.55, 1):
        away = (1 - share) * rng.normal(0, 1, parameters.n_neurons)
        fields = (parameters.fields + away).astype(np.float32)
        theta = parameters.hidden.theta * np.sqrt(share)
        yield Parameters(np.float32(share) * parameters.weights, fields, Bernoulli(theta))


def temperatures_to(parameters):
    return [heated(parameters, beta) for beta in (0.3, 0.6, 1)]


@pytest.mark.parametrize("rungs_to", [trajectory_to, temperatures_to])
def test_tempered_samples_follow_the_enumerated_law(team, planted, rungs_to):
    parameters = planted.pair_of_layers()
    ladder = planted.ladder_of(list(rungs_to(parameters)), 2000)
    states, report = tempered_samples(team, ladder, N_DRAWS, seed=0, burn_in=50, thin=3)
    # Draws of one chain are correlated: half as much again as the floor of independent ones.
    assert planted.total_variation(states, parameters) < 1.5 * planted.floor_of(parameters, N_DRAWS)
    assert report.n_rounds == 50 + 3 * 100
    assert np.all((report.acceptance > 0.1) & (report.acceptance < 1))
    assert report.trips_per_chain > 10


def test_swaps_by_beta_times_the_free_energy_are_caught(team, planted, monkeypatch):
    """The rule of a public package, which breaks detailed balance with sweeps at beta."""
    parameters = planted.pair_of_layers()
    right = exchange.free_energies

    def wrong(team, heated, states):
        return heated.fields[0] / parameters.fields[0] * right(team, parameters, states)

    monkeypatch.setattr(exchange, "free_energies", wrong)
    ladder = planted.ladder_of(temperatures_to(parameters), 2000)
    states, _ = tempered_samples(team, ladder, N_DRAWS, seed=0, burn_in=50, thin=3)
    assert planted.total_variation(states, parameters) > 0.03


def test_the_free_energy_of_a_heated_model_is_that_of_its_marginal(planted):
    parameters = planted.pair_of_layers()
    states = np.random.default_rng(1).integers(2, size=(30, 6)).astype(np.float64)
    inputs = states @ parameters.weights - parameters.hidden.theta
    expected = -0.4 * states @ parameters.fields - np.logaddexp(0, 0.4 * inputs).sum(axis=1)
    with Team(1) as team:
        found = exchange.free_energies(team, heated(parameters, 0.4), states.astype(np.uint8))
    np.testing.assert_allclose(found, expected, atol=1e-5)  # float32 inputs of size 10


@pytest.mark.parametrize("kind", ["path", "temperature"])
def test_deep_wells_get_their_enumerated_shares(team, planted, kind):
    parameters = planted.three_states()
    well = (np.arange(parameters.n_neurons) % 3 == 2).astype(np.uint8)
    stuck = np.tile(well, (200, 1))
    gibbs_sweeps(team, *parameters, stuck, 500, 0, 1)
    assert np.all(planted.well_of(stuck) == 2)
    if kind == "temperature":
        ladder = temperature_ladder(team, parameters, seed=3, n_chains=400)
    else:
        base = independent_rung(parameters)
        log_partition = independent_log_partition(base)
        ladder = path_ladder(team, base, parameters, log_partition, seed=3, n_chains=400)
    ladder.chains[:] = well
    states, report = tempered_samples(team, ladder, 20_000, seed=4, burn_in=200, thin=4)
    shares = np.bincount(planted.well_of(states), minlength=3) / len(states)
    assert report.trips_per_chain > 5
    # A renewal brings a chain an independent well: 400 chains renewed at least 5 times.
    error = 0.5 / np.sqrt(report.round_trips)
    assert np.abs(shares - planted.well_shares(parameters)).max() < 5 * error


def test_the_lowest_rung_may_be_drawn_by_an_exact_sampler(team, planted):
    """Planted: draws of another law below, which must show above."""
    parameters = planted.pair_of_layers()
    ladder = planted.ladder_of(temperatures_to(parameters)[1:], 1000)

    def drawn(n, rng):
        p = state_probabilities(ladder.rungs[0])
        return all_states(6)[rng.choice(64, n, p=p / p.sum())]

    def uniform(n, rng):
        return rng.integers(2, size=(n, 6), dtype=np.uint8)

    found = [
        tempered_samples(team, ladder, 100_000, seed=0, thin=2, draw_base=base)[0]
        for base in (drawn, uniform)
    ]
    floor = planted.floor_of(parameters, 100_000)
    assert planted.total_variation(found[0], parameters) < 1.5 * floor
    assert planted.total_variation(found[1], parameters) > 5 * floor


def test_a_seed_gives_the_same_bits_on_any_number_of_threads(planted):
    parameters = planted.pair_of_layers()
    ladder = planted.ladder_of(temperatures_to(parameters), 130)
    before = ladder.chains.copy()
    found = []
    for n_threads, seed in ((1, 5), (2, 5), (2, 6)):
        with Team(n_threads) as team:
            found.append(tempered_samples(team, ladder, 400, seed=seed, burn_in=3))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1].acceptance, found[1][1].acceptance)
    assert np.any(found[0][0] != found[2][0])
    np.testing.assert_array_equal(ladder.chains, before)


def test_more_chains_than_the_ladder_holds_and_fewer_samples(team, planted):
    ladder = planted.ladder_of(temperatures_to(planted.pair_of_layers()), 20)
    states, report = tempered_samples(team, ladder, 90, seed=0, n_chains=64, burn_in=0)
    assert states.shape == (90, 6)
    assert report.n_chains == 64
    assert tempered_samples(team, ladder, 7, seed=0)[1].n_chains == 7


def test_ladders_that_cannot_be_climbed_are_refused(team, planted):
    rungs = temperatures_to(planted.pair_of_layers())
    with pytest.raises(InputError, match="ladder of 1 model has nothing to swap with"):
        tempered_samples(team, planted.ladder_of(rungs[:1], 20), 10, seed=0)
    with pytest.raises(InputError, match="chains of shape"):
        chains = np.zeros((3, 20, 5), np.uint8)
        tempered_samples(team, Ladder(tuple(rungs), chains, (0, 1, 2), 0.0), 10, seed=0)
    with pytest.raises(InputError, match="thin is 0"):
        tempered_samples(team, planted.ladder_of(rungs, 20), 10, seed=0, thin=0)
