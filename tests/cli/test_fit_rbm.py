"""``popcode fit rbm``: from a file to its folder and page, and to the same bits when resumed."""

import contextlib
import io
import json
import os
import signal

import numpy as np
import pytest

import popcode
from popcode.cli import main
from popcode.metrics.equilibrium import EquilibriumEvidence, read_equilibrium
from popcode.rbm.pcd.checkpoint import read_pcd_checkpoint
from popcode.recording import Recording

FIT = ("--hidden", "4", "--updates", "800", "--chains", "60", "--learning-rate", "0.03")
UNSCORED = (*FIT, "--holdout", "0")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    rng = np.random.default_rng(0)
    shared = rng.random((1500, 2)) < 0.3
    rates = np.where(np.repeat(shared, 10, axis=1), 0.5, 0.05)
    activity = (rng.random(rates.shape) < rates).astype(np.uint8)
    recording = Recording(
        activity,
        bin_s=0.02,
        neurons={"id": np.arange(20), "region": ["VISp"] * 10 + ["CA1"] * 10},
    )
    path = tmp_path_factory.mktemp("session") / "session.npz"
    popcode.save(recording, path)
    return path


@pytest.fixture(scope="module")
def judged(tmp_path_factory, source):
    """A run held against the pairwise model, and what was said of it; not to be changed."""
    run = tmp_path_factory.mktemp("judged") / "run"
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(said):
        # Twenty neurons need no more.
        for bound in ("_MOST", "_LEAST"):
            patched.setattr(f"popcode.baselines.effort.{bound}", (500, 500, 200))
        assert main.run(["fit", "rbm", str(source), "--out", str(run), *FIT]) == 0
    return run, said.getvalue()


def test_a_fit_leaves_all_that_a_run_holds(judged):
    run, _ = judged
    record = json.loads((run / "run.json").read_text())
    assert record["finished"] is True
    assert record["parameters"]["model"] == "rbm"
    metrics = json.loads((run / "metrics.json").read_text())
    found = metrics["log_likelihood"]
    # Two groups that share a source: .9 nats a bin or more are there to be gained.
    assert found["test"] > found["independent"] + 0.3
    assert found["standard_error"] < 0.05
    page = (run / "report.html").read_text()
    for section in ("Likelihood", "Effective couplings", "Bernoulli RBM", "Couplings by area"):
        assert section in page
    model = popcode.load_model(run)
    couplings = model.couplings()
    within = couplings[:10, :10][np.triu_indices(10, 1)].mean()
    assert within > 5 * abs(couplings[:10, 10:].mean())


def test_the_model_is_held_against_its_baselines(judged):
    run, said = judged
    metrics = json.loads((run / "metrics.json").read_text())
    found = metrics["equilibrium"]
    gains = found["comparison"]
    assert gains["independent"]["mean"] == pytest.approx(
        metrics["log_likelihood"]["test"] - metrics["log_likelihood"]["independent"], abs=0.05
    )
    # Twenty neurons with a common source: more than pairs can say, less than all.
    assert 0 < gains["pairwise"]["low"] < gains["independent"]["mean"]
    for name in ("independent", "pairwise"):
        saved = popcode.load_model(run / "baselines" / f"{name}.safetensors")
        assert type(saved).__name__.lower() == name
    assert isinstance(read_equilibrium(run / "equilibrium.npz"), EquilibriumEvidence)
    for line in ("gain over pairwise", "triplets", "KL of P(K)", "relaxation"):
        assert line in said


def test_nothing_held_out_is_held_against_nothing(cli, source, tmp_path):
    run = tmp_path / "run"
    outcome = cli("fit", "rbm", source, "--out", run, *UNSCORED)
    assert outcome.code == 0, outcome.err
    assert json.loads((run / "metrics.json").read_text())["equilibrium"] is None
    assert not (run / "baselines").exists() and not (run / "equilibrium.npz").exists()
    assert "baselines" not in outcome.err and "No bins were held out" in outcome.out


def test_an_interrupted_fit_goes_on_to_the_same_bits(cli, source, tmp_path, monkeypatch):
    whole, run = tmp_path / "whole", tmp_path / "run"
    assert cli("fit", "rbm", source, "--out", whole, *UNSCORED).code == 0
    watched = "popcode.cli.bernoulli_runs.BernoulliRuns.watched"
    with monkeypatch.context() as patched:
        patched.setattr(watched, lambda *_: os.kill(os.getpid(), signal.SIGINT) or {})
        assert cli("fit", "rbm", source, "--out", run, *UNSCORED).code == 130
    saved = read_pcd_checkpoint(run / "checkpoint" / "state.safetensors")
    assert 0 < saved.state.update < 800
    outcome = cli("resume", run)
    assert outcome.code == 0
    assert f"going on from update {saved.state.update}" in outcome.err
    first, second = popcode.load_model(whole), popcode.load_model(run)
    for name in ("weights_", "fields_", "hidden_fields_"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    assert np.array_equal(first.ladder_.chains, second.ladder_.chains)
    assert (run / "history.csv").read_bytes() == (whole / "history.csv").read_bytes()


def test_couplings_are_written_with_their_areas(cli, judged, tmp_path):
    run, out = judged[0], tmp_path / "couplings.npz"
    outcome = cli("couplings", run, "--out", out, "--by", "region", "--null", "50")
    assert outcome.code == 0, outcome.err
    with np.load(out, allow_pickle=False) as found:
        assert found["couplings"].shape == (20, 20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--hidden", "0"), "--hidden is 0"),
        (("--optimizer", "newton"), "--optimizer is 'newton'"),
        (("--chain-start", "cold"), "--chain-start is 'cold'"),
        (("--device", "cuda"), "fitted on the processor"),
        (("--chains", "3"), "chains"),
        (("--baselines", "pairwise,triple"), "--baselines names 'triple'"),
    ],
)
def test_impossible_options_are_named_as_typed(cli, source, tmp_path, options, message):
    outcome = cli("fit", "rbm", source, "--out", tmp_path / "run", *options)
    assert outcome.code == 2
    assert message in outcome.message
    assert not (tmp_path / "run").exists()


def test_a_damaged_checkpoint_is_told(cli, source, tmp_path):
    run = tmp_path / "run"
    assert cli("fit", "rbm", source, "--out", run, *UNSCORED).code == 0
    (run / "model.safetensors").unlink()
    checkpoint = run / "checkpoint" / "state.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    outcome = cli("resume", run)
    assert outcome.code == 2
    assert "not a whole checkpoint" in outcome.message
