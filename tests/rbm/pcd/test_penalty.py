"""The penalty that a recording needs, against bins that no fit has seen."""

import numpy as np
import pytest
from sklearn.base import clone

from popcode import BernoulliRBM
from popcode.rbm.pcd.penalty import (
    GRID,
    best_penalty,
    choose_penalty,
    covariance_error,
    path_lengths,
    penalty_path,
    withheld_stretches,
)
from popcode.threads import Team

N_NEURONS, N_HIDDEN, N_BINS = 60, 30, 1500
MODEL = BernoulliRBM(n_hidden=N_HIDDEN, n_updates=8000, n_chains=100, batch_size=100)


def paired_neurons(n_bins, seed):
    """Pairs of neurons that share half of their activity, rate .1; independent otherwise."""
    rng = np.random.default_rng((seed, 71))
    shared = np.repeat(rng.random((n_bins, N_NEURONS // 2)) < 0.1, 2, axis=1)
    own = rng.random((n_bins, N_NEURONS)) < 0.1
    return np.where(rng.random((n_bins, N_NEURONS)) < 0.7, shared, own).astype(np.uint8)


@pytest.fixture(scope="module")
def data():
    return paired_neurons(N_BINS, 0)


@pytest.fixture(scope="module")
def path(data):
    bins = np.arange(N_BINS)
    with Team(2) as team:
        return penalty_path(team, data, bins, MODEL.resolve(data, bins))


def test_the_best_penalty_is_inside_the_grid_and_pays_on_new_bins(data, path):
    l1 = best_penalty(path)
    assert 0 < l1 < path[-1].l1
    new = paired_neurons(6000, 1)
    free, penalised = (
        clone(MODEL).set_params(l1=value).fit(data).log_likelihood(new)[0] for value in (0.0, l1)
    )
    # Errors of ln Z are below .02; the planted structure is worth 1.6 nats to these fits, and what
    # 1,800 weights take from 1,500 bins without a penalty is .2 of them.
    assert penalised > free + 0.1


def test_half_of_the_best_level_is_taken(path):
    best = path[int(np.argmax([level.log_likelihood for level in path]))]
    assert np.isclose(best_penalty(path), best.l1 / 2, rtol=0.05)


def test_levels_are_multiples_of_the_error_of_a_covariance(data, path):
    train, _ = withheld_stretches(np.arange(N_BINS))
    unit = covariance_error(data[train].mean(axis=0), train.size)
    found = np.array([level.l1 for level in path])
    # Levels are kept to two digits.
    np.testing.assert_allclose(found, unit * np.array(GRID[: len(path)]), rtol=0.05)


def test_threads_do_not_change_a_bit(data, path):
    bins = np.arange(N_BINS)
    with Team(1) as team:
        assert penalty_path(team, data, bins, MODEL.resolve(data, bins)) == path


def test_the_error_of_a_covariance_is_that_of_independent_draws():
    rng = np.random.default_rng(3)
    rates, n_bins = np.array([0.05, 0.2]), 400
    v = rng.random((4000, n_bins, 2)) < rates
    h = rng.random((4000, n_bins, 1)) < 0.5
    found = ((v - v.mean(axis=1, keepdims=True)) * h).mean(axis=1).std(axis=0)
    expected = covariance_error(rates, n_bins)
    # 4,000 draws: a standard deviation is known within 1 %.
    assert np.isclose(np.sqrt(np.mean(found**2)), expected, rtol=0.04)


def test_many_bins_a_weight_need_no_penalty():
    data = paired_neurons(2000, 2)[:, :6]
    settings = BernoulliRBM(n_hidden=2).resolve(data, np.arange(2000))
    with Team(1) as team:
        assert choose_penalty(team, data, np.arange(2000), settings) == (0.0, ())


def test_a_recording_too_short_to_withhold_from_is_penalised_all_the_same(data):
    bins = np.arange(150)
    with Team(1) as team:
        l1, levels = choose_penalty(team, data, bins, MODEL.resolve(data, bins))
    assert levels == ()
    assert np.isclose(l1, 1.6 * covariance_error(data[bins].mean(axis=0), 150), rtol=0.05)


def test_bins_of_no_weight_are_not_there(data):
    """All of what is withheld of the bins as they stand."""
    bins = np.arange(400)
    weights = np.ones(400, np.float32)
    weights[withheld_stretches(bins)[1]] = 0
    settings = MODEL.resolve(data, bins)._replace(n_updates=40)
    with Team(1) as team:
        some = choose_penalty(team, data[:400], bins, settings, weights)
        same = choose_penalty(team, data[:400][weights > 0], np.arange(360), settings)
    assert some == same


def test_withheld_stretches_are_a_tenth_and_apart_from_the_rest():
    train, withheld = withheld_stretches(np.arange(100, 300))
    assert withheld.size == 20
    assert np.array_equal(np.sort(np.concatenate([train, withheld])), np.arange(100, 300))


def test_the_path_is_short_beside_a_long_fit():
    assert path_lengths(100_000) == (2000, 600)
    assert path_lengths(1000) == (500, 150)
    assert path_lengths(1).total == 1 + len(GRID)
