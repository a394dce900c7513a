"""Interrupted, terminated or killed: what was done is kept, and resuming gives the same bits."""

import os
import signal
import time

import numpy as np
import pytest

from popcode.rbm.checkpoint import read_checkpoint

FIT = ("--hidden", "5", "--l1", "0.002")
LONG = (*FIT, "--updates", "2000")


@pytest.fixture(scope="module")
def long_run(tmp_path_factory, source):
    """A whole fit that is long enough to be interrupted."""
    from popcode.cli import main

    run = tmp_path_factory.mktemp("long") / "run"
    assert main.run(["fit", "crbm", str(source), "--out", str(run), *LONG]) == 0
    return run


def wait_for(path, process, at_most_s=60):
    end = time.monotonic() + at_most_s
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


def checkpoint(run):
    return run / "checkpoint" / "state.safetensors"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_in_training_writes_a_checkpoint(
    start, cli, source, tmp_path, long_run, content, name
):
    run = tmp_path / "run"
    process = start("fit", "crbm", source, "--out", run, *LONG, checkpoint_every_s=0.05)
    wait_for(checkpoint(run), process)
    before, _, _ = read_checkpoint(checkpoint(run))
    began = time.monotonic()
    process.send_signal(getattr(signal, name))
    out, err = process.communicate()
    assert process.returncode == 130, err
    assert time.monotonic() - began < 5
    assert out == ""
    assert err.splitlines()[-1] == (
        f"Interrupted; kept up to the last checkpoint. Go on with: popcode resume {run}"
    )
    assert "Traceback" not in err
    state, _, _ = read_checkpoint(checkpoint(run))
    assert before.update <= state.update < 2000
    outcome = cli("resume", run)
    assert outcome.code == 0
    assert f"going on from update {state.update:,} of 2,000" in outcome.err
    assert content(run) == content(long_run)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("popcode.cli.preparation.read", "SIGTERM"),
        ("popcode.rbm.fitting.choose_penalty", "SIGINT"),
        ("popcode.rbm.fitting.finish_fit", "SIGTERM"),
        ("popcode.metrics.judge", "SIGINT"),
    ],
)
def test_a_signal_anywhere_else_keeps_what_is_there(
    cli, source, tmp_path, whole, content, monkeypatch, place, name
):
    run = tmp_path / "run"

    def interrupted(*_args, **_options):
        os.kill(os.getpid(), getattr(signal, name))
        time.sleep(5)

    options = ("--hidden", "5", "--updates", "200")
    l1 = () if "penalty" in place else ("--l1", "0.002")
    with monkeypatch.context() as patched:
        patched.setattr(place, interrupted)
        outcome = cli("fit", "crbm", source, "--out", run, *options, *l1)
    assert outcome.code == 130
    assert outcome.message.endswith(f"Go on with: popcode resume {run}")
    assert cli("resume", run).code == 0
    if l1:
        assert content(run) == content(whole)


def test_an_interrupted_evaluation_leaves_the_model_and_only_evaluates_when_resumed(
    cli, source, tmp_path, whole, content, monkeypatch
):
    run = tmp_path / "run"

    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("popcode.metrics.judge", interrupted)
        assert cli("fit", "crbm", source, "--out", run, *FIT, "--updates", "200").code == 130
    assert (run / "model.safetensors").exists()
    assert not (run / "metrics.json").exists()
    outcome = cli("resume", run)
    assert outcome.code == 0
    assert "training:" not in outcome.err
    assert "no update left to make" in outcome.err
    assert content(run) == content(whole)


def test_a_second_ctrl_c_still_says_how_to_go_on(cli, source, tmp_path, monkeypatch):
    run = tmp_path / "run"

    def twice(*_args):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(
        "popcode.cli.compositional_runs.CompositionalRuns.watched", lambda *_: twice() or {}
    )
    outcome = cli("fit", "crbm", source, "--out", run, *FIT, "--updates", "200")
    assert outcome.code == 130
    assert outcome.message.endswith(f"Go on with: popcode resume {run}")


def test_a_log_that_cannot_be_written_does_not_end_a_fit(start, source, tmp_path, whole, content):
    read_end, write_end = os.pipe()
    os.close(read_end)
    run = tmp_path / "run"
    with os.fdopen(write_end, "w") as gone:
        options = (*FIT, "--updates", "200")
        process = start("fit", "crbm", source, "--out", run, *options, stderr=gone)
        process.communicate()
    assert process.returncode == 0
    assert content(run) == content(whole)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no way to choose processors")
@pytest.mark.parametrize("n_processors", [1, 2])
def test_killed_fits_resume_to_the_same_bits(
    start, source, tmp_path, long_run, content, n_processors
):
    """The bits of `long_run`, too, which had every processor: threads do not matter."""
    rng = np.random.default_rng(n_processors)
    for k in range(2):
        run = tmp_path / f"run_{k}"
        how = {"n_processors": n_processors, "checkpoint_every_s": 0.05}
        process = start("fit", "crbm", source, "--out", run, *LONG, **how)
        wait_for(checkpoint(run) if k else run / "run.json", process)
        time.sleep(rng.uniform(0, 1.0))
        process.kill()
        process.communicate()
        resumed = start("resume", run, **how)
        _, err = resumed.communicate()
        assert resumed.returncode == 0, err
        assert content(run) == content(long_run)
