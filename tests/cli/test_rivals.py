"""Baselines of a run: fitted once, kept, and never taken for those of other bins."""

import json
import os
import signal

import numpy as np
import pytest

import popcode
from popcode.cli import rivals
from popcode.files import RunFolder, RunRecord
from popcode.metrics.equilibrium import Equilibrium, EquilibriumEvidence
from popcode.recording import Recording

NAMES = ("independent", "pairwise", "k_pairwise")
FIT = ("--hidden", "3", "--updates", "120", "--chains", "40", "--learning-rate", "0.03")


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    monkeypatch.setattr("popcode.baselines.effort._MOST", (30, 50, 20))
    monkeypatch.setattr("popcode.baselines.effort._LEAST", (30, 50, 20))
    monkeypatch.setattr("popcode.metrics.comparison.MIN_SAMPLES", 300)
    monkeypatch.setattr("popcode.metrics.comparison.BURN_IN", 20)
    for module in ("running", "reporting"):
        monkeypatch.setattr(f"popcode.cli.{module}.write_report", lambda *_: "report.html")


@pytest.fixture
def judged(monkeypatch):
    """Judge nothing; gives the rivals that each judgement was asked to make."""
    asked = []

    def judge(_model, train, test, given, seed, *, samples, tell):
        tell("nothing")
        asked.append((dict(given), train.n_bins, test.n_bins, seed))
        nothing = dict.fromkeys(EquilibriumEvidence._fields) | {"neuron_bits": {}, "population": {}}
        sections = ("higher_order", "covariance_rivals", "population_activity_rivals")
        empty = dict.fromkeys((*sections, "comparison", "relaxation"))
        return Equilibrium(empty, EquilibriumEvidence(**nothing))

    monkeypatch.setattr("popcode.metrics.equilibrium.judge_equilibrium", judge)
    return asked


@pytest.fixture
def train():
    rng = np.random.default_rng(0)
    return Recording((rng.random((400, 10)) < 0.2).astype(np.uint8))


@pytest.fixture
def run(tmp_path):
    with RunFolder.create(tmp_path / "run", RunRecord("popcode", {}, 0)) as folder:
        yield folder


@pytest.fixture
def forbidden(monkeypatch):
    """Fitting a baseline fails from when this is called."""

    def forbid():
        def again(*_args, **_options):
            raise AssertionError("fitted again")

        monkeypatch.setattr(rivals, "_fitted", again)

    return forbid


def test_each_is_fitted_once(run, train, forbidden):
    first = rivals.rivals_of(run, NAMES, train, 5)
    assert list(first) == list(NAMES)
    forbidden()
    second = rivals.rivals_of(run, NAMES, train, 5)
    beside = rivals.rivals_beside(run.path, NAMES[:2], train, 5)
    assert list(beside) == list(NAMES[:2])
    for name in NAMES:
        assert type(second[name]) is type(first[name])
        np.testing.assert_array_equal(
            first[name].score_samples(train), second[name].score_samples(train)
        )


def test_those_of_other_bins_seeds_or_settings_are_not_taken(run, train, monkeypatch):
    rivals.rivals_of(run, NAMES, train, 5)

    def kept(bins, seed):
        return set(rivals.kept_rivals(run.baselines, NAMES, bins, seed))

    other = train.activity.copy()
    other[17, 3] ^= 1
    assert kept(train, 5) == set(NAMES)
    assert kept(Recording(other), 5) == set()
    assert kept(train.select(bins=np.arange(399)), 5) == set()
    assert kept(train, 6) == {"independent"}  # it draws nothing
    monkeypatch.setattr(rivals, "_unfitted", lambda name, seed: popcode.Pairwise(prior_sd=2.0))
    assert kept(train, 5) == set()


def test_new_bins_replace_those_of_the_former_ones(run, train):
    rivals.rivals_of(run, NAMES, train, 5)
    fewer = train.select(bins=np.arange(300))
    rivals.rivals_of(run, NAMES[:2], fewer, 5)
    assert set(rivals.kept_rivals(run.baselines, NAMES, fewer, 5)) == set(NAMES[:2])
    # The third is still that of the former bins, and says so.
    assert set(rivals.kept_rivals(run.baselines, NAMES, train, 5)) == {"k_pairwise"}


@pytest.mark.parametrize("damage", ["cut", "gone", "swapped", "sources"])
def test_a_damaged_one_is_fitted_again(run, train, damage):
    whole = rivals.rivals_of(run, NAMES, train, 5)["pairwise"].couplings_
    path = run.baselines / "pairwise.safetensors"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "gone":
        path.unlink()
    elif damage == "swapped":
        path.write_bytes((run.baselines / "k_pairwise.safetensors").read_bytes())
    else:
        (run.baselines / "sources.json").write_text("[1,")
    again = rivals.rivals_of(run, NAMES, train, 5)["pairwise"].couplings_
    np.testing.assert_array_equal(again, whole)
    assert set(rivals.kept_rivals(run.baselines, NAMES, train, 5)) == set(NAMES)


def test_an_interrupted_baseline_costs_itself_alone(cli, source, tmp_path, judged, monkeypatch):
    run = tmp_path / "run"
    asked = (*FIT, "--baselines", "pairwise,k-pairwise")
    with monkeypatch.context() as patched:
        patched.setattr(
            "popcode.baselines.KPairwise.fit",
            lambda *_args, tell: [os.kill(os.getpid(), signal.SIGINT), tell(1)],
        )
        outcome = cli("fit", "rbm", source, "--out", run, *asked)
    assert outcome.code == 130
    assert outcome.message.endswith(f"Go on with: popcode resume {run}")
    assert not (run / "metrics.json").exists()
    files = [run / "model.safetensors", run / "baselines" / "pairwise.safetensors"]
    before = [file.read_bytes() for file in files]
    outcome = cli("resume", run)
    assert outcome.code == 0, outcome.err
    assert "no update left to make" in outcome.err and "training:" not in outcome.err
    assert "fitting K-pairwise" in outcome.err
    assert "fitting pairwise" not in outcome.err
    assert [file.read_bytes() for file in files] == before
    assert list(judged[0][0]) == list(NAMES)
    assert json.loads((run / "run.json").read_text())["finished"]


def test_evaluate_fits_what_is_asked_for_and_missing_and_remembers_it(
    cli, source, tmp_path, judged, forbidden
):
    run, other = tmp_path / "run", tmp_path / "other.npz"
    assert cli("fit", "rbm", source, "--out", run, *FIT, "--baselines", "none").code == 0
    assert cli("evaluate", run, "--baselines", "pairwise").code == 0
    forbidden()
    assert cli("evaluate", run).code == 0
    popcode.save(popcode.load(source).select(bins=np.arange(200)), other)
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}
    assert cli("evaluate", run, "--on", other).code == 0
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()} == before
    assert [list(given) for given, *_ in judged] == [["independent"]] + [list(NAMES[:2])] * 3
    assert [n_test for _, _, n_test, _ in judged] == [120, 120, 120, 200]
    outcome = cli("evaluate", run, "--baselines", "ising")
    assert outcome.code == 2 and "--baselines names 'ising'" in outcome.message


def test_a_compositional_run_has_none(cli, whole):
    outcome = cli("evaluate", whole, "--baselines", "pairwise")
    assert outcome.code == 2
    assert "--baselines does nothing for a run of popcode fit crbm" in outcome.message
    assert json.loads((whole / "metrics.json").read_text())["equilibrium"] is None


def test_a_run_with_baselines_can_be_replaced(cli, source, tmp_path, judged):
    run = tmp_path / "run"
    assert cli("fit", "rbm", source, "--out", run, *FIT).code == 0
    outcome = cli("fit", "rbm", source, "--out", run, *FIT, "--force")
    assert outcome.code == 0, outcome.err
    assert "for the baselines" in outcome.err
