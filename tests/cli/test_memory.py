"""``popcode memory``: its folder, its page, and how it is gone on with."""

import json
import os
import signal

import numpy as np
import pytest

from popcode.dynamics.memory import study
from popcode.dynamics.memory.protocol import published_protocol

SMALL = ("--task", "binary", "--neurons", "200", "--networks", "symmetric", "--seeds", "2")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """The published protocol with few runs of few stimuli in short intervals."""

    def protocol_of(preset, _task):
        return published_protocol(preset, 0.6, 3)._replace(n_runs=8)

    for module in ("study", "summary"):
        monkeypatch.setattr(f"popcode.dynamics.memory.{module}.protocol_of", protocol_of)


def metrics_of(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics.pop("training")["seconds"] >= 0
    return metrics


@pytest.fixture
def whole(cli, tmp_path):
    run = tmp_path / "whole"
    assert cli("memory", "--out", run, *SMALL).code == 0
    return run


def test_a_run_holds_its_curves_and_its_page(cli, tmp_path):
    run = tmp_path / "run"
    outcome = cli("memory", "--out", run, *SMALL[2:], "--task", "all")
    assert outcome.code == 0, outcome.err
    assert "plan: " in outcome.err
    assert outcome.out.splitlines()[-2:] == [str(run), str(run / "report.html")]
    record = json.loads((run / "run.json").read_text())
    assert record["finished"] is True
    assert record["parameters"]["model"] == "memory"
    tasks = metrics_of(run)["memory"]
    assert list(tasks) == ["binary", "zero-shot", "subspace"]
    curve = tasks["binary"]["networks"]["symmetric-200"]["known"]
    assert len(curve["accuracy"]) == len(tasks["binary"]["delays_s"]) == 4
    assert all(low <= value <= high for low, value, high in zip(
        curve["low"], curve["accuracy"], curve["high"], strict=True))  # fmt: skip
    page = (run / "report.html").read_text()
    for text in (
        "Task: binary",
        "Task: zero-shot",
        "symmetric, 200",
        "half-decay",
        "chance is 1/2",
    ):
        assert text in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("again", ["resume", "memory"])
def test_an_interrupted_run_is_gone_on_with_to_the_same_numbers(
    cli, tmp_path, whole, monkeypatch, again
):
    run, made = tmp_path / "run", []

    def interrupted(*arguments):
        if len(made) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        made.append(arguments)
        return run_piece(*arguments)

    run_piece = study.run_piece
    with monkeypatch.context() as patched:
        patched.setattr("popcode.dynamics.memory.study.run_piece", interrupted)
        outcome = cli("memory", "--out", run, *SMALL)
    assert outcome.code == 130
    assert outcome.message == (
        f"Interrupted; every finished network is kept. Go on with: popcode resume {run}"
    )
    assert len(list((run / "checkpoint").glob("symmetric*.json"))) == 2
    outcome = cli("resume", run) if again == "resume" else cli("memory", "--out", run, *SMALL)
    assert outcome.code == 0, outcome.err
    assert metrics_of(run) == metrics_of(whole)


def test_a_finished_run_is_left_alone_and_another_is_refused(cli, whole):
    before = (whole / "metrics.json").read_bytes()
    for outcome in (cli("memory", "--out", whole, *SMALL), cli("resume", whole)):
        assert outcome.code == 0
        assert "is finished: nothing is left to do" in outcome.err
    outcome = cli("memory", "--out", whole, *SMALL, "--seed", "5")
    assert outcome.code == 2
    assert "holds a run; nothing was changed" in outcome.message
    assert "has no --updates" in cli("resume", whole, "--updates", "7").message
    assert (whole / "metrics.json").read_bytes() == before


def test_force_replaces_a_run_and_a_refused_one_leaves_it(cli, whole, monkeypatch):
    before = metrics_of(whole)
    with monkeypatch.context() as patched:
        patched.setattr("popcode.dynamics.memory.study.bytes_expected", lambda *_: 2**60)
        outcome = cli("memory", "--out", whole, *SMALL, "--seed", "5", "--force")
    assert outcome.code == 2
    assert "GiB of memory" in outcome.message
    assert metrics_of(whole) == before
    assert cli("memory", "--out", whole, *SMALL, "--seed", "5", "--force").code == 0
    assert metrics_of(whole) != before


def test_the_page_is_drawn_again(cli, whole, tmp_path):
    (whole / "report.html").unlink()
    outcome = cli("report", whole)
    assert outcome.code == 0
    assert outcome.out == f"{whole / 'report.html'}\n"
    (whole / "metrics.json").unlink()
    assert "popcode resume" in cli("report", whole).message


def test_a_damaged_piece_is_made_again(cli, whole):
    before = metrics_of(whole)
    (whole / "checkpoint" / "symmetric-200-binary-1.json").write_text("{")
    (whole / "metrics.json").unlink()
    assert cli("resume", whole).code == 0
    assert metrics_of(whole) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--networks", "symmetric,torus"), "--networks names 'torus'"),
        (("--neurons", "20"), "--neurons is 20"),
        (("--seeds", "0"), "--seeds is 0"),
        (("--seed", "-1"), "--seed is -1"),
        (("--task", "recall"), "recall"),
    ],
)
def test_impossible_options_are_refused_by_name(cli, tmp_path, options, message):
    outcome = cli("memory", "--out", tmp_path / "run", *options)
    assert outcome.code == 2
    assert message in outcome.err
    assert not (tmp_path / "run").exists()


def test_networks_that_need_a_matrix_are_compared_at_their_size(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("popcode.dynamics.memory.study.MOST_NEURONS_OF_A_MATRIX", 120)
    run = tmp_path / "run"
    options = ("--task", "binary", "--neurons", "200", "--seeds", "1")
    assert cli("memory", "--out", run, *options).code == 0
    networks = metrics_of(run)["memory"]["binary"]["networks"]
    assert list(networks) == ["symmetric-200", "symmetric-120", "nonsymmetric-120", "echo-120"]
    for network in networks.values():
        assert np.isfinite(network["known"]["accuracy"]).all()
        assert network["known"]["low"] == [None] * 4  # one network has no interval
        assert network["known"]["noiseless"] is not None
