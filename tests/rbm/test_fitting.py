"""Fits of small planted problems: recovery, exact likelihood, divergence, collapse, convergence."""

import itertools

import numpy as np
import pytest

from popcode.metrics import matched_correlations
from popcode.rbm.convergence import event_product, left_over, sample_groups
from popcode.rbm.exact import all_states, log_likelihood, state_probabilities
from popcode.rbm.fitting import choose_penalty, finish_fit, orient, start_fit
from popcode.rbm.parameters import Parameters, free_energy
from popcode.rbm.penalty import GRID, largest_kept, penalty_path
from popcode.rbm.settings import Settings
from popcode.simulate import AssemblySettings, simulate_assemblies
from popcode.threads import Team

SETTINGS = Settings(
    n_hidden=4, hidden="drelu", l1=0.01, n_updates=1500, n_chains=50, n_sweeps=5,
    batch_size=100, learning_rate=5e-3, seed=0, device="cpu",
)  # fmt: skip


@pytest.fixture(scope="module")
def team():
    with Team(2) as team:
        yield team


@pytest.fixture(scope="module")
def planted():
    return simulate_assemblies(
        AssemblySettings(
            n_neurons=80, n_bins=2000, n_assemblies=4, assembly_share=0.25, on_probability=0.2
        ),
        seed=1,
    )


def fitted(team, activity, settings):
    trainer = start_fit(activity, np.arange(len(activity)), settings)
    trainer.run(team, lambda _: None)
    return trainer


@pytest.fixture(scope="module")
def trainer(team, planted):
    return fitted(team, planted.activity, SETTINGS)


def test_planted_assemblies_come_back(team, planted):
    trainer = fitted(team, planted.activity, SETTINGS._replace(n_hidden=8))
    matched = matched_correlations(trainer.state.weights, planted.neuron_arrays["true_weights"])
    # Six seeds reach .91 to .95. With as many units as assemblies half of the seeds end in a local
    # optimum (two assemblies in one unit), at .75; unrelated columns correlate by .1 to .2.
    assert matched.mean() > 0.85


def test_absent_connections_are_exactly_zero(trainer, planted):
    truth = planted.neuron_arrays["true_weights"]
    members = truth.any(axis=1)
    # A neuron of one assembly in four has three connections to lose.
    assert (trainer.state.weights == 0).mean() > 0.15
    assert np.abs(trainer.state.weights[members]).max(axis=1).min() > 0


@pytest.mark.parametrize("kind", ["drelu", "gaussian", "relu", "bernoulli"])
def test_a_fit_reaches_the_likelihood_of_the_law_it_was_drawn_from(team, kind):
    rng = np.random.default_rng(5)
    groups = np.kron(np.eye(2), np.ones(5)) * 2.0
    states = all_states(10).astype(float)
    # A pairwise law of two groups, which every kind of unit can represent or come close to.
    energy = states @ np.full(10, -2.2) + 0.3 * sum((states @ g) ** 2 for g in groups) / 4
    law = np.exp(energy - energy.max())
    law /= law.sum()
    data = states[rng.choice(1024, 20_000, p=law)].astype(np.uint8)
    settings = SETTINGS._replace(hidden=kind, l1=0.0, n_updates=1500, n_chains=200)
    parameters = fitted(team, data, settings).state.parameters
    rates = data.mean(axis=0)
    independent = (rates * np.log(rates) + (1 - rates) * np.log(1 - rates)).sum()
    true = float(law @ np.log(law))
    gain = float(law @ log_likelihood(parameters, states)) - independent
    # Of 20,000 bins some 30 parameters cost .001 nats; chains' noise as much again, and more for
    # the Bernoulli units, whose two states approximate a parabola.
    assert gain > 0.9 * (true - independent)
    np.testing.assert_allclose(state_probabilities(parameters) @ states, rates, atol=0.02)


def test_divergence_is_recovered_from_and_counted(team, planted):
    trainer = fitted(team, planted.activity, SETTINGS._replace(learning_rate=1.0, n_updates=200))
    assert trainer.state.restarts >= 1
    assert np.isfinite(trainer.state.weights).all()
    assert trainer.schedule.rate_at(150) * trainer.state.rate_scale < 1.0


def test_a_fit_that_diverges_for_ever_is_given_up_and_says_so(team, planted, monkeypatch):
    monkeypatch.setattr("popcode.rbm.trainer.Trainer._is_sound", lambda self: False)
    trainer = fitted(team, planted.activity, SETTINGS._replace(n_updates=100))
    assert trainer.given_up
    monkeypatch.undo()
    outcome = finish_fit(team, trainer, SETTINGS)
    assert not outcome.training["converged"]
    assert any("was given up" in note for note in outcome.notes)


def test_a_collapsed_fit_says_so_and_names_a_penalty_that_keeps_its_units(team, planted):
    settings = SETTINGS._replace(l1=1.0, n_updates=200)
    trainer = fitted(team, planted.activity, settings)
    outcome = finish_fit(team, trainer, settings)
    assert outcome.training["hidden_alive"] == 0
    assert not outcome.training["converged"]
    assert "Only 0 of 4 hidden units keep weights at l1 = 1 after 200 updates" in outcome.notes[0]
    kept = outcome.training["l1_that_keeps"]
    assert kept in GRID
    assert f"at which 80 % do is {kept:g}" in outcome.notes[0]
    again = settings._replace(l1=kept)
    alive = np.abs(fitted(team, planted.activity, again).state.weights).max(axis=0) >= 0.05
    assert alive.mean() >= 0.8


def test_the_penalty_path_rises_until_units_die(team, planted):
    settings = SETTINGS._replace(n_chains=25)
    levels = penalty_path(team, planted.activity, np.arange(2000), settings)
    assert [level.l1 for level in levels] == list(GRID[: len(levels)])
    assert levels[0].alive == 1
    assert largest_kept(levels) > GRID[0]


def test_the_penalty_chosen_is_the_noise_of_a_weight_or_far_below_the_end_of_the_path(
    team, planted
):
    settings = SETTINGS._replace(n_chains=25)
    x, bins = planted.activity, np.arange(2000)
    most = largest_kept(penalty_path(team, x, bins, settings)) / 8
    noise = 0.7 * np.sqrt(np.mean(x.mean(axis=0) * (1 - x.mean(axis=0))) / 2000)
    found = choose_penalty(team, x, bins, settings).l1
    assert found == pytest.approx(min(noise, most), rel=0.05)  # told to two digits
    # A hundred times the bins: a tenth of the noise, on the same path.
    many = np.tile(x, (100, 1))
    assert choose_penalty(team, many, np.arange(len(many)), settings).l1 == pytest.approx(
        noise / 10, rel=0.05
    )


def test_units_without_an_assembly_lose_their_weights_and_that_is_no_collapse(team, planted):
    settings = SETTINGS._replace(n_hidden=8)
    trainer = fitted(team, planted.activity, settings)
    outcome = finish_fit(team, trainer, settings)
    # Four assemblies: two of eight units end without weights, at an optimum.
    assert 4 <= outcome.training["hidden_alive"] < 0.8 * 8
    assert outcome.training["converged"]
    assert not outcome.notes


def test_convergence_tells_an_optimum_from_a_disturbed_one(team, trainer, planted):
    bins, l1 = np.arange(2000), SETTINGS.l1
    at_optimum = left_over(
        team, trainer.state, planted.activity, bins, l1, sample_groups(team, trainer.state, 0)
    )
    assert at_optimum < 0.15
    disturbed = fitted(team, planted.activity, SETTINGS)
    disturbed.state.weights *= 0.7
    assert (
        left_over(
            team, disturbed.state, planted.activity, bins, l1,
            sample_groups(team, disturbed.state, 0),
        )
        > 0.3
    )  # fmt: skip


def test_event_product_is_the_dense_product():
    rng = np.random.default_rng(0)
    states, values = rng.integers(0, 3, (40, 7)).astype(np.uint8), rng.normal(size=(15, 3))
    rows = rng.permutation(40)[:15]
    expected = (states[rows] != 0).T @ values / 15
    np.testing.assert_allclose(event_product(states, rows, values), expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["drelu", "gaussian"])
def test_turning_units_leaves_the_law_unchanged(team, planted, kind):
    small = planted.activity[:, :9].copy()
    trainer = fitted(team, small, SETTINGS._replace(hidden=kind, n_updates=60))
    state = trainer.state
    state.weights[:, 0] = -np.abs(state.weights[:, 0]) - 0.1
    states = all_states(9)
    before = free_energy(Parameters(state.weights.copy(), state.fields, state.hidden), states)
    orient(state)
    after = free_energy(state.parameters, states)
    assert (state.weights.sum(axis=0) >= 0).all()
    # Equal up to float32 weights; eight states of nine neurons each add 1e-7.
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_the_bits_of_a_fit_do_not_depend_on_the_threads(planted):
    weights = []
    for n_threads in (1, 2, 3):
        with Team(n_threads) as team:
            run = fitted(team, planted.activity, SETTINGS._replace(n_updates=30))
            weights.append(run.state.weights)
    for one, other in itertools.pairwise(weights):
        np.testing.assert_array_equal(one, other)
