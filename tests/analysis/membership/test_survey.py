"""The survey holds what its parts say, and chance laws are those of enumeration."""

import itertools

import numpy as np
import pytest

from popcode.analysis import neuron_facts
from popcode.analysis.membership import (
    assembly_overlaps,
    embedding,
    excitatory_signs,
    expected_degrees,
    living_units,
    members_by_level,
    region_occupancy,
    survey_membership,
)
from popcode.recording import Recording


def test_expected_degrees_are_those_of_all_subsets():
    sizes, n = np.array([3, 0, 10, 6]), 10
    law = np.zeros(5)
    for inside in itertools.product((0, 1), repeat=4):
        shares = [size / n if each else 1 - size / n for each, size in zip(inside, sizes)]  # noqa: B905
        law[sum(inside)] += np.prod(shares)
    np.testing.assert_allclose(expected_degrees(sizes, n), law, atol=1e-14)
    assert expected_degrees(np.zeros(0, int), 4).tolist() == [1.0]


def test_expected_degrees_are_what_random_members_give():
    rng = np.random.default_rng(0)
    sizes = np.array([40, 100, 160])
    member = np.stack([rng.permutation(200) < size for size in np.repeat(sizes, 20)], axis=1)
    shares = np.bincount(member.sum(axis=1), minlength=61) / 200
    # Of 200 neurons a share of .1 has a standard error of .02.
    np.testing.assert_allclose(shares, expected_degrees(member.sum(axis=0), 200), atol=0.09)


def test_signs_make_members_excited():
    weights = np.array([[2.0, -2.0, 0.0], [1.0, -1.0, 0.0], [-0.1, 2.9, 0.0], [0, -0.5, 0.01]])
    # Of the second unit the last neuron is no member: -2 - 1 + 2.9 < 0.
    assert excitatory_signs(weights).tolist() == [1.0, -1.0, 1.0]
    assert excitatory_signs(-weights).tolist() == [-1.0, 1.0, 1.0]
    assert living_units(weights).tolist() == [True, True, False]


def recording(**columns):
    neurons = {"id": np.arange(30), **columns}
    return Recording(np.zeros((3, 30), np.uint8), neurons=neurons)


@pytest.fixture
def weights():
    rng = np.random.default_rng(1)
    made = rng.normal(size=(30, 4)) * (rng.random((30, 4)) < 0.4)
    made[:, 3] = 0
    return made


def test_a_survey_is_its_parts(weights):
    x, y = np.random.default_rng(2).uniform(0, 100, (2, 30))
    facts = neuron_facts(recording(region=["a", "b", "c"] * 10, x_um=x, y_um=y))
    found = survey_membership(weights, facts, left_out=("c",), seed=4)
    np.testing.assert_array_equal(found.member, members_by_level(weights))
    wanted = assembly_overlaps(found.member)
    np.testing.assert_array_equal(found.overlaps.shared, wanted.shared)
    np.testing.assert_array_equal(found.embedding.degrees, embedding(weights).degrees)
    occupancy = region_occupancy(
        weights, facts.region_names, facts.in_region, left_out=("c",), seed=4
    )
    np.testing.assert_array_equal(found.occupancy.shuffled_low, occupancy.shuffled_low)
    assert np.isfinite(found.extents.spread_um).tolist() == [True, True, True, False]


def test_without_regions_and_places_they_are_none(weights):
    found = survey_membership(weights, neuron_facts(recording()))
    assert (found.occupancy, found.extents) == (None, None)
