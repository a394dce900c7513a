"""Annealing forward and in reverse against enumeration."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.exact import all_states
from popcode.rbm.likelihood.annealing import (
    anneal,
    anneal_forward,
    annealed_log_partition,
    independent_states,
    path_to,
    rescheduled,
)
from popcode.rbm.likelihood.bracket import bracketed_log_partition
from popcode.rbm.likelihood.estimates import log_mean
from popcode.rbm.likelihood.exact import exact_log_partition
from popcode.rbm.parameters import free_energy
from popcode.threads import Team


def test_one_jump_is_importance_sampling(small, team):
    """Without a sweep between, log weights are F_0(v) - F_1(v) of the states they start from."""
    model, base = small.random_model(0), np.full(9, -1, np.float32)
    path = path_to(model, base)
    states = independent_states(path, 60, (0,))
    run = anneal(team, path, np.array([0.0, 1.0]), states, 1)
    expected = free_energy(small.between(model, base, 0), states) - free_energy(model, states)
    # Float32 inputs of some units each: a few 1e-6.
    np.testing.assert_allclose(run.log_weights, expected, atol=2e-5)


def test_steps_add_up_whatever_lies_between(small, team):
    """At rest in one model nothing is gained, and the last states are draws of the last model."""
    model, base = small.random_model(1), np.full(9, -1, np.float32)
    path = path_to(model, base)
    states = small.draws_of(model, 20_000, 1)
    still = anneal(team, path, np.ones(4), states, 2)
    np.testing.assert_array_equal(still.log_weights, 0)
    rates = small.law_of(model) @ all_states(9)
    # Four standard errors of a rate over 20,000 draws.
    np.testing.assert_allclose(still.states.mean(axis=0), rates, atol=4 * 0.5 / np.sqrt(20_000))


def test_mean_weights_are_ratios_of_partition_functions_both_ways(small, team):
    model = small.random_model(2)
    path = path_to(model, small.base_of(model))
    betas = np.linspace(0, 1, 33)
    truth = exact_log_partition(model) - path.log_partition
    forward = anneal(team, path, betas, independent_states(path, 4000, (3,)), 3).log_weights
    reverse = anneal(team, path, betas[::-1], small.draws_of(model, 4000, 3), 4).log_weights
    for found, expected in ((forward, truth), (reverse, -truth)):
        error = np.exp(found - expected).std() / np.sqrt(found.size)
        assert abs(log_mean(found) - expected) < 4 * error < 0.1


def test_estimates_cover_enumeration(small):
    """Sixteen models, one in four with wells; all within 4 errors, the mean square near 1."""
    z = []
    for k in range(16):
        model = (
            small.two_wells(0.1 + 0.02 * k) if k % 4 == 3 else small.random_model(k, deviation=1.5)
        )
        truth = exact_log_partition(model)
        found = bracketed_log_partition(
            model,
            small.base_of(model),
            small.draws_of(model, 200, k),
            k,
            n_chains=200,
            tolerance=0.02,
        )
        alone = annealed_log_partition(model, small.base_of(model), k, n_chains=200, tolerance=0.02)
        z.append(
            [(x.value - truth) / x.standard_error for x in (found.reverse, found.combined, alone)]
        )
    assert np.abs(z).max() < 4
    assert (np.mean(np.square(z), axis=0) < 2.5).all()  # mean of 16 squares: P = 1e-3


def test_a_well_that_the_rates_lean_away_from_is_found(small, team):
    """From the rates all chains miss the lesser well and none knows it; the check does."""
    model = small.two_wells(tilt=0.15)
    truth, base = exact_log_partition(model), small.base_of(model)
    missed = anneal_forward(team, path_to(model, base), 0, 200, 0.02, 16_384).estimate
    assert missed.value - truth < -5 * missed.standard_error  # the planted failure
    found = annealed_log_partition(model, base, 0, n_chains=200, tolerance=0.02)
    assert abs(found.value - truth) < 3 * found.standard_error
    bracket = bracketed_log_partition(
        model, base, small.draws_of(model, 200, 0), 0, n_chains=200, tolerance=0.02
    )
    assert abs(bracket.combined.value - truth) < 3 * bracket.combined.standard_error


def test_chains_stuck_in_one_well_are_told(small):
    """In the lesser well they contradict the forward run; in the deeper one, the check does."""
    model = small.two_wells(tilt=0.1)
    truth, base = exact_log_partition(model), small.base_of(model) * 1.5
    for stuck in (0, 1):
        states = np.full((200, 10), stuck, np.uint8)
        found = bracketed_log_partition(model, base, states, 0, n_chains=200, tolerance=0.02)
        assert found.agree == (stuck == 1)
        assert abs(found.combined.value - truth) < 3 * found.combined.standard_error
    neutral = np.zeros(10, np.float32)
    fair = small.draws_of(model, 200, 0)
    assert bracketed_log_partition(model, neutral, fair, 0, n_chains=200, tolerance=0.02).agree


def test_betas_gather_where_the_weights_spread():
    betas = np.linspace(0, 1, 65)
    scale = np.append(np.full(32, 0.1), np.full(32, 0.3))
    increments = scale[:, None] * np.random.default_rng(9).normal(size=(64, 2000))
    placed = rescheduled(np.linspace(0, 1, 65), increments[:, :2000], 400)
    assert placed.size == 401 and placed[0] == 0 and placed[-1] == 1
    assert (np.diff(placed) > 0).all()
    # Three quarters of the steps on the half with three times the spread.
    assert np.mean(placed < 0.5) == pytest.approx(0.25, abs=0.02)
    np.testing.assert_allclose(rescheduled(betas, 0 * increments, 64), betas)


def test_bits_do_not_depend_on_threads(small):
    model = small.random_model(3, n_neurons=30)
    path = path_to(model, np.full(30, -1, np.float32))
    states, runs = independent_states(path, 130, (5,)), []
    for n_threads in (1, 3):
        with Team(n_threads) as team:
            runs.append(anneal(team, path, np.linspace(0, 1, 101), states, 5))
    np.testing.assert_array_equal(runs[0].increments, runs[1].increments)
    np.testing.assert_array_equal(runs[0].states, runs[1].states)


def test_bad_input_is_refused(small):
    model = small.random_model(4)
    with pytest.raises(InputError, match=r"shape \(8,\), expected \(9,\)"):
        annealed_log_partition(model, np.zeros(8), 0)
    with pytest.raises(InputError, match="not finite"):
        annealed_log_partition(model, np.full(9, -np.inf), 0)
    with pytest.raises(InputError, match="two chains"):
        annealed_log_partition(model, np.zeros(9), 0, n_chains=1)
    with pytest.raises(InputError, match="at least two chains"):
        bracketed_log_partition(model, np.zeros(9), np.zeros((1, 9), np.uint8), 0, tolerance=1.0)
