"""``popcode fit rbm``: from a file to its folder and page, and to the same bits when resumed."""

import json
import os
import signal

import numpy as np
import pytest

import popcode
from popcode.rbm.pcd.checkpoint import read_pcd_checkpoint
from popcode.recording import Recording

FIT = ("--hidden", "4", "--updates", "800", "--chains", "60", "--learning-rate", "0.03")


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(0)
    shared = rng.random((1500, 2)) < 0.3
    rates = np.where(np.repeat(shared, 10, axis=1), 0.5, 0.05)
    activity = (rng.random(rates.shape) < rates).astype(np.uint8)
    recording = Recording(
        activity,
        bin_s=0.02,
        neurons={"id": np.arange(20), "region": ["VISp"] * 10 + ["CA1"] * 10},
    )
    path = tmp_path / "session.npz"
    popcode.save(recording, path)
    return path


def test_a_fit_leaves_all_that_a_run_holds(cli, source, tmp_path):
    run = tmp_path / "run"
    outcome = cli("fit", "rbm", source, "--out", run, *FIT)
    assert outcome.code == 0, outcome.err
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


def test_an_interrupted_fit_goes_on_to_the_same_bits(cli, source, tmp_path, monkeypatch):
    whole, run = tmp_path / "whole", tmp_path / "run"
    assert cli("fit", "rbm", source, "--out", whole, *FIT).code == 0
    watched = "popcode.cli.bernoulli_runs.BernoulliRuns.watched"
    with monkeypatch.context() as patched:
        patched.setattr(watched, lambda *_: os.kill(os.getpid(), signal.SIGINT) or {})
        assert cli("fit", "rbm", source, "--out", run, *FIT).code == 130
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


def test_couplings_are_written_with_their_areas(cli, source, tmp_path):
    run, out = tmp_path / "run", tmp_path / "couplings.npz"
    assert cli("fit", "rbm", source, "--out", run, *FIT).code == 0
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
    ],
)
def test_impossible_options_are_named_as_typed(cli, source, tmp_path, options, message):
    outcome = cli("fit", "rbm", source, "--out", tmp_path / "run", *options)
    assert outcome.code == 2
    assert message in outcome.message
    assert not (tmp_path / "run").exists()


def test_a_damaged_checkpoint_is_told(cli, source, tmp_path):
    run = tmp_path / "run"
    assert cli("fit", "rbm", source, "--out", run, *FIT).code == 0
    (run / "model.safetensors").unlink()
    checkpoint = run / "checkpoint" / "state.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    outcome = cli("resume", run)
    assert outcome.code == 2
    assert "not a whole checkpoint" in outcome.message
