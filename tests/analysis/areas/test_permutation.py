"""Shuffled labels: calibrated, blind to what is no area, and not blind to what is."""

import numpy as np
import pytest

from popcode.analysis.areas import can_shuffle_within, label_null, labelled
from popcode.analysis.areas.sums import pair_counts, pair_sums


def symmetric(rng, n=120):
    values = np.triu(rng.normal(size=(n, n)), 1)
    return values + values.T


PROBES = np.tile([0, 1, 2, 3], 30)


def test_sums_of_many_labellings_are_those_of_each(noise):
    weights = np.random.default_rng(1).integers(0, 3, (5, len(noise), 4)).astype(float)
    for each, total, pairs in zip(
        weights, pair_sums(noise, weights), pair_counts(weights), strict=True
    ):
        np.testing.assert_allclose(total, each.T @ noise @ each, atol=1e-9)
        ones = np.ones_like(noise) - np.eye(len(noise))
        np.testing.assert_allclose(pairs, each.T @ ones @ each)


def test_p_values_are_uniform_where_labels_mean_nothing(labels):
    rng = np.random.default_rng(2)
    singles, families, gaps = [], [], []
    for k in range(150):
        # Hubs: neurons differ, but not by area.
        gains = rng.lognormal(0, 0.5, len(labels))
        found = label_null(
            symmetric(rng) * np.outer(gains, gains), labelled(labels), n_shuffles=99, seed=k
        )
        singles.append(found.p[0, 1])
        families.append(found.p_family.min())
        gaps.append(found.difference_p)
    for values in (singles, families, gaps):
        # 150 uniform values: standard errors .024 and .018.
        assert abs(np.mean(values) - 0.5) < 0.1
        assert np.mean(np.array(values) <= 0.05) < 0.05 + 4 * 0.018


def test_a_planted_area_is_found_and_no_other(noise, areas, labels):
    b = labels == "b"
    found = label_null(noise + 0.5 * np.outer(b, b), areas, n_shuffles=200)
    assert found.p_family[1, 1] == pytest.approx(1 / 201)
    assert found.z[1, 1] > 8
    assert found.difference_p == pytest.approx(1 / 201)
    assert found.difference == pytest.approx(
        np.average(np.diag(found.table), weights=[435, 1225, 780])
        - np.average(found.table[np.triu_indices(3, 1)], weights=[1500, 1200, 2000])
    )


def test_what_probes_share_is_no_area_for_shuffles_within_probes(noise):
    rng = np.random.default_rng(4)
    # Areas lie mostly on probes of their own, and only probes are coupled.
    home = np.where(rng.random(120) < 0.8, PROBES, rng.integers(4, size=120))
    areas = labelled(home.astype(str))
    values = noise + 1.0 * (PROBES[:, None] == PROBES)
    anywhere = label_null(values, areas, n_shuffles=300)
    within = label_null(values, areas, blocks=PROBES, n_shuffles=300)
    assert anywhere.difference_p == pytest.approx(1 / 301)  # the mistake that is to be avoided
    assert within.difference_p > 0.05
    planted = label_null(
        noise + 0.6 * (home[:, None] == home), areas, blocks=PROBES, n_shuffles=300
    )
    assert planted.difference_p < 0.01


def test_an_area_a_probe_leaves_nothing_to_shuffle(noise, labels, areas):
    codes = np.unique(labels, return_inverse=True)[1]
    assert not can_shuffle_within(areas, codes)
    assert can_shuffle_within(areas, PROBES)
    found = label_null(noise, areas, blocks=codes, n_shuffles=20)
    assert np.isnan(found.z).all()
    assert np.isnan(found.p_family).all()
    assert found.difference_p == 1


def test_one_area_has_nothing_to_compare_with(noise):
    found = label_null(noise, labelled(np.full(120, "a")), n_shuffles=20)
    assert np.isnan(found.difference)
    assert np.isnan(found.difference_p)


def test_neurons_of_no_area_take_no_part(noise, labels):
    lost = labels.astype(object)
    lost[::3] = ""
    kept = np.flatnonzero(lost != "")
    one = label_null(noise, labelled(lost), n_shuffles=50)
    other = label_null(noise[np.ix_(kept, kept)], labelled(lost[kept]), n_shuffles=50)
    np.testing.assert_allclose(one.z, other.z)


def test_the_same_seed_gives_the_same_null(noise, areas):
    one, same, other = (label_null(noise, areas, n_shuffles=30, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(one.z, same.z)
    assert not np.array_equal(one.z, other.z)
