"""`popcode fit crbm`: what it says, what it leaves, and awkward but possible input."""

import json

import numpy as np
import pytest

import popcode
from popcode.files import read_history, read_record

FILES = {
    "run.json", "model.safetensors", "history.csv", "metrics.json", "evaluation.npz",
    "report.html", "checkpoint",
}  # fmt: skip
STATISTICS = ["mean_activity", "mean_hidden", "neuron_hidden", "neuron_neuron", "hidden_hidden"]


def visible_files(run):
    return {path.name for path in run.iterdir() if not path.name.startswith(".")}


def test_a_run_folder_holds_everything(tmp_path, fit, source):
    outcome = fit(tmp_path / "run", "--seed", "3")
    run = tmp_path / "run"
    assert visible_files(run) == FILES
    record = read_record(run)
    assert record.finished
    assert record.seed == 3
    assert record.input_path == str(source)
    assert record.parameters["n_hidden"] == 5
    assert record.parameters["device"] == "cpu"
    metrics = json.loads((run / "metrics.json").read_text())
    assert list(metrics["statistics"]) == STATISTICS
    assert metrics["training"]["updates"] == 200
    assert metrics["training"]["seconds"] > 0
    assert metrics["protocol"]["n_train_bins"] == 280
    assert metrics["protocol"]["n_test_bins"] == 120
    assert read_history(run / "history.csv")["update"].tolist() == list(range(2, 201, 2))
    model = popcode.load_model(run)
    assert model.weights_.shape == (40, 5)
    assert not model.weights_[7].any()
    assert np.isfinite(model.fields_).all()
    assert outcome.out.splitlines()[-2:] == [str(run), str(run / "report.html")]


def test_the_plan_comes_first_and_the_result_is_a_table(tmp_path, fit):
    outcome = fit(tmp_path / "run")
    lines = outcome.err.splitlines()
    assert lines[0] == "input: 400 bins x 40 neurons; 280 bins to train on, 120 held out (matched)"
    assert lines[1].startswith("warning: too few bins: 400, where models need at least 1,000.")
    assert lines[2].startswith(
        "note: never active in the training bins, 1 of 40: neuron 7 (id 107)"
    )
    assert lines[3].startswith("plan: ")
    assert " of memory (" in lines[3]
    assert "for 200 updates of " in lines[3]
    assert lines[4] == "model: 5 drelu hidden units (as given), l1 0.002 (as given), seed 0"
    for label in (*(name.replace("_", " ") for name in STATISTICS), "nLLH", "hidden units alive"):
        assert label in outcome.out
    assert "Score 1: as close to the held-out bins as the training bins are" in outcome.out


def test_hidden_units_and_penalty_are_chosen_and_kept(tmp_path, cli, source):
    run = tmp_path / "run"
    outcome = cli("fit", "crbm", source, "--out", run, "--updates", "100", "--chains", "20")
    assert outcome.code == 0
    parameters = read_record(run).parameters
    assert parameters["chosen"] == ["n_hidden", "l1"]
    assert parameters["n_hidden"] == 14  # a unit for every 20 training bins
    assert parameters["l1"] > 0
    assert "14 drelu hidden units (chosen from the recording)" in outcome.err


def test_the_same_seed_gives_the_same_bits_and_another_does_not(tmp_path, fit, whole, content):
    fit(tmp_path / "same")
    assert content(tmp_path / "same") == content(whole)
    fit(tmp_path / "other", "--seed", "1")
    assert content(tmp_path / "other")[0] != content(whole)[0]


def test_counts_are_made_binary_and_said_so(tmp_path, cli, activity):
    path = tmp_path / "counts.npy"
    counts = activity * 2
    counts[0, 7] = 3
    np.save(path, counts)
    options = ("--hidden", "3", "--l1", "0.002", "--updates", "20")
    outcome = cli("fit", "crbm", path, "--out", tmp_path / "run", *options)
    assert outcome.code == 0
    n_above_one = int((counts > 1).sum())
    assert (
        "note: counts were made binary: a neuron is active in a bin with at least one spike "
        f"(v >= 1; {n_above_one:,} entries were above 1)"
    ) in outcome.err.splitlines()


def test_real_values_are_fitted_with_binarize(tmp_path, cli, activity):
    path = tmp_path / "dff.npy"
    noise = np.random.default_rng(0).normal(0, 0.1, activity.shape)
    np.save(path, (activity + noise).astype(np.float32))
    options = ("--hidden", "3", "--l1", "0.002", "--updates", "20")
    outcome = cli("fit", "crbm", path, "--out", tmp_path / "run", "--binarize", *options)
    assert outcome.code == 0
    assert "note: real values (dff) were made binary: active is above the baseline" in outcome.err
    assert read_record(tmp_path / "run").parameters["binarize"] is True


def test_without_held_out_bins_nothing_is_scored(tmp_path, fit):
    outcome = fit(tmp_path / "run", "--holdout", "0")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["statistics"]["mean_activity"]["score"] is None
    assert metrics["reconstruction"]["nllh_median"] is None
    assert metrics["training"]["updates"] == 200
    assert metrics["protocol"]["n_train_bins"] == 400
    assert "No bins were held out, so nothing can be scored honestly" in outcome.out
    assert metrics["compositional_phase"]["active_units_median"] is None
    assert 0 < metrics["weights"]["nonzero"] <= 1  # weights need no test
    assert not (tmp_path / "run" / "evaluation.npz").exists()


def test_metrics_keep_their_fields_without_held_out_bins(tmp_path, fit, whole):
    fit(tmp_path / "run", "--holdout", "0")
    unscored, scored = (
        json.loads((run / "metrics.json").read_text()) for run in (tmp_path / "run", whole)
    )
    assert list(unscored) == list(scored)
    for name in STATISTICS:
        assert set(unscored["statistics"][name]) <= set(scored["statistics"][name])
    for part in ("triplets", "compositional_phase", "weights"):
        assert set(unscored[part]) <= set(scored[part])
    assert set(unscored["reconstruction"]) == set(scored["reconstruction"])


@pytest.mark.parametrize("potential", ["relu", "gaussian", "bernoulli"])
def test_every_potential_fits(tmp_path, cli, source, potential):
    options = ("--hidden", "3", "--l1", "0.002", "--updates", "20", "--potential", potential)
    outcome = cli("fit", "crbm", source, "--out", tmp_path / "run", *options)
    assert outcome.code == 0
    assert popcode.load_model(tmp_path / "run").hidden == potential


@pytest.mark.parametrize("split", ["blocked", "segments", "random"])
def test_every_split_is_kept_in_the_record(tmp_path, cli, activity, split):
    path = tmp_path / "recording.npz"
    popcode.save(popcode.Recording(activity, segment_starts=[0, 100, 200, 300]), path)
    options = ("--hidden", "3", "--l1", "0.002", "--updates", "20", "--split", split)
    outcome = cli("fit", "crbm", path, "--out", tmp_path / "run", *options)
    assert outcome.code == 0
    assert f"held out ({split})" in outcome.err
    assert read_record(tmp_path / "run").parameters["split"] == split


def test_bins_are_merged_to_the_width_asked_for(tmp_path, fit):
    outcome = fit(tmp_path / "run", "--bin-s", "0.04")
    assert outcome.err.startswith("note: every 2 bins merged (or)\ninput: 200 bins x 40 neurons")


def test_force_replaces_a_run(tmp_path, fit, whole, content):
    run = tmp_path / "run"
    fit(run, "--seed", "5")
    fit(run, "--force")
    assert content(run) == content(whole)
    assert not (run / ".previous").exists()
