"""Scores, divergences and reconstruction against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from popcode.metrics import (
    divergence,
    independent_log_likelihood,
    neuron_nllh,
    rmse,
    score_statistic,
    shuffled_rmse,
    summarise_nllh,
)


@pytest.fixture
def vectors():
    rng = np.random.default_rng(2)
    test = rng.gamma(2.0, size=200)
    train = test + 0.1 * rng.standard_normal(200)
    return 0.8 * test + 0.3 * rng.standard_normal(200), test, train


def test_score_against_plain_numpy(vectors):
    model, test, train = vectors
    s = score_statistic(model, test, train)
    error, optimal = np.sqrt(np.mean((model - test) ** 2)), np.sqrt(np.mean((train - test) ** 2))
    every = (train[:, None] - test[None, :]) ** 2  # each pairing is equally likely in a shuffle
    shuffled = np.sqrt(every.mean())
    expected = (error - shuffled) / (optimal - shuffled)
    pearson, slope = np.corrcoef(model, test)[0, 1], np.polyfit(test, model, 1)[0]
    plain = (error, optimal, shuffled, expected, 1 - expected, pearson, slope, 200)
    np.testing.assert_allclose(s, plain, rtol=1e-9)  # float64 throughout


def test_shuffled_is_the_mean_over_permutations(vectors):
    model, test, _ = vectors
    rng = np.random.default_rng(0)
    squares = [rmse(rng.permutation(model), rng.permutation(test)) ** 2 for _ in range(2000)]
    # The mean of 2,000 draws of 3 % spread each is good to .1 %; 5 times that is allowed.
    assert np.sqrt(np.mean(squares)) == pytest.approx(shuffled_rmse(model, test), rel=0.0035)


def test_ends_of_the_scale(vectors):
    model, test, train = vectors
    assert score_statistic(train, test, train).score == pytest.approx(1)
    assert score_statistic(test, test, train).score > 1
    shuffled = np.random.default_rng(0).permutation(train)
    # One shuffle of 200 values: its RMSE is off the mean over all by about 1 / sqrt(2 * 200).
    assert score_statistic(shuffled, test, train).score == pytest.approx(0, abs=0.2)
    assert rmse(model, test) == rmse(test, model)
    assert shuffled_rmse(model, test) == shuffled_rmse(test, model)


def test_a_model_without_covariances_is_placed_by_its_error():
    """Anchors: an uncorrelated model scores about .4 on covariances, not 0 and not above 1."""
    rng = np.random.default_rng(0)
    test = rng.standard_normal(20_000) * 3e-3
    train = test + rng.standard_normal(20_000) * 1e-3
    shuffled = 3e-3 * np.sqrt(2 + 1 / 9)
    expected = (3e-3 - shuffled) / (1e-3 - shuffled)
    # The deviation of 20,000 normal values is known to half a percent.
    assert score_statistic(0 * test, test, train).score == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.5]])
def test_what_is_not_defined_is_nan_without_a_warning(values):
    s = score_statistic(*[np.array(values)] * 3)
    assert np.isnan([s.score, s.nrmse, s.pearson, s.slope]).all()


def test_divergence_against_plain_numpy():
    counts, other = np.array([5, 3, 2, 0, 0]), np.array([4, 0, 4, 2, 0])
    p, q = counts[:4] / 10 + 1e-6, other[:4] / 10 + 1e-6
    p, q = p / p.sum(), q / q.sum()
    assert divergence(counts, other) == pytest.approx(np.sum(p * np.log(p / q)), rel=1e-12)
    assert divergence(counts, 3 * counts) == 0


def test_reconstruction_against_plain_numpy():
    rng = np.random.default_rng(3)
    x = (rng.random((400, 5)) < 0.3).astype(np.uint8)
    x[:, 3], x[:, 4] = 0, 1
    p = np.clip(rng.random(x.shape), 1e-7, 1 - 1e-7)
    v, m = x.astype(float), x.mean(0)
    llh = np.log(p * v + (1 - p) * (1 - v)).mean(0)
    independent = np.log(m * v + (1 - m) * (1 - v))[:, :3].mean(0)
    expected = (llh[:3] - independent) / -independent
    nllh = neuron_nllh(lambda rows: p, x)
    np.testing.assert_allclose(nllh[:3], expected, rtol=1e-12)
    assert np.isnan(nllh[3:]).all()  # silent, and always active
    summary = summarise_nllh(nllh)
    assert summary.n_neurons == 3
    assert summary.nllh_median == pytest.approx(np.median(expected))
    assert summary.nllh_mean == pytest.approx(expected.mean())
    assert summary.nllh_p10 == pytest.approx(np.percentile(expected, 10))
    assert summary.nllh_p90 == pytest.approx(np.percentile(expected, 90))


def test_ends_of_reconstruction():
    x = (np.random.default_rng(3).random((400, 3)) < 0.3).astype(np.uint8)
    np.testing.assert_allclose(
        neuron_nllh(lambda rows: np.tile(x.mean(0), (len(rows), 1)), x), 0, atol=1e-12
    )
    perfect = neuron_nllh(lambda rows: rows.astype(np.float32), x)
    np.testing.assert_allclose(perfect, 1, atol=1e-6)  # the clip of 1e-7 over an entropy of .6
    # The worst a confident wrong model can cost is the clip's logarithm, not infinity.
    assert np.isfinite(neuron_nllh(lambda rows: 1.0 - rows, x)).all()
    assert np.isnan(summarise_nllh(np.full(3, np.nan)).nllh_median)


def test_independent_likelihood():
    rng = np.random.default_rng(3)
    train, test = ((rng.random((300, 4)) < 0.3).astype(np.uint8) for _ in range(2))
    p, v = train.mean(0), test.astype(float)
    expected = np.log(p * v + (1 - p) * (1 - v)).sum(1).mean()
    assert independent_log_likelihood(train, test) == pytest.approx(expected, rel=1e-12)
    train[:, 0] = 0
    assert np.isfinite(independent_log_likelihood(train, test))
