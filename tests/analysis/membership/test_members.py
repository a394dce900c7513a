"""Members, overlaps and degrees against counting by hand and against chance."""

import itertools

import numpy as np
import pytest

from popcode.analysis.assemblies import members_of
from popcode.analysis.membership import (
    assembly_overlaps,
    degree_uniformity,
    embedding,
    members_beyond,
    members_by_level,
)
from popcode.errors import InputError


@pytest.fixture
def weights():
    rng = np.random.default_rng(0)
    made = rng.normal(size=(80, 6)) * (rng.random((80, 6)) < 0.3)
    made[:, 4] = 0
    return made


def test_rules_agree_where_they_must(weights):
    assert (members_beyond(weights, 0) == (weights != 0)).all()
    sets = members_by_level(weights)
    for unit in range(6):
        assert set(np.flatnonzero(sets[:, unit])) == set(members_of(weights[:, unit]))
    assert not sets[:, 4].any()
    assert (members_by_level(-weights) == sets).all()


def test_a_threshold_below_zero_is_refused(weights):
    for threshold in (-1e-9, np.nan):
        with pytest.raises(InputError, match="threshold"):
            members_beyond(weights, threshold)


def test_overlaps_are_sets(weights):
    found = assembly_overlaps(weights != 0)
    sets = [set(np.flatnonzero(column)) for column in weights.T]
    for a, b in itertools.product(range(6), repeat=2):
        assert found.shared[a, b] == len(sets[a] & sets[b])
        assert found.expected[a, b] == pytest.approx(len(sets[a]) * len(sets[b]) / 80)
        if sets[a] | sets[b]:
            wanted = len(sets[a] & sets[b]) / len(sets[a] | sets[b])
            assert found.jaccard[a, b] == pytest.approx(wanted)
    assert np.isnan(found.jaccard[4, 4])
    assert found.n_pairs == 10
    assert np.isnan(found.p_more[4]).all()
    assert found.n_beyond_chance == 0


def test_the_chance_of_an_overlap_is_that_of_drawing():
    member = np.zeros((20, 2), bool)
    member[:6, 0] = member[3:8, 1] = True
    rng = np.random.default_rng(1)
    drawn = [(rng.permutation(20)[:5] < 6).sum() >= 3 for _ in range(20_000)]
    # p is about .13: standard error .0024.
    assert assembly_overlaps(member).p_more[0, 1] == pytest.approx(np.mean(drawn), abs=0.01)


def test_a_planted_overlap_is_found():
    rng = np.random.default_rng(2)
    member = rng.random((300, 8)) < 0.15
    assert assembly_overlaps(member).n_beyond_chance == 0
    member[:, 7] = member[:, 2] ^ (rng.random(300) < 0.05)
    assert assembly_overlaps(member).n_beyond_chance == 1


def test_embedding_counts_assemblies_of_neurons(weights):
    found = embedding(weights, (0, 0.5))
    assert found.degrees.tolist() == [
        (weights != 0).sum(axis=1).tolist(),
        (np.abs(weights) > 0.5).sum(axis=1).tolist(),
    ]
    assert found.shares[0, 0] == (weights != 0).any(axis=1).mean()
    assert found.shares[1, 1] == ((np.abs(weights) > 0.5).sum(axis=1) >= 3).mean()
    assert (np.diff(found.shares, axis=1) <= 0).all()


def test_random_weights_are_as_even_as_shuffled_ones():
    rng = np.random.default_rng(3)
    inside = 0
    for seed in range(20):
        found = degree_uniformity(rng.normal(size=(400, 20)), seed=seed).dispersion
        inside += found.shuffled_low <= found.value <= found.shuffled_high
    # Binomial (20, .95): 16 or more with probability .997.
    assert inside >= 16


def test_one_strong_weight_each_is_more_even_and_hubs_are_less():
    weights = 0.01 * np.random.default_rng(4).normal(size=(400, 20))
    weights[np.arange(400), np.arange(400) % 20] = 1
    found = degree_uniformity(weights)
    assert found.without.value == 0
    assert found.dispersion.value < found.dispersion.shuffled_low
    # Of 400 balls in 400 urns (1 - 1/400)^400 stay empty; drawn without replacement, a little less.
    assert found.without.shuffled == pytest.approx(np.exp(-1), abs=0.02)
    weights = 0.01 * np.abs(weights)
    weights[:20] = 1
    hubs = degree_uniformity(weights)
    assert hubs.without.value == pytest.approx(0.95)
    assert hubs.dispersion.value > hubs.dispersion.shuffled_high
    with pytest.raises(InputError, match="shuffles"):
        degree_uniformity(weights, n_shuffles=1)
