"""Which neurons are looked at together, and which stretches time is followed along."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.metrics.equilibrium.bins import Bins, Regions, regions_of
from popcode.metrics.equilibrium.paths import (
    LEAST_SWEEPS,
    MOST_SWEEPS,
    longest_lag,
    stretches_of,
    sweeps_of,
)
from popcode.metrics.equilibrium.predictions import held_groups, some_bins
from popcode.recording import Recording


def recording_of(n_neurons=100, **facts):
    return Recording(np.zeros((3, n_neurons), np.uint8), kind="binary", **facts)


def test_regions_are_the_large_ones_by_size():
    labels = np.repeat(["small", "b", "a", "", "nan"], [19, 20, 30, 25, 6])
    found = regions_of(recording_of(neurons={"id": np.arange(100), "region": labels}))
    assert found.names == ("a", "b")
    np.testing.assert_array_equal(found.member.sum(axis=0), [30, 20])


def test_regions_may_overlap_and_are_at_most_eight():
    labels = np.zeros((100, 12), bool)
    for k in range(12):
        labels[: 30 + k, k] = True
    names = [f"r{k}" for k in range(12)]
    found = regions_of(recording_of(region_labels=labels, region_names=names))
    assert found.names == tuple(f"r{k}" for k in range(11, 3, -1))


def test_no_regions():
    assert regions_of(recording_of()).names == ()
    assert regions_of(recording_of()).member.shape == (100, 0)


def bins_with(names=(), member=None, n_neurons=10):
    rng = np.random.default_rng(0)
    train, test = ((rng.random((n, n_neurons)) < 0.3).astype(np.uint8) for n in (30, 20))
    member = np.zeros((n_neurons, 0), bool) if member is None else member
    starts = np.array([0, 10]), np.array([0, 5])
    return Bins(train, test, *starts, 0.02, Regions(names, member))


def test_training_and_test_bins_share_no_stretch():
    member = (np.arange(10) < 4)[:, None]
    bins = bins_with(("front",), member)
    found = stretches_of(bins)
    np.testing.assert_array_equal(found.starts, [0, 10, 30, 35])
    assert found.names == ("all neurons", "front")
    both = np.concatenate([bins.train, bins.test])
    np.testing.assert_array_equal(found.activity[:, 0], both.sum(axis=1))
    np.testing.assert_array_equal(found.activity[:, 1], both[:, :4].sum(axis=1))


def test_the_longest_lag_keeps_half_of_the_bins():
    assert longest_lag(np.arange(0, 4000, 40), 4000) == 20
    assert longest_lag(np.array([0]), 100_000) == 250
    with pytest.raises(InputError, match="stretches of 2 only"):
        longest_lag(np.arange(0, 4000, 2), 4000)


def test_large_models_have_shorter_chains():
    assert sweeps_of(1000) == MOST_SWEEPS
    assert sweeps_of(10**9) == LEAST_SWEEPS
    assert LEAST_SWEEPS <= sweeps_of(500_000) < MOST_SWEEPS


def test_groups_are_regions_or_quarters_of_all_neurons():
    quarters, kind = held_groups(bins_with(), np.random.default_rng(0))
    assert kind == "random quarter"
    np.testing.assert_array_equal(np.sort(np.concatenate(list(quarters.values()))), np.arange(10))
    member = np.stack([np.arange(10) < 4, np.ones(10, bool)], axis=1)
    regions, kind = held_groups(bins_with(("front", "all"), member), np.random.default_rng(0))
    assert kind == "region"
    assert {name: held.tolist() for name, held in regions.items()} == {"front": [0, 1, 2, 3]}
    with pytest.raises(InputError, match="one neuron"):
        held_groups(bins_with(n_neurons=1), np.random.default_rng(0))


def test_some_bins_are_in_their_order():
    x = np.arange(50, dtype=np.uint8)[:, None]
    assert some_bins(x, 50, np.random.default_rng(0)) is x
    few = some_bins(x, 7, np.random.default_rng(0))[:, 0].astype(int)
    assert few.size == 7
    assert np.all(np.diff(few) > 0)
