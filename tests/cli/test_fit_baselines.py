"""``popcode fit`` of the baselines: one kind of run for all, and what later commands make of it."""

import json
import shutil

import numpy as np
import pytest

import popcode
from popcode.cli import baseline_runs
from popcode.cli.baseline_plans import memory_expected, seconds_expected
from popcode.cli.options import BASELINE_SETTINGS, BaselineOptions, options_from
from popcode.errors import InputError
from popcode.files import read_history, read_record
from popcode.metrics.evaluation import STATISTICS

QUICK = {
    "independent": (),
    "ising": ("--updates", "30"),
    "k-pairwise": ("--updates", "30"),
    "glm": (),
    "nmf": ("--hidden", "4"),
    "pca": ("--hidden", "4"),
    "vae": ("--hidden", "4", "--updates", "60"),
    "kmeans": ("--hidden", "4"),
}
SILENT = ("glm", "nmf", "pca")  # no laws over activity
HISTORIES = {"glm": ["penalty", "log_likelihood"], "vae": ["update", "evidence_bound"]}


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    monkeypatch.setattr("popcode.baselines.effort._MOST", (30, 50, 20))
    monkeypatch.setattr("popcode.baselines.effort._LEAST", (30, 50, 20))
    monkeypatch.setattr("popcode.metrics.comparison.MIN_SAMPLES", 300)


@pytest.fixture
def run_of(cli, source, tmp_path):
    """Fit a baseline; gives the folder and what was said."""

    def call(name, *options, out="run"):
        run = tmp_path / out
        outcome = cli("fit", name, source, "--out", run, *QUICK[name], *options)
        assert outcome.code == 0, outcome.err
        return run, outcome

    return call


def metrics_of(run):
    return json.loads((run / "metrics.json").read_text())


@pytest.mark.parametrize("name", QUICK)
def test_every_baseline_leaves_a_whole_run(run_of, source, name):
    run, outcome = run_of(name, "--seed", "3")
    record, metrics = read_record(run), metrics_of(run)
    assert record.finished and record.input_path == str(source) and record.seed == 3
    assert record.parameters["model"] == name
    assert "name" not in record.parameters and "device" not in record.parameters
    given = {"n_hidden", "n_updates"} & set(record.parameters)
    assert given == set(BASELINE_SETTINGS[name])
    assert options_from(record.parameters) == BaselineOptions(
        name=name, seed=3, holdout=0.3, split="matched", binarize=False,
        **{key: record.parameters[key] for key in given},
    )  # fmt: skip
    assert (metrics["population_activity"]["kl"] is None) == (name in SILENT)
    assert metrics["statistics"]["mean_activity"]["score_perfect"] is not None
    assert np.isfinite(metrics["co_smoothing"]["bits_per_spike"])
    assert metrics["training"]["seconds"] >= metrics["training"]["fit_seconds"] >= 0
    assert popcode.load_model(run).n_features_in_ == 40
    history = read_history(run / "history.csv") if (run / "history.csv").exists() else None
    assert (history and list(history)) == HISTORIES.get(name)
    assert "What is predicted" in (run / "report.html").read_text()
    assert outcome.out.splitlines()[-2:] == [str(run), str(run / "report.html")]
    assert "plan: " in outcome.err and " of memory (" in outcome.err


def test_only_laws_have_scores_and_only_hidden_units_their_statistics(run_of):
    for name in ("pca", "kmeans", "independent"):
        found = metrics_of(run_of(name, out=name)[0])["statistics"]
        known = {each for each in STATISTICS if found[each]["score"] is not None}
        expected = {"pca": set(), "independent": {"mean_activity", "neuron_neuron"}}
        assert known == expected.get(name, set(STATISTICS))


def test_auto_is_answered_and_kept(cli, source, tmp_path):
    cli("fit", "pca", source, "--out", tmp_path / "pca")
    cli("fit", "ising", source, "--out", tmp_path / "ising")
    pca, ising = (read_record(tmp_path / name).parameters for name in ("pca", "ising"))
    assert pca["n_hidden"] == 14 and pca["chosen"] == ["n_hidden"]  # a unit for every 20 bins
    assert ising["n_updates"] == 30 and ising["chosen"] == ["n_updates"]


def test_the_seed_decides_the_scores_and_resume_finds_nothing_to_do(run_of, cli):
    first, second = (metrics_of(run_of("kmeans", out=out)[0]) for out in ("a", "b"))
    other = metrics_of(run_of("kmeans", "--seed", "1", out="c")[0])
    for each in (first, second, other):
        del each["training"]
    assert first == second != other
    assert "nothing is left to do\n" in cli("resume", run_of("pca", out="d")[0]).err


def test_nothing_is_scored_where_nothing_is_held_out(run_of):
    run, outcome = run_of("nmf", "--holdout", "0")
    metrics = metrics_of(run)
    assert metrics["bounds"] is None and metrics["reconstruction"] is None
    assert metrics["statistics"]["mean_activity"]["score"] is None
    assert "No bins were held out" in outcome.out
    assert "No bins were held out" in (run / "report.html").read_text()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("kmeans", ("--hidden", "0"), "--hidden is 0"),
        ("vae", ("--updates", "0"), "--updates is 0"),
        ("glm", ("--seed", "-1"), "--seed is -1"),
        ("glm", ("--holdout", "1"), "--holdout is 1"),
        ("glm", ("--hidden", "3"), "--hidden"),
        ("pca", ("--hidden", "41"), "n_components is 41"),
        ("kmeans", ("--hidden", "281"), "n_clusters is 281"),
    ],
)
def test_the_impossible_leaves_no_run(cli, source, tmp_path, name, options, message):
    refused = cli("fit", name, source, "--out", tmp_path / "run", *options)
    assert refused.code == 2 and message in refused.message
    assert not (tmp_path / "run").exists()


def test_a_run_is_replaced_only_with_force(run_of, cli, source):
    run, _ = run_of("pca")
    before = (run / "model.safetensors").read_bytes()
    assert "holds a run" in cli("fit", "pca", source, "--out", run).message
    impossible = cli("fit", "pca", source, "--out", run, "--force", "--hidden", "41")
    assert impossible.code == 2 and (run / "model.safetensors").read_bytes() == before
    run_of("kmeans", "--force")
    assert read_record(run).parameters["model"] == "kmeans"


def test_an_interrupted_run_begins_again_from_its_seed(run_of, cli, source, tmp_path, monkeypatch):
    whole = metrics_of(run_of("kmeans", out="whole")[0])
    run = tmp_path / "stopped"

    def stopped(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(baseline_runs, "fitted", stopped)
        outcome = cli("fit", "kmeans", source, "--out", run, *QUICK["kmeans"])
    assert outcome.code == 130 and f"popcode resume {run}" in outcome.message
    assert "begins again from its seed" in outcome.message
    assert not read_record(run).finished
    for command in (("evaluate", run), ("report", run)):
        assert "has no model yet" in cli(*command).message
    assert cli("resume", run).code == 0
    found = metrics_of(run)
    assert found.pop("training") and whole.pop("training")
    assert found == whole and read_record(run).finished


def test_a_model_that_is_there_is_not_fitted_again(run_of, cli, tmp_path, source, monkeypatch):
    run = tmp_path / "stopped"

    def stopped(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(baseline_runs, "judged_run", stopped)
        assert cli("fit", "pca", source, "--out", run, *QUICK["pca"]).code == 130
    monkeypatch.setattr(baseline_runs, "fitted", stopped)
    assert cli("resume", run).code == 0
    assert metrics_of(run)["training"]["fit_seconds"] >= 0


def test_a_fit_of_this_kind_is_not_continued(run_of, cli):
    run, _ = run_of("vae")
    refused = cli("resume", run, "--updates", "90")
    assert refused.code == 2 and "continues no fit of this kind" in refused.message


def test_evaluate_repeats_the_numbers_and_judges_other_recordings(run_of, cli, source):
    run, _ = run_of("glm")
    before = (run / "metrics.json").read_bytes()
    assert cli("evaluate", run).code == 0
    assert (run / "metrics.json").read_bytes() == before
    other = cli("evaluate", run, "--on", source, "--json")
    assert json.loads(other.out)["protocol"]["n_test_bins"] == 400
    assert "GLM" in cli("evaluate", run, "--on", source).out
    assert "popcode fit glm" in cli("evaluate", run, "--baselines", "none").message


@pytest.mark.parametrize("name", ["kmeans", "ising"])
def test_laws_are_sampled(run_of, cli, tmp_path, name):
    run, _ = run_of(name)
    out = tmp_path / "samples.npz"
    assert cli("sample", run, "--n", "50", "--out", out, "--burn-in", "5").code == 0
    assert popcode.load(out).shape == (50, 40)


def test_what_a_baseline_cannot_do_is_refused_in_a_line(run_of, cli, tmp_path):
    run, _ = run_of("glm")
    for command, message in (
        (("sample", run, "--n", "5", "--out", tmp_path / "s.npz"), "does not generate"),
        (("couplings", run, "--out", tmp_path / "c.npz"), "needs a restricted Boltzmann machine"),
    ):
        refused = cli(*command)
        assert refused.code == 2 and message in refused.message, command


def test_a_report_without_its_recording(cli, source, tmp_path):
    path, run = tmp_path / "copy.npz", tmp_path / "run"
    shutil.copy(source, path)
    assert cli("fit", "pca", path, "--out", run, *QUICK["pca"]).code == 0
    path.unlink()
    assert cli("report", run).code == 0
    assert "is not there, or not as it was" in (run / "report.html").read_text()


def test_plans_grow_with_the_fit():
    from popcode import baselines

    def of(model):
        small, large = (memory_expected(model, 1000, n) for n in (50, 500))
        assert 0 < small < large
        return large

    for model in (baselines.GLM(), baselines.PCA(), baselines.LinearVAE(), baselines.Pairwise()):
        of(model)
    assert memory_expected(baselines.Independent(), 1000, 50) == 0
    activity = (np.random.default_rng(0).random((3000, 20)) < 0.1).astype(np.uint8)
    recording = popcode.Recording(activity)
    assert seconds_expected(baselines.GLM(), recording) is None
    vae = baselines.LinearVAE(n_hidden=2, n_updates=40)
    assert seconds_expected(vae, recording) > 0
    assert not hasattr(vae, "weights_")


def test_a_record_of_an_unknown_model_is_damaged():
    with pytest.raises(InputError):
        options_from({"model": "svm"})
