"""The whole of metrics.json: its shape, its bounds, and what it can and cannot see."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pytest

from popcode.errors import InputError, PopcodeWarning
from popcode.metrics import (
    GenerativeModel,
    compare,
    comparison,
    evaluate,
    independent_samples,
    judge,
    resampled_bins,
    sample_count,
)
from popcode.metrics.comparison import samples_to_judge

STATISTICS = ["mean_activity", "mean_hidden", "neuron_hidden", "neuron_neuron", "hidden_hidden"]


@pytest.fixture(scope="module")
def metrics(mixture, recordings):
    return evaluate(mixture, *recordings, seed=0)


def scores(metrics, key="score"):
    return np.array([metrics["statistics"][name][key] for name in STATISTICS])


def test_shape(metrics, mixture):
    assert isinstance(mixture, GenerativeModel)
    json.dumps(metrics, allow_nan=False)
    assert list(metrics["statistics"]) == STATISTICS
    needed = {"rmse", "rmse_optimal", "rmse_shuffled", "score", "nrmse", "pearson", "slope"}
    for statistic in metrics["statistics"].values():
        assert needed | {"score_independent", "score_perfect", "n"} <= statistic.keys()
    assert {"nllh_median", "nllh_mean", "nllh_p10", "nllh_p90"} <= metrics["reconstruction"].keys()
    for bound in ("independent", "perfect"):
        assert metrics["triplets"][f"pearson_{bound}"] is not None
        for statistic in metrics["statistics"].values():
            assert {
                f"{field}_{bound}" for field in ("score", "pearson", "slope")
            } <= statistic.keys()
    phase = {"active_units_median", "active_units_p10", "active_units_p90", "share_median"}
    assert metrics["compositional_phase"].keys() == phase | {"surrogate_median", "n_hidden"}
    degrees = {f"degree_zero{of}" for of in ("", "_pca", "_shuffled", "_binomial")}
    assert metrics["weights"].keys() == degrees | {"nonzero", "embedded"}
    assert metrics["log_likelihood"].keys() == {"test", "standard_error", "independent"}
    assert metrics["log_likelihood"]["test"] is None
    training = {"updates": 7, "converged": True, "seconds": None, "restarts": None}
    assert metrics["training"] == {**training, "hidden_alive": None, "note": "exact"}
    assert (metrics["n_samples"], metrics["n_pairs"]) == (15_000, 30 * 29 // 2)


def test_the_true_model_scores_at_its_ceiling(metrics):
    # A true model errs only by the test bins' noise: it does better than the training bins.
    assert (scores(metrics) > 0.95).all()
    assert metrics["triplets"]["pearson"] > metrics["triplets"]["pearson_split_half"] > 0.5
    assert metrics["population_activity"]["kl"] < metrics["population_activity"]["kl_independent"]
    assert metrics["reconstruction"]["nllh_median"] > 0.05


def test_values_equal_plain_numpy(metrics, mixture, recordings):
    train, test = recordings
    samples = mixture.sample(15_000, seed=0)

    def plain(x):
        v, h = x.astype(float), mixture.transform(x).astype(float)
        upper_v, upper_h = np.triu_indices(30, 1), np.triu_indices(4, 1)
        return [
            v.mean(0),
            h.mean(0),
            (v.T @ h / len(v))[mixture.weights_ != 0],
            np.cov(v.T, bias=True)[upper_v],
            np.cov(h.T, bias=True)[upper_h],
        ]

    for name, data, other, model in zip(
        STATISTICS, *map(plain, (test, train, samples)), strict=True
    ):
        statistic = metrics["statistics"][name]
        assert statistic["rmse"] == pytest.approx(np.sqrt(np.mean((model - data) ** 2)), abs=1e-6)
        optimal = np.sqrt(np.mean((other - data) ** 2))
        assert statistic["rmse_optimal"] == pytest.approx(optimal, abs=1e-6)
        assert statistic["pearson"] == pytest.approx(np.corrcoef(model, data)[0, 1], abs=1e-6)
        optimal = np.corrcoef(other, data)[0, 1]
        assert statistic["pearson_optimal"] == pytest.approx(optimal, abs=1e-6)
        slope = np.polyfit(data, other, 1)[0]
        assert statistic["slope_optimal"] == pytest.approx(slope, abs=1e-6)


def test_samples_have_the_known_moments(mixture):
    x = mixture.sample(100_000, seed=3)
    # Standard error of a covariance of 100,000 samples is below .25 / sqrt(1e5) = 8e-4.
    np.testing.assert_allclose(np.cov(x.T, bias=True)[0, 1:], mixture.covariance[0, 1:], atol=4e-3)


# Each control is one draw of 15,000 samples; two draws differ by their own sampling noise, which
# is about .01 of a score here, and .05 where only a few hidden units make up the statistic.
CONTROL_TOLERANCE = 0.05


@pytest.mark.parametrize(
    ("draw", "key"),
    [(resampled_bins, "score_perfect"), (independent_samples, "score_independent")],
)
def test_controls_score_what_is_printed_for_them(with_samples, recordings, draw, key):
    train, test = recordings
    model = with_samples(lambda n, seed: draw(train, n, np.random.default_rng([seed, 7])))
    found = evaluate(model, train, test, seed=5)
    np.testing.assert_allclose(scores(found), scores(found, key), atol=CONTROL_TOLERANCE)
    bound = key.removeprefix("score_")
    for field in ("pearson", "slope"):
        of_bound = scores(found, f"{field}_{bound}").astype(float)
        # Independent neurons' covariances are noise alone: of their 435 pairs each correlation
        # is good to 1 / sqrt(435) = .05, and so is the difference of two, times sqrt(2).
        np.testing.assert_allclose(scores(found, field), of_bound, atol=0.15)
    triplets = found["triplets"]
    # 4,060 triplets, of which some share neurons.
    assert triplets["pearson"] == pytest.approx(triplets[f"pearson_{bound}"], abs=0.1)
    kl = "kl_" + key.removeprefix("score_")
    population = found["population_activity"]
    assert population["kl"] == pytest.approx(population[kl], rel=0.1, abs=2e-3)


def test_evidence_stands_behind_the_numbers(mixture, recordings, metrics):
    train, test = recordings
    found = judge(mixture, train, test, seed=0)
    assert found.metrics == metrics
    evidence = found.evidence
    assert list(evidence.statistics) == [*STATISTICS, "triplets"]
    for name in STATISTICS:
        assert evidence.statistics[name].model.sum() == metrics["statistics"][name]["n"]
    assert evidence.statistics["triplets"].model.sum() == metrics["triplets"]["n_triplets"]
    assert np.nanmedian(evidence.nllh) == metrics["reconstruction"]["nllh_median"]
    assert evidence.nllh.shape == (30,)
    for name, n_bins in (("test", 1700), ("train", 4000), ("model", 15_000)):
        assert getattr(evidence.population, name).sum() == n_bins
    phase = metrics["compositional_phase"]
    assert np.median(evidence.active_hidden) == phase["active_units_median"]
    assert np.median(evidence.active_hidden_surrogate) == phase["surrogate_median"]
    assert evidence.active_hidden.shape == (1700,)
    weights = metrics["weights"]
    assert evidence.weights.degree_model[0] / 30 == weights["degree_zero"]
    assert evidence.weights.model.sum() / mixture.weights_.size == weights["nonzero"]


def test_samples_do_not_enter_phase_and_weights(with_samples, recordings, metrics):
    model = with_samples(lambda n, seed: np.ones((n, 30), np.uint8))
    found = evaluate(model, *recordings, seed=0)
    assert found["compositional_phase"] == metrics["compositional_phase"]
    assert found["weights"] == metrics["weights"]


def test_independent_control_fails_where_it_should(metrics):
    independent = dict(zip(STATISTICS, scores(metrics, "score_independent"), strict=True))
    assert independent["mean_activity"] > 0.95
    assert independent["neuron_neuron"] < 0.7
    assert independent["hidden_hidden"] < 0.7


class Collapsed:
    """All but one hidden unit dead, and samples as good as they come: anchors, section 3."""

    l1_ = 0.0

    def __init__(self, mixture):
        self._mixture = mixture
        self.weights_ = np.zeros_like(mixture.weights_)
        self.weights_[:10, 0] = 1.0

    def transform(self, x):
        h = np.zeros((len(x), 4), dtype=np.float32)
        h[:, 0] = x[:, 0]
        return h

    def reconstruct(self, x):
        return np.broadcast_to(self._mixture.mean, x.shape)

    def sample(self, n, **options):
        return self._mixture.sample(n, **options)


def test_collapse_is_seen_by_reconstruction_and_not_by_the_scores(mixture, recordings, metrics):
    found = evaluate(Collapsed(mixture), *recordings)
    seen = [s["score"] for s in found["statistics"].values() if s["score"] is not None]
    assert min(seen) > 0.95
    assert found["statistics"]["hidden_hidden"]["score"] is None  # covariances are all exactly 0
    assert abs(found["reconstruction"]["nllh_median"]) < 0.01
    assert metrics["reconstruction"]["nllh_median"] > 0.05


def test_penalty_is_added_to_the_models_neuron_hidden_only(mixture, recordings):
    plain = compare(mixture, *recordings)
    penalised = type(mixture)(mixture.probabilities, mixture.shares, l1=0.3)
    found = compare(penalised, *recordings)
    signs = np.sign(mixture.weights_[mixture.weights_ != 0])
    added = found.model.neuron_hidden - plain.model.neuron_hidden
    np.testing.assert_allclose(added, 0.3 * signs, atol=1e-12)
    for name in ("train", "test", "independent", "perfect"):
        for a, b in zip(getattr(found, name), getattr(plain, name), strict=True):
            np.testing.assert_array_equal(a, b)
    assert evaluate(penalised, *recordings)["statistics"]["neuron_hidden"]["l1_sign_added"] == 0.3


def test_same_seed_same_numbers_other_seed_others(mixture, recordings, metrics):
    assert evaluate(mixture, *recordings, seed=0) == metrics
    assert evaluate(mixture, *recordings, seed=1) != metrics


def test_random_subset_of_pairs_is_close_to_all(mixture, recordings, monkeypatch, metrics):
    monkeypatch.setattr(comparison, "ALL_PAIRS_UP_TO", 10)
    monkeypatch.setattr(comparison, "N_PAIRS", 300)
    found = evaluate(mixture, *recordings)
    assert found["n_pairs"] == 300
    all_pairs = metrics["statistics"]["neuron_neuron"]["score"]
    # 300 of 435 pairs; the error of each pair is a tenth of the score's scale.
    assert found["statistics"]["neuron_neuron"]["score"] == pytest.approx(all_pairs, abs=0.05)


def test_recording_like_input_bool_and_float(mixture, recordings, metrics):
    class Recording:
        def __init__(self, activity):
            self.activity = activity

        def __array__(self, dtype=None, copy=None):
            return self.activity

    train, test = recordings
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert evaluate(mixture, Recording(train), test.astype(bool)) == metrics
        assert evaluate(mixture, train.astype(np.float32), test.astype(np.int64)) == metrics


def test_counts_are_made_binary_and_it_is_said(mixture, recordings, metrics):
    train, test = recordings
    with pytest.warns(PopcodeWarning, match="train: counts were made binary"):
        assert evaluate(mixture, 3 * train, test) == metrics


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x * 0.5, "train: holds values that are neither 0/1 nor counts.*--binarize"),
        (lambda x: np.where(x > 0, np.nan, 0), "train: holds values that are neither"),
        (lambda x: -x.astype(int), "train: holds values that are neither"),
        (lambda x: x[:, :12], "train: has 12 neurons, the model 30. Select the neurons"),
        (lambda x: x[:0], r"train: has shape \(0, 30\)"),
        (lambda x: x[0], r"train: has shape \(30,\)"),
    ],
)
def test_input_that_cannot_be_judged(mixture, recordings, change, words):
    train, test = recordings
    with pytest.raises(InputError, match=words):
        evaluate(mixture, change(train), test)


def test_log_likelihood_where_the_model_has_one(mixture, recordings, monkeypatch):
    model = type(mixture)(mixture.probabilities, mixture.shares)
    assert evaluate(model, *recordings)["log_likelihood"]["test"] is None
    model.log_likelihood = lambda x: (np.float32(-5.5), 0.01)
    found = evaluate(model, *recordings)["log_likelihood"]
    assert (found["test"], found["standard_error"]) == (-5.5, 0.01)
    assert found["independent"] < 0


def test_samples_that_are_there_give_what_drawing_them_gives(mixture, recordings):
    n = sample_count(*recordings[0].shape)
    samples = samples_to_judge(mixture, n, 4)
    assert judge(mixture, *recordings, 4, samples=samples).metrics == evaluate(
        mixture, *recordings, 4
    )


def test_silent_neurons_one_hidden_unit_and_two_neurons_give_null_not_nan(mixture):
    small = type(mixture)(mixture.probabilities[:1, :2], [1.0])
    x = np.zeros((50, 2), dtype=np.uint8)
    found = evaluate(small, x, x)
    json.dumps(found, allow_nan=False)
    assert found["reconstruction"]["nllh_median"] is None
    assert found["statistics"]["hidden_hidden"]["score"] is None
    assert found["triplets"]["pearson"] is None
    assert found["compositional_phase"]["active_units_median"] is None  # no weight, no unit
    assert found["compositional_phase"]["n_hidden"] == 0
    assert found["weights"]["degree_zero"] == 1


@pytest.mark.parametrize(
    ("n_train", "n_neurons", "expected"),
    [
        (4000, 100, 15_000),
        (60_100, 100, 60_000),
        (10**6, 100, 99_900),
        (4000, 100_000, 9_900),
        (4000, 10**7, 100),
    ],
)
def test_number_of_samples(n_train, n_neurons, expected):
    assert sample_count(n_train, n_neurons) == expected
    assert expected * n_neurons <= 10**9 or math.isclose(expected, 1)
