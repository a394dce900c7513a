"""The search of the article against a computation with nothing clever in it."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import rankdata

from popcode.preprocess import matched, split_indices


def by_brute_force(activity: np.ndarray, n_test: int) -> np.ndarray:
    """Score every choice on its own bins; keep the one at the 10th percentile."""
    parts = np.array_split(np.arange(len(activity)), 10)
    upper = np.triu_indices(activity.shape[1], 1)
    choices = list(combinations(range(10), n_test))
    of_means, of_covariances = [], []
    for choice in choices:
        test = activity[np.concatenate([parts[k] for k in choice])]
        train = activity[np.concatenate([parts[k] for k in range(10) if k not in choice])]
        of_means.append(np.sqrt(np.mean((train.mean(0) - test.mean(0)) ** 2)))
        difference = np.cov(train.T, bias=True) - np.cov(test.T, bias=True)
        of_covariances.append(np.sqrt(np.mean(difference[upper] ** 2)))
    rank_sum = rankdata(np.round(of_means, 12)) + rankdata(np.round(of_covariances, 12))
    order = np.argsort(rank_sum, kind="stable")
    kept = choices[order[round(0.1 * (len(choices) - 1))]]
    return np.concatenate([parts[k] for k in kept])


@pytest.mark.parametrize("n_test", [1, 3, 5])
@pytest.mark.parametrize("kind", ["binary", "real"])
def test_it_is_the_brute_force_search(n_test, kind):
    rng = np.random.default_rng(n_test)
    activity = rng.random((200, 7)) < rng.random((200, 1))
    if kind == "real":
        activity = activity + 100 + rng.normal(size=activity.shape)
    activity = activity.astype(np.float32)
    _, test_bins = split_indices(activity, n_test / 10)
    np.testing.assert_array_equal(test_bins, by_brute_force(activity.astype(float), n_test))


def test_parts_are_equal_to_within_one_bin():
    activity = np.random.default_rng(0).integers(0, 2, (137, 3)).astype(np.uint8)
    assert 40 <= len(matched.matched_test_bins(activity, 0.3, 0)) <= 42


def test_the_fraction_is_rounded_to_tenths_that_leave_both_sides():
    activity = np.random.default_rng(0).integers(0, 2, (100, 3)).astype(np.uint8)
    sizes = [len(matched.matched_test_bins(activity, test, 0)) for test in (0.01, 0.34, 0.99)]
    assert sizes == [10, 30, 90]


def test_moments_of_parts_add_up():
    activity = np.random.default_rng(0).integers(0, 9, (50, 6)).astype(np.uint8)
    moments = matched.part_moments(activity, np.array([0, 20, 50]), np.array([1, 4]))
    np.testing.assert_array_equal(moments.sums.sum(axis=0), activity.sum(axis=0))
    chosen = activity[:, [1, 4]].astype(float)
    np.testing.assert_array_equal(moments.products.sum(axis=0), chosen.T @ chosen)


def test_large_recordings_compare_a_seeded_subset():
    assert matched.neuron_subset(1000, seed=0).tolist() == list(range(1000))
    some, other = matched.neuron_subset(5000, seed=0), matched.neuron_subset(5000, seed=1)
    assert len(some) == len(set(some.tolist())) == 1000
    assert some.tolist() == matched.neuron_subset(5000, seed=0).tolist() != other.tolist()


def test_one_neuron_and_silence_can_be_split():
    for activity in (np.eye(40, 1), np.zeros((40, 3))):
        train, test = split_indices(activity)
        assert (len(train), len(test)) == (28, 12)


def test_ranks_are_those_of_scipy():
    values = np.random.default_rng(0).integers(0, 9, 40)
    np.testing.assert_array_equal(matched.ranks(values), rankdata(values))


def test_ties_do_not_hang_on_the_last_bit():
    differences = np.array([[1.0, 1.0], [1.0 + 1e-15, 1.0], [2.0, 2.0]])
    assert matched.choice_at_percentile(differences) == 0
    assert matched.choice_at_percentile(differences[[1, 0, 2]]) == 0
