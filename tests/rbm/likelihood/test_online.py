"""The estimate along a trajectory against enumeration, and what keeps its error honest."""

import numpy as np
import pytest

from popcode.rbm.energies import free_energies
from popcode.rbm.likelihood.exact import exact_log_partition
from popcode.rbm.likelihood.online import (
    TrajectoryPartition,
    family_variance,
    systematic_choice,
)
from popcode.threads import Team


def start(small, team, models, seed, n_chains=200):
    chains = small.draws_of(models[0], n_chains, seed)
    energies = free_energies(team, models[0], chains)
    return TrajectoryPartition(chains, exact_log_partition(models[0]), energies, seed)


def trajectory(small, seed, n_steps, deviation=1.2):
    model = small.random_model(seed, deviation=deviation)
    shares = np.linspace(0, 1, n_steps + 1)
    return [small.between(model, np.full(9, -1, np.float32), share) for share in shares]


@pytest.mark.parametrize(("n_steps", "deviation"), [(60, 1.2), (4, 3.0)])
def test_it_covers_enumeration_with_and_without_drawing_anew(small, team, n_steps, deviation):
    z, drawn_anew = [], 0
    for k in range(30):
        models = trajectory(small, k, n_steps, deviation)
        followed = start(small, team, models, k)
        for model in models[1:]:
            before = followed.log_partition
            followed.follow(team, model)
            drawn_anew += followed.log_partition != before
        found = followed.estimate()
        z.append((found.value - exact_log_partition(models[-1])) / found.standard_error)
    assert np.mean(np.abs(z) <= 3) > 0.95
    assert np.mean(np.square(z)) < 2  # of 30 squares: P = 1e-3
    assert drawn_anew > 15 if n_steps == 4 else drawn_anew < 15


def test_a_step_weighs_by_the_fall_of_the_free_energy(small, team):
    models = trajectory(small, 1, 2)
    followed = start(small, team, models, 1, n_chains=50)
    states = followed.chains.copy()
    followed.follow(team, models[1])
    expected = free_energies(team, models[0], states) - free_energies(team, models[1], states)
    np.testing.assert_array_equal(followed.log_weights, expected)


def test_the_heaviest_chain_is_kept_and_the_mean_weight_enters(small, team):
    models = trajectory(small, 2, 1)
    followed = start(small, team, models, 2, n_chains=4)
    heavy = followed.chains[3].copy()
    followed.log_weights[:] = [0, 0, 0, 5]
    before = followed.estimate().value
    followed._draw_anew()
    assert (followed.chains == heavy).all(axis=1).sum() >= 3
    np.testing.assert_allclose(followed.estimate().value, before)
    np.testing.assert_array_equal(followed.log_weights, 0)


def test_systematic_choice_draws_each_its_share_give_or_take_one():
    rng = np.random.default_rng(3)
    log_weights = rng.normal(0, 2, 50)
    shares = np.exp(log_weights) / np.exp(log_weights).sum() * 50
    counts = [
        np.bincount(systematic_choice(log_weights, start), minlength=50)
        for start in rng.random(4000)
    ]
    assert (np.abs(counts - shares) < 1 + 1e-9).all()
    np.testing.assert_allclose(np.mean(counts, axis=0), shares, atol=4 * 0.5 / np.sqrt(4000))
    np.testing.assert_array_equal(systematic_choice(np.zeros(5), 0.999), np.arange(5))


def test_families_count_as_one_and_those_that_died_out_as_nothing():
    """Of fifty chains ten are left, five copies of each: fifty parts, forty of them 0."""
    weights = np.random.default_rng(4).gamma(2, size=10)
    families = np.repeat(np.arange(0, 50, 5), 5)
    found = family_variance(families, np.repeat(np.log(weights), 5))
    parts = np.append(5 * weights, np.zeros(40))
    np.testing.assert_allclose(found, parts.var(ddof=1) / parts.mean() ** 2 / 50)
    alone = family_variance(np.arange(10), np.log(weights))
    np.testing.assert_allclose(alone, weights.var(ddof=1) / weights.mean() ** 2 / 10)


def test_copies_that_never_part_keep_their_error(small, team):
    """In two wells copies stay what they were: redrawing must not make the error shrink."""
    model = small.two_wells(tilt=0.0)
    shares = np.linspace(0, 1, 400)
    z = []
    for seed in range(12):
        models = [small.between(model, np.zeros(10, np.float32), share) for share in shares]
        # Once parted, wells are tilted up and down: the weights of chains follow their well.
        tilts = np.concatenate([np.linspace(0, 0.15, 10), np.linspace(0.15, -0.15, 20)])
        models += [model._replace(fields=model.fields + np.float32(tilt)) for tilt in tilts]
        followed = start(small, team, models, seed, n_chains=100)
        for each in models[1:]:
            followed.follow(team, each)
        found = followed.estimate()
        z.append((found.value - exact_log_partition(models[-1])) / found.standard_error)
    assert np.mean(np.square(z)) < 2.7  # of 12 squares: P = 1e-3


def test_it_goes_on_from_its_arrays_to_the_same_bits_on_any_threads(small):
    models = trajectory(small, 5, 8, deviation=3.0)
    with Team(1) as team:
        whole = start(small, team, models, 5)
        for model in models[1:]:
            whole.follow(team, model)
    with Team(3) as team:
        part = start(small, team, models, 5)
        for model in models[1:5]:
            part.follow(team, model)
        resumed = TrajectoryPartition(
            part.chains.copy(), part.log_partition, part.energies.copy(), 5
        )
        resumed.log_weights, resumed.families = part.log_weights.copy(), part.families.copy()
        resumed.variance, resumed.n_steps = part.variance, part.n_steps
        for model in models[5:]:
            resumed.follow(team, model)
    assert resumed.estimate() == whole.estimate()
    np.testing.assert_array_equal(resumed.chains, whole.chains)
