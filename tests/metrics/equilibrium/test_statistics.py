"""Each comparison against a plain computation on a few bins."""

import numpy as np
import pytest

from popcode.metrics import divergence, neuron_covariance
from popcode.metrics.equilibrium.axes import MAX_BINS, compare_projections, histograms_of
from popcode.metrics.equilibrium.covariances import compare_covariances, count_pairs, covariance_of
from popcode.metrics.equilibrium.draws import _by_chain
from popcode.metrics.equilibrium.populations import compare_populations
from popcode.metrics.equilibrium.squares import squares_of
from popcode.metrics.equilibrium.surprises import compare_surprise, series_of
from popcode.metrics.equilibrium.unusual import beyond_activity, most_unusual


def correlated(rng, n, n_neurons=12):
    state = rng.random((n, 1)) < 0.3
    return (rng.random((n, n_neurons)) < np.where(state, 0.5, 0.1)).astype(np.uint8)


@pytest.mark.parametrize("pairs", [None, (np.array([0, 3, 5]), np.array([1, 4, 11]))])
def test_counts_of_pairs_add_up(pairs):
    x = correlated(np.random.default_rng(0), 203)
    counts = count_pairs(x, pairs)
    np.testing.assert_allclose(
        covariance_of(counts, np.ones(10)), neuron_covariance(x, pairs), atol=1e-15
    )
    without = np.concatenate([x[:20], x[40:]])  # the second block of 203 bins: 20 to 40
    weights = 1.0 - (np.arange(10) == 1)
    np.testing.assert_allclose(
        covariance_of(counts, weights), neuron_covariance(without, pairs), atol=1e-15
    )


def test_covariance_errors_are_those_of_repeated_tests():
    rng = np.random.default_rng(1)
    train = neuron_covariance(correlated(rng, 4000))
    sets = {"model": neuron_covariance(correlated(rng, 100_000)), "train": train}
    found = [
        compare_covariances(count_pairs(correlated(rng, 1000), None), sets, 1)["models"]["model"]
        for _ in range(60)
    ]
    for name in ("rmse", "ratio", "pearson"):
        values = np.array([each[name].value for each in found])
        errors = np.array([each[name].high - each[name].low for each in found]) / 3.92
        # 60 values know their spread to 9 %, 10 blocks an error to 24 %; a jackknife of a
        # root mean square leans to the wide side.
        assert 0.6 < errors.mean() / values.std() < 2.2


def test_population_divergence_and_its_interval():
    rng = np.random.default_rng(2)
    test, train = correlated(rng, 4000), correlated(rng, 4000)
    flat = (rng.random(test.shape) < test.mean()).astype(np.uint8)
    populations = {
        name: np.bincount(x.sum(axis=1), minlength=13) for name, x in (("a", train), ("b", flat))
    }
    found = compare_populations(test, populations)["models"]
    counts = np.bincount(test.sum(axis=1), minlength=13)
    for name, each in populations.items():
        assert found[name].value == pytest.approx(divergence(counts, each))
        assert 0 <= found[name].low <= found[name].value <= found[name].high
    assert found["a"].high < found["b"].low


def test_distances_of_many_bins_are_those_of_a_part():
    rng = np.random.default_rng(3)
    test = rng.standard_normal((MAX_BINS + 5000, 1)).astype(np.float32)
    moved = {"moved": test + 1, "same": rng.standard_normal((9000, 1)).astype(np.float32)}
    found = compare_projections(test, moved, 0)
    assert found["n_bins"] == MAX_BINS
    # 1 standard deviation away; 20,000 bins each know it to 0.01.
    assert found["models"]["moved"]["distance"][0] == pytest.approx(1, abs=0.05)
    assert found["models"]["same"]["distance"][0] < 0.05


def test_histograms_hold_data_and_model_whole():
    rng = np.random.default_rng(4)
    sets = {name: rng.normal(0, 1, (500, 2)) for name in ("test", "train", "model")}
    sets["rival"] = rng.normal(0, 5, (500, 2))
    found = histograms_of(sets)
    for name in ("test", "train", "model"):
        np.testing.assert_array_equal(found.counts[name].sum(axis=1), [500, 500])
    assert np.all(found.counts["rival"].sum(axis=1) < 500)
    constant = histograms_of(dict.fromkeys(sets, np.zeros((5, 1))))
    assert constant.counts["model"].sum() == 5
    none = histograms_of(dict.fromkeys(sets, np.zeros((5, 0))))
    assert none.edges.shape[0] == 0


def test_squares_count_every_value():
    rng = np.random.default_rng(5)
    test = rng.normal(size=300)
    found = squares_of(test, {"model": test, "train": -test})
    assert {name: each.sum() for name, each in found.counts.items()} == {"model": 300, "train": 300}
    assert np.trace(found.counts["model"]) == 300


def test_samples_of_a_chain_come_together():
    n_chains, n_rounds = 300, 4
    chain = np.tile(np.arange(n_chains), n_rounds).astype(float)
    np.testing.assert_array_equal(_by_chain(chain), np.repeat(np.arange(n_chains), n_rounds))
    np.testing.assert_array_equal(_by_chain(np.arange(7.0)), np.arange(7))


def test_surprise_of_both_parts_and_every_bin_kept():
    rng = np.random.default_rng(6)
    train, test, samples = (rng.gamma(3, 1, n) for n in (900, 400, 2000))
    told = compare_surprise(train, test + 1, samples)
    assert told["train"].excess.low < 0 < told["train"].excess.high
    assert told["test"].excess.low > 0.5
    series = series_of(train, test, samples)
    assert {name: each.sum() for name, each in series.counts.items()} == {
        "test": 400, "train": 900, "model": 2000,
    }  # fmt: skip
    np.testing.assert_allclose(series.quantiles, np.quantile(samples, series.levels))


def test_the_planted_unusual_bin_is_found_though_busy_bins_surprise_more():
    rng = np.random.default_rng(7)
    active = rng.integers(0, 30, 5000)
    surprise = 3.0 * active + rng.normal(0, 0.5, 5000)
    planted = int(np.flatnonzero(active == 4)[50])
    surprise[planted] += 8
    found = most_unusual(beyond_activity(surprise, active), 3, 10)
    assert found.bins[0] == planted
    assert np.argmax(surprise) != planted
    # The mean of bins with 4 active is of some 166 values: 0.04 off, and 8 / 166 from the planted.
    assert found.beyond[0] == pytest.approx(8, abs=2)
    assert np.all(np.abs(np.diff(np.sort(found.bins))) >= 10)


def test_rare_numbers_of_active_neurons_are_taken_together():
    active = np.array([0] * 30 + [50])
    surprise = np.append(np.zeros(30), 31.0)
    np.testing.assert_allclose(beyond_activity(surprise, active)[-1], 30.0)
    assert most_unusual(np.full(9, np.nan), 4, 2).bins.size == 0
