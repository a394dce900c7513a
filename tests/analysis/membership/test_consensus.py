"""What returns across fits, on fits made from planted assemblies."""

import numpy as np
import pytest

from popcode.analysis.membership import (
    find_consensus,
    fit_stability,
    match_units,
    shuffled_fits,
    unit_correlations,
)
from popcode.errors import InputError
from popcode.metrics import matched_correlations

N, K = 300, 8


@pytest.fixture
def truth():
    rng = np.random.default_rng(0)
    return rng.uniform(1, 3, (N, K)) * (rng.random((N, K)) < 0.12)


def a_fit(truth, seed, noise=0.15, spare=3):
    """Planted assemblies in another order, sign and scale, with noise and units of their own."""
    rng = np.random.default_rng((seed, 1))
    scale = rng.choice([-1, 1], K) * rng.uniform(0.8, 1.2, K)
    own = rng.normal(size=(N, spare)) * (rng.random((N, spare)) < 0.1)
    units = np.hstack([truth * scale + noise * rng.normal(size=truth.shape), own])
    return units[:, rng.permutation(units.shape[1])]


def fits_of(truth, n=5, **options):
    return [a_fit(truth, seed, **options) for seed in range(n)]


def test_the_planted_return_and_nothing_else(truth):
    fits = fits_of(truth)
    found = find_consensus(fits)
    assert found.n_assemblies == K
    assert found.returned.tolist() == [5] * K
    assert found.n_living.tolist() == [11] * 5
    match = match_units(truth, found.weights)
    # Five fits of noise .15 on planted weights of deviation .7: above .99.
    assert match.correlations.min() > 0.99
    assert (found.copies == 0).all()
    # Scales average to 1; a mean of five of them has standard error .05.
    planted = np.where(truth > 0, truth, np.nan)
    ratio = np.nanmean(found.weights[:, match.second] / planted, axis=0)
    assert np.abs(ratio - 1).max() < 0.2
    for fit, unit in enumerate(found.units[match.second[0]]):
        assert abs(np.corrcoef(fits[fit][:, unit], truth[:, 0])[0, 1]) > 0.9


def test_order_and_signs_of_fits_do_not_matter(truth):
    fits = fits_of(truth, noise=0.5)
    plain, turned = find_consensus(fits), find_consensus([-each for each in fits[::-1]])
    match = match_units(plain.weights, turned.weights)
    np.testing.assert_allclose(turned.weights[:, match.second], plain.weights, atol=1e-9)
    np.testing.assert_array_equal(turned.units[match.second][:, ::-1], plain.units)


def test_permuting_neurons_permutes_the_consensus(truth):
    fits, order = fits_of(truth), np.random.default_rng(2).permutation(N)
    permuted = find_consensus([each[order] for each in fits])
    np.testing.assert_allclose(permuted.weights, find_consensus(fits).weights[order], atol=1e-9)


def test_an_assembly_found_twice_in_a_fit_is_one(truth):
    fits = fits_of(truth)
    fits[0] = np.c_[fits[0], 0.7 * truth[:, 0], -0.5 * truth[:, 0]]
    found = find_consensus(fits)
    assert found.n_assemblies == K
    assert found.copies.sum() == 2
    assert found.returned.max() == 5


def test_a_unit_that_merges_two_assemblies_does_not_join_them(truth):
    merged = fits_of(truth, noise=0.02)
    merged[0] = np.c_[truth[:, 2:], truth[:, 0] + truth[:, 1]]
    found = find_consensus(merged)
    matched = np.abs(match_units(truth, found.weights).correlations)
    assert found.n_assemblies == K
    # Single linkage at .7, or the merged unit in a mean of five, would leave .9.
    assert matched.min() > 0.98


def test_no_two_of_the_consensus_are_alike(truth):
    # So noisy that average linkage alone leaves one of them in two groups, whose means correlate
    # by .76.
    noisy = find_consensus(fits_of(truth, n=8, noise=0.55), same=0.6, least_share=0)
    alike = np.abs(unit_correlations(noisy.weights, noisy.weights)) - np.eye(noisy.n_assemblies)
    assert noisy.n_assemblies == K
    assert alike.max() < 0.6


def test_what_is_in_few_fits_is_left_out(truth):
    fits, rare = fits_of(truth), np.zeros(N)
    rare[:30] = 2
    fits[:2] = [np.c_[each, rare] for each in fits[:2]]
    assert find_consensus(fits).n_assemblies == K
    more = find_consensus(fits, least_share=0.4)
    assert more.n_assemblies == K + 1
    assert more.returned[-1] == 2
    assert (more.units[-1] >= 0).tolist() == [True, True, False, False, False]


def test_what_one_fit_holds_has_not_returned(truth):
    strangers = [np.random.default_rng(seed).normal(size=(N, 3)) for seed in (1, 2)]
    for share in (0, 0.5):
        # Half of two fits is one.
        assert find_consensus(strangers, least_share=share).n_assemblies == 0


def test_other_numbers_of_hidden_units_and_dead_ones(truth):
    fits = [a_fit(truth, seed, spare=seed) for seed in range(4)]
    fits[1] = np.c_[np.zeros((N, 5)), fits[1]]
    found = find_consensus(fits)
    assert found.n_assemblies == K
    assert found.n_living.tolist() == [8, 9, 10, 11]
    assert found.units[:, 1].min() >= 5


def test_nothing_returns_on_shuffled_neurons(truth):
    shuffled = shuffled_fits(fits_of(truth))
    assert find_consensus(shuffled).n_assemblies == 0
    assert find_consensus(shuffled).weights.shape == (N, 0)
    assert max(each.mean_return for each in fit_stability(shuffled)) == 0
    one, other = fits_of(truth)[0], shuffled[0]
    np.testing.assert_allclose(other.T @ other, one.T @ one, atol=1e-9)


def test_members_are_those_of_most_fits(truth):
    found = find_consensus(fits_of(truth, noise=0.05))
    match = match_units(truth, found.weights)
    sets = found.member_share[:, match.second] >= 0.5
    assert (sets == (truth > 0)).mean() > 0.99


def test_a_fit_of_silence_alone():
    found = find_consensus([np.zeros((10, 3))] * 2)
    assert (found.n_assemblies, found.n_living.tolist()) == (0, [0, 0])


def test_what_cannot_be_compared_is_refused(truth):
    with pytest.raises(InputError, match="1 fit"):
        find_consensus([truth])
    with pytest.raises(InputError, match="1 fit"):
        fit_stability([truth])
    with pytest.raises(InputError, match="neurons"):
        find_consensus([truth, truth[1:]])
    with pytest.raises(InputError, match="neurons"):
        match_units(truth, truth[1:])
    with pytest.raises(InputError, match="same is"):
        find_consensus([truth, truth], same=1.2)


def test_matching_undoes_a_permutation_with_signs(truth):
    order, signs = np.random.default_rng(3).permutation(K), np.where(np.arange(K) % 3, 1, -1)
    match = match_units(truth, (truth * signs)[:, order])
    assert (order[match.second] == match.first).all()
    np.testing.assert_allclose(match.correlations, signs)
    assert np.abs(match.correlations).sum() == pytest.approx(
        matched_correlations((truth * signs)[:, order], truth).sum()
    )


def test_constant_units_match_nobody(truth):
    flat = np.c_[truth[:, 1:], np.full(N, 0.1)]
    match = match_units(truth, flat)
    assert np.sort(np.abs(match.correlations))[0] == 0


def test_stability_says_which_units_return(truth):
    fits = fits_of(truth)
    for fit, found in zip(fits, fit_stability(fits), strict=True):
        planted = np.abs(unit_correlations(fit, truth)).max(axis=1) > 0.8
        assert found.return_share.tolist() == planted.astype(float).tolist()
        assert found.mean_return == pytest.approx(K / (K + 3))
        assert found.correlations.shape == (K + 3, 4)
