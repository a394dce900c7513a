"""A model that is the truth reaches every ceiling; planted mistakes are caught."""

import json

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.metrics.equilibrium import (
    SECTIONS,
    judge_equilibrium,
    read_equilibrium,
    steps_of,
    write_equilibrium,
)
from popcode.recording import Recording


def test_plain_numbers_and_every_section(judged, told):
    text = json.dumps(judged.metrics, allow_nan=False)
    assert json.loads(text) == judged.metrics
    assert set(judged.metrics) == {*SECTIONS, "missing", "protocol"}
    assert judged.metrics["missing"] == {}
    assert len(told) == steps_of(2)


def test_the_gain_is_the_information_between_neurons(judged, model, parts):
    """What the truth gains over independent neurons, from samples of its own."""
    found = judged.metrics["comparison"]["independent"]
    samples = model.sample(200_000, seed=1)
    p = model.shares @ model.p
    independent = (samples * np.log(p) + (1 - samples) * np.log(1 - p)).sum(axis=1)
    expected = (model.score_samples(samples) - independent).mean()
    # The state's 4,000 test bins are some 200 independent draws: four standard errors.
    assert abs(found["mean"] - expected) < 4 * found["standard_error"]
    assert found["low"] < found["mean"] < found["high"]
    assert found["standard_error_log_partition"] == pytest.approx(np.hypot(0.01, 0.02))
    n_spikes = parts[1].activity.sum()
    assert found["bits_per_spike"] == pytest.approx(
        found["mean"] * parts[1].n_bins / n_spikes / np.log(2)
    )


def test_the_truth_reaches_the_ceilings_and_rivals_do_not(judged):
    metrics = judged.metrics
    for which in ("random", "strongest"):
        found = metrics["higher_order"][which]
        models = found["models"]
        # The ceiling comes from two noisy halves; the truth's own interval is the tolerance.
        assert models["model"]["pearson_high"] > found["pearson_ceiling"] - 0.02
        assert models["independent"]["pearson_high"] < models["model"]["pearson_low"]
        assert models["pairwise"]["slope"] > 1.2 > models["model"]["slope"]
    covariance = metrics["covariance_rivals"]["models"]
    assert covariance["train"]["ratio"]["value"] == 1
    assert covariance["model"]["ratio"]["value"] < 1.1
    expected = metrics["covariance_rivals"]["expected"]
    assert expected["ratio"]["value"] <= covariance["model"]["ratio"]["value"]
    assert expected["score"] >= covariance["model"]["score"]
    assert covariance["independent"]["ratio"]["low"] > covariance["model"]["ratio"]["high"]
    population = metrics["population_activity_rivals"]["models"]
    assert population["model"]["value"] < population["pairwise"]["value"]
    assert population["model"]["value"] < population["independent"]["value"]
    axes = metrics["projections"]["models"]
    assert axes["model"]["distance"][0] < axes["independent"]["low"][0]
    near = metrics["adversarial_accuracy"]["models"]
    assert "perfect" not in near
    assert near["model"]["low"] - 0.02 < 0.5 < near["model"]["high"] + 0.02
    assert near["pairwise"]["mean"] > near["model"]["high"]


def test_the_time_factor_comes_back_and_shuffling_loses_it(judged):
    found = judged.metrics["relaxation"]
    # Within 10 % or twice its interval's half width: the state changes some 1,500 times.
    for group in (found["population"], *found["regions"].values()):
        factor = group["factor"]
        margin = max(0.3, factor["high"] - factor["low"])
        assert abs(factor["value"] - 3) < margin
    assert list(found["regions"]) == ["A", "B"]
    assert found["regions"]["A"]["n_neurons"] == 22
    assert found["regions"]["A"]["misfit_at_population_factor"] is not None
    assert found["shuffled"]["factor"] is None
    assert "not correlated" in found["shuffled"]["note"]


def test_predictions_are_calibrated_and_told_by_region(judged):
    found = judged.metrics["completion"]
    single = found["single"]["models"]["model"]
    assert single["low"] - 0.02 < single["bits_expected"] < single["high"] + 0.02
    # Worse than the truth: the exaggerated rival's.
    assert found["single"]["models"]["pairwise"]["bits_per_spike"] < single["bits_per_spike"]
    groups = found["groups"]
    assert (groups["kind"], list(groups["groups"])) == ("region", ["A", "B"])
    for each in groups["groups"].values():
        assert each["bits_shuffled"] < 0 < each["low"]


def test_the_truth_is_not_surprised(judged):
    found = judged.metrics["surprise"]["test"]
    assert found["excess"]["low"] < 0 < found["excess"]["high"]
    assert found["mean"] == pytest.approx(found["mean_samples"], abs=1.0)


@pytest.fixture(scope="module")
def scattered(recording):
    """Single bins withheld: no stretch is long enough for a relaxation, which takes longest."""
    is_test = np.random.default_rng(0).random(recording.n_bins) < 0.3
    return recording.select(bins=~is_test), recording.select(bins=is_test)


@pytest.fixture(scope="module")
def judged_wrong(rivals, scattered, model):
    """Independent neurons in the model's place, the truth in a rival's."""
    swapped = {"independent": rivals["independent"], "pairwise": model}
    return judge_equilibrium(rivals["independent"], *scattered, swapped, 3)


def test_a_wrong_model_is_caught(judged_wrong):
    found = judged_wrong.metrics
    assert found["comparison"]["pairwise"]["high"] < 0
    assert found["comparison"]["independent"]["mean"] == pytest.approx(0, abs=1e-9)
    assert found["surprise"]["test"]["above_99"]["low"] > 0.02
    covariance = found["covariance_rivals"]["models"]
    assert covariance["model"]["ratio"]["low"] > covariance["pairwise"]["ratio"]["high"]
    single = found["completion"]["single"]["models"]
    assert single["model"]["bits_per_spike"] < 0.05 < single["pairwise"]["low"]


def test_the_same_seed_gives_the_same_numbers(
    judged_wrong, model, scattered, rivals, tmp_path, monkeypatch
):
    monkeypatch.setattr("popcode.threads.available_threads", lambda: 3)
    swapped = {"independent": rivals["independent"], "pairwise": model}
    again = judge_equilibrium(rivals["independent"], *scattered, swapped, 3)
    assert again.metrics == judged_wrong.metrics
    write_equilibrium(tmp_path / "a.npz", judged_wrong.evidence)
    write_equilibrium(tmp_path / "b.npz", again.evidence)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_single_bins_have_no_relaxation_and_the_rest_stands(judged_wrong, tmp_path):
    found = judged_wrong
    assert found.metrics["relaxation"] is None
    assert "Split by blocked" in found.metrics["missing"]["relaxation"]
    assert found.evidence.relaxation is None
    assert found.metrics["surprise"] is not None
    write_equilibrium(tmp_path / "e.npz", found.evidence)
    assert read_equilibrium(tmp_path / "e.npz").relaxation is None


def test_few_bins_and_two_neurons_are_said_not_raised(model, recording):
    pair = type(model)(model.p[:, :2], model.shares)
    starts = np.arange(0, 60, 5)
    small = Recording(recording.activity[:60, :2], kind="binary", segment_starts=starts)
    few = Recording(recording.activity[100:115, :2], kind="binary")
    found = judge_equilibrium(pair, small, few, {"independent": pair}, 0).metrics
    assert set(found["missing"]) >= {"projections", "completion", "surprise"}
    assert all(found[name] is None for name in found["missing"])
    assert found["higher_order"]["random"]["n_triplets"] == 0
    json.dumps(found, allow_nan=False)


def test_bad_input_is_refused(model, parts, rivals):
    with pytest.raises(InputError, match="independent"):
        judge_equilibrium(model, *parts, {"pairwise": rivals["pairwise"]}, 0)
    narrow = parts[1].select(neurons=np.arange(5))
    with pytest.raises(InputError, match="has 5 neurons, the model 44"):
        judge_equilibrium(model, parts[0], narrow, rivals, 0)
