"""Regions that assemblies occupy and how far they spread, against planted ones and chance."""

import numpy as np
import pytest

from popcode.analysis.membership import region_occupancy, spatial_extents
from popcode.errors import InputError

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def labels():
    """Regions of 100, 50, 40 and 10 neurons."""
    return np.repeat(np.eye(4, dtype=bool), (100, 50, 40, 10), axis=0)


def test_equal_means_in_k_regions_are_k_regions(labels):
    weights = np.zeros((200, 3))
    weights[:150, 0] = -2.0
    weights[190:, 1] = 1
    found = region_occupancy(weights, NAMES, labels)
    assert found.n_regions[:2] == pytest.approx([2, 1])
    assert np.isnan(found.n_regions[2])
    np.testing.assert_allclose(found.shares[:2], [[0.5, 0.5, 0, 0], [0, 0, 0, 1]])
    # On shuffled neurons the small assembly would lie everywhere.
    assert found.n_regions[1] < found.shuffled_low[1]


def test_the_size_of_a_region_does_not_count(labels):
    found = region_occupancy(np.ones((200, 1)), NAMES, labels)
    assert found.shares[0] == pytest.approx([0.25] * 4)
    # The text's form, without the division, would make it 2.4 regions.
    assert found.n_regions[0] == pytest.approx(4)


def test_it_is_the_equation_for_overlapping_regions():
    rng = np.random.default_rng(0)
    weights, inside = rng.normal(size=(60, 3)), rng.random((60, 4)) < 0.4
    found = region_occupancy(weights, NAMES, inside)
    for unit in range(3):
        level = [
            sum(abs(weights[i, unit]) for i in range(60) if inside[i, r]) / inside[:, r].sum()
            for r in range(4)
        ]
        share = np.array(level) / sum(level)
        assert found.shares[unit] == pytest.approx(share)
        assert found.n_regions[unit] == pytest.approx((share**2).sum() ** 2 / (share**4).sum())


def test_chance_covers_random_weights(labels):
    weights = np.random.default_rng(1).normal(size=(200, 60))
    found = region_occupancy(weights, NAMES, labels, n_shuffles=200)
    inside = (found.shuffled_low <= found.n_regions) & (found.n_regions <= found.shuffled_high)
    # Binomial (60, .95): 51 or more with probability .999.
    assert inside.sum() >= 51


def test_a_region_that_holds_others_can_be_left_out(labels):
    whole = np.c_[labels, np.ones(200, bool)]
    names = (*NAMES, "brain")
    weights = np.random.default_rng(2).normal(size=(200, 2))
    without = region_occupancy(weights, names, whole, left_out=("brain",))
    assert without.names == NAMES
    assert (without.shares == region_occupancy(weights, NAMES, labels).shares).all()
    empty = np.c_[labels, np.zeros(200, bool)]
    assert region_occupancy(weights, names, empty).names == NAMES


def test_regions_that_do_not_fit_are_refused(labels):
    weights = np.ones((200, 1))
    with pytest.raises(InputError, match="names"):
        region_occupancy(weights, NAMES[:3], labels)
    with pytest.raises(InputError, match="called 'e'"):
        region_occupancy(weights, NAMES, labels, left_out=("e",))
    with pytest.raises(InputError, match="no region holds"):
        region_occupancy(weights, NAMES, np.zeros_like(labels))
    with pytest.raises(InputError, match="shuffles"):
        region_occupancy(weights, NAMES, labels, n_shuffles=0)


def test_a_compact_assembly_is_told_from_random_ones():
    rng = np.random.default_rng(3)
    positions = rng.uniform(-100, 100, (500, 2))
    member = rng.random((500, 41)) < 0.1
    member[:, 0] = np.linalg.norm(positions, axis=1) < 30
    found = spatial_extents(member, positions, n_draws=100)
    # Uniform in a disc: r / sqrt(2); 30 neurons or so.
    assert found.spread_um[0] == pytest.approx(30 / np.sqrt(2), rel=0.15)
    assert found.p_compact[0] == pytest.approx(1 / 101)
    # Uniform p of the random ones: standard error of the mean .046.
    assert abs(found.p_compact[1:].mean() - 0.5) < 0.2
    # In the square: side / sqrt(6), one centre fitted to some 50 neurons.
    assert found.chance_um.mean() == pytest.approx(200 / np.sqrt(6), rel=0.03)


def test_unplaced_and_single_members_have_no_spread():
    positions = np.array([[0.0, 0], [2, 0], [np.nan, 5], [9, 9]])
    member = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0]], bool)
    found = spatial_extents(member, positions, n_draws=3)
    assert found.spread_um[0] == 1
    assert np.isnan(found.spread_um[1:]).all()
    with pytest.raises(InputError, match="positions"):
        spatial_extents(member, positions[:3])
    with pytest.raises(InputError, match="draws"):
        spatial_extents(member, positions, n_draws=0)
