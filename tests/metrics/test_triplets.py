"""Third moments from counts in blocks, and the strongest of them."""

import numpy as np
import pytest

from popcode.metrics import third_moments
from popcode.metrics.strongest import strongest_triplets
from popcode.metrics.triplets import (
    connected_moments,
    count_blocks,
    reference_of,
    score_triplets,
)
from popcode.metrics.tuples import choose_triplets
from popcode.threads import Team


@pytest.fixture(scope="module")
def team():
    with Team(2) as team:
        yield team


def trios(rng, n_bins, n_neurons=30, strength=0.25):
    """Neurons in threes that now and then fire together."""
    common = np.repeat(rng.random((n_bins, n_neurons // 3)) < strength, 3, axis=1)
    return (common & (rng.random((n_bins, n_neurons)) < 0.5)).astype(np.uint8)


@pytest.mark.parametrize("n_blocks", [1, 2, 9])
@pytest.mark.parametrize("n_bins", [64, 500])
def test_blocks_add_up_to_the_moments(team, n_bins, n_blocks):
    rng = np.random.default_rng(0)
    x = trios(rng, n_bins)
    triplets = choose_triplets(30, 1000, rng)
    found = connected_moments(count_blocks(team, x, triplets, n_blocks))
    np.testing.assert_allclose(found, third_moments(x, triplets), atol=1e-14)


def test_weights_choose_blocks(team):
    rng = np.random.default_rng(1)
    x, triplets = trios(rng, 400), choose_triplets(30, 200, rng)
    counts = count_blocks(team, x, triplets, 4)
    found = connected_moments(counts, np.array([0.0, 1, 2, 0]))
    copies = np.concatenate([x[100:200], x[200:300], x[200:300]])
    np.testing.assert_allclose(found, third_moments(copies, triplets), atol=1e-14)


def test_a_perfect_model_reaches_the_ceiling(team):
    rng = np.random.default_rng(2)
    triplets = choose_triplets(30, 4060, rng)
    # So few bins that noise matters: the ceiling is well below 1.
    counts = count_blocks(team, trios(rng, 3000), triplets, 10)
    perfect = connected_moments(count_blocks(team, trios(rng, 400_000), triplets))
    found = score_triplets(reference_of(counts), perfect, np.zeros(4060))
    assert 0.5 < found.pearson_ceiling < 0.95
    # The correlation of ten trios' moments with those of 3,000 bins: noise of a few per cent.
    assert found.pearson == pytest.approx(found.pearson_ceiling, abs=0.08)
    assert found.pearson_low < found.pearson < found.pearson_high
    assert np.isnan(found.pearson_independent)  # what does not vary has no correlation
    assert found.rmse < found.rmse_independent
    assert found.n_triplets == 4060


def test_the_interval_covers_the_spread_of_repeated_recordings(team):
    rng = np.random.default_rng(3)
    triplets = choose_triplets(30, 4060, rng)
    perfect = connected_moments(count_blocks(team, trios(rng, 200_000), triplets))

    def counted(rng):
        return count_blocks(team, trios(rng, 1000), triplets, 10)

    found = [score_triplets(reference_of(counted(rng)), perfect, perfect) for _ in range(60)]
    values = np.array([each.pearson for each in found])
    errors = np.array([each.pearson_high - each.pearson_low for each in found]) / 3.92
    # A spread of 60 values is known to 9 %; a jackknife errs on the wide side.
    assert 0.7 < np.mean(errors) / values.std() < 1.7


@pytest.mark.parametrize("max_candidates", [10_000, 2000])
def test_planted_trios_are_the_strongest(team, max_candidates):
    rng = np.random.default_rng(4)
    x = trios(rng, 5000)
    i, j, k = strongest_triplets(team, x, rng, 10, max_candidates)
    assert sorted(zip(i.tolist(), j.tolist(), k.tolist(), strict=True)) == [
        (3 * g, 3 * g + 1, 3 * g + 2) for g in range(10)
    ]
    moments = np.abs(third_moments(x, (i, j, k)))
    assert np.all(np.diff(moments) <= 0)


def test_choosing_on_training_bins_does_not_flatter(team):
    """Among independent neurons the strongest of training are nothing in the test."""
    rng = np.random.default_rng(5)
    train, test = ((rng.random((500, 40)) < 0.2).astype(np.uint8) for _ in range(2))
    chosen = strongest_triplets(team, train, rng, 100)
    in_train, in_test = (third_moments(x, chosen) for x in (train, test))
    assert np.abs(in_test).mean() < 0.5 * np.abs(in_train).mean()
    reference = reference_of(count_blocks(team, test, chosen, 10))
    found = score_triplets(reference, in_train, np.zeros(100))
    assert abs(found.pearson) < 0.4  # four times 1 / sqrt(100)


def test_the_same_whatever_the_threads():
    rng = np.random.default_rng(6)
    x, triplets = trios(rng, 300), choose_triplets(30, 4060, rng)
    found = []
    for n_threads in (1, 3):
        with Team(n_threads) as team:
            found.append(count_blocks(team, x, triplets, 3))
    for first, second in zip(*found, strict=True):
        np.testing.assert_array_equal(first, second)
