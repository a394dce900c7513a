"""Rungs of a run of exact gradient ascents towards three states, and what is made of them."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit

from popcode.errors import InputError
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering.selection import (
    RungSelector,
    acceptance_of,
    as_rungs,
    thinned,
)
from popcode.rbm.tempering.storage import selector_arrays, selector_from
from popcode.rbm.tempering.trajectory import tempered_samples

N_NEURONS, N_UPDATES, EVERY = 12, 1500, 10
GROUP = np.arange(N_NEURONS) % 3
STATES = all_states(N_NEURONS).astype(np.float64)


def three_state_law():
    """Each neuron of the active group fires with 0.95, every other with 0.02."""
    law = np.zeros(len(STATES))
    for k, share in enumerate((0.5, 0.3, 0.2)):
        rates = np.where(k == GROUP, 0.95, 0.02)
        law += share * np.prod(np.where(STATES, rates, 1 - rates), axis=1)
    return law


def ascent():
    """Models along the exact gradient of the likelihood of `three_state_law`.

    In steps small enough that the shares of the wells do not swing: chains could not follow.
    """
    law, rng = three_state_law(), np.random.default_rng(0)
    rates = law @ STATES
    weights, fields = rng.normal(0, 0.05, (N_NEURONS, 6)), np.log(rates / (1 - rates))
    theta = rates @ weights
    for _ in range(N_UPDATES + 1):
        model = Parameters(weights.astype(np.float32), fields.astype(np.float32), Bernoulli(theta))
        yield model
        gap = law - state_probabilities(model)
        hidden = expit(STATES @ weights - theta)
        weights = weights + 0.2 * (STATES * gap[:, None]).T @ hidden
        fields, theta = fields + 0.2 * gap @ STATES, theta - 0.2 * gap @ hidden


@pytest.fixture(scope="module")
def run(team):
    """The selector after the run, its state half-way, the models seen, the final chains."""
    selector, halves, seen = RungSelector(), [], {}
    for update, model in enumerate(ascent()):
        if update == 0:
            rng = np.random.default_rng(1)
            chains = (rng.random((500, N_NEURONS)) < expit(model.fields)).astype(np.uint8)
        gibbs_sweeps(team, *model, chains, 5, 5 * update, 0)
        if update % EVERY == 0:
            if update == N_UPDATES // 2:
                halves.append(selector_arrays(selector))
            seen[update] = (model, chains.copy())
            selector.observe(team, model, chains, update)
    return selector, halves[0], seen, chains


def ladder_of_run(team, run):
    selector, _, seen, chains = run
    return selector.finish(team, seen[N_UPDATES][0], chains, N_UPDATES, 0.0)


def test_rungs_are_chosen_by_the_acceptance_of_their_swaps(team, run):
    ladder = ladder_of_run(team, run)
    assert ladder.updates[0] == 0
    assert ladder.updates[-1] == N_UPDATES
    assert 3 <= len(ladder.rungs) < 12
    rungs = as_rungs(ladder)
    for low, high in pairwise(rungs):
        # Chosen on the very states, before the model that fell below the target.
        assert acceptance_of(team, low, high) >= 0.25
    seen = run[2]
    for low, high in pairwise(rungs[:-1]):
        beyond = high._replace(parameters=seen[high.update + EVERY][0])
        beyond = beyond._replace(chains=seen[high.update + EVERY][1])
        assert acceptance_of(team, low, beyond) < 0.25


def test_the_ladder_recovers_the_three_states_from_one(team, run):
    ladder = ladder_of_run(team, run)
    ladder.chains[:] = GROUP == 2
    states, report = tempered_samples(team, ladder, 20_000, seed=2, burn_in=200, thin=4)
    sums = np.stack([states[:, k == GROUP].sum(axis=1, dtype=int) for k in range(3)], axis=1)
    found = np.bincount(sums.argmax(axis=1), minlength=3) / len(states)
    wells = np.stack([STATES[:, k == GROUP].sum(axis=1) for k in range(3)], axis=1).argmax(axis=1)
    truth = np.bincount(wells, weights=state_probabilities(ladder.rungs[-1]), minlength=3)
    assert report.trips_per_chain > 5
    # Renewed states are independent: five of their standard errors.
    assert np.abs(found - truth).max() < 5 * 0.5 / np.sqrt(report.round_trips)


def test_a_selector_restored_half_way_chooses_the_same_rungs(team, run):
    selector, half, seen, _ = run
    restored = selector_from(half, selector.target, selector.max_rungs)
    for update in range(N_UPDATES // 2, N_UPDATES + 1, EVERY):
        restored.observe(team, *seen[update], update)
    assert [rung.update for rung in restored.rungs] == [rung.update for rung in selector.rungs]
    for name, values in selector_arrays(selector).items():
        np.testing.assert_array_equal(values, selector_arrays(restored)[name])
    assert selector_arrays(RungSelector()) == {}
    assert selector_from({}, 0.25, 9) == RungSelector(0.25, 9)


def test_memory_is_bounded_and_the_ends_stay(team, run):
    seen = run[2]
    bounded = RungSelector(target=0.9, max_rungs=5)
    for update, (model, chains) in seen.items():
        bounded.observe(team, model, chains, update)
        assert len(bounded.rungs) <= 5
    ladder = bounded.finish(team, *seen[N_UPDATES], N_UPDATES, 0.0)
    assert len(ladder.rungs) == 5
    assert ladder.updates[0] == 0
    assert ladder.updates[-1] == N_UPDATES
    assert list(ladder.updates) == sorted(set(ladder.updates))


def test_a_fine_ladder_thins_to_a_coarse_one(team, run):
    seen = run[2]
    fine = RungSelector(target=0.7, max_rungs=100)
    for update, (model, chains) in seen.items():
        fine.observe(team, model, chains, update)
    ladder = fine.finish(team, *seen[N_UPDATES], N_UPDATES, 0.0)
    coarse = thinned(team, ladder, 0.25)
    assert len(coarse.rungs) < len(ladder.rungs)
    rungs = as_rungs(coarse)
    assert all(acceptance_of(team, low, high) >= 0.25 for low, high in pairwise(rungs))
    assert (coarse.updates[0], coarse.updates[-1]) == (0, N_UPDATES)


def test_the_selector_copies_what_it_sees(team, run):
    model, chains = run[2][0]
    model = model._replace(weights=model.weights.copy())
    selector = RungSelector()
    selector.observe(team, model, chains, 0)
    model.weights[:] = 7
    assert selector.rungs[0].parameters.weights.max() < 7


def test_too_few_chains_or_no_start_is_refused(team, run):
    model, chains = run[2][0]
    with pytest.raises(InputError, match="10 chains are too few"):
        RungSelector().observe(team, model, chains[:10], 0)
    with pytest.raises(InputError, match="ladder without its start"):
        RungSelector().finish(team, model, chains, 0, 0.0)
