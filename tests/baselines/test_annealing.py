"""The partition function by annealing against enumeration."""

import numpy as np
from scipy.special import logit

from popcode.baselines.annealing import bennett, log_mean_exp, log_partition
from popcode.baselines.parameters import Parameters


def estimate(team, planted, model, seed, n_steps=60):
    rates = np.clip(planted.draw(model, 2000, seed).mean(axis=0), 0.01, 0.99)
    return log_partition(
        team,
        Parameters(*model),
        logit(rates).astype(np.float32),
        planted.draw(model, 1000, seed + 1),
        n_chains=400,
        n_steps=n_steps,
        burn_in=20,
        seed=seed,
    )


def test_three_standard_errors_cover_the_enumerated_value(team, planted):
    scores = []
    for seed in range(40):
        model = planted.random_model(8, seed, strength=1.5, k_strength=seed % 2)
        truth = planted.law(*model)[1]
        found = estimate(team, planted, model, seed)
        scores.append([(each.value - truth) / each.standard_error for each in found])
    z = np.array(scores)
    # At most 1 of 40 beyond 3 (chance 0.6 %), and neither biased nor far too wide: the standard
    # deviation of 40 scores is within 0.35 of 1 but for a chance of 0.2 %.
    assert ((np.abs(z) > 3).sum(axis=0) <= 1).all()
    assert (np.abs(z[:, 0].mean()) < 3 / np.sqrt(40)) and (0.65 < z[:, 0].std() < 1.35)


def test_more_steps_make_it_better(team, planted):
    model = planted.random_model(8, 3, strength=1.5, k_strength=1)
    few = estimate(team, planted, model, 0, n_steps=10).joined.standard_error
    many = estimate(team, planted, model, 0, n_steps=1000).joined.standard_error
    assert many < few / 4  # the variance falls with the number of steps: a tenth


def test_a_wrong_population_term_is_caught(team, planted):
    fields, couplings, population = planted.random_model(8, 3, k_strength=1)
    truth = planted.law(fields, couplings, population)[1]
    shifted = np.append(population[:1], population[:-1])
    value, error = estimate(team, planted, (fields, couplings, shifted), 0).joined
    assert abs(value - truth) > 10 * error


def test_bennett_of_work_that_is_normal():
    # Weights ln w of variance s^2 about d - s^2/2 forward and d + s^2/2 backward (Crooks) mean
    # a ratio of exp(d).
    rng = np.random.default_rng(0)
    errors, stated = [], []
    for _ in range(200):
        forward, reverse = rng.normal(-2.0, 2.0, 300) + 5, rng.normal(2.0, 2.0, 300) + 5
        value, error = bennett(forward, reverse)
        errors.append(value - 5)
        stated.append(error)
    # 200 draws give a standard deviation to 5 %; four of those.
    assert abs(np.std(errors) / np.mean(stated) - 1) < 0.2
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(200)


def test_weights_that_are_all_equal_have_no_error():
    value, error = log_mean_exp(np.full(50, 700.0))
    assert (abs(value - 700) < 1e-10) and error < 1e-7
    same = bennett(np.full(50, 3.0), np.full(50, 3.0))
    assert abs(same.value - 3) < 1e-8
