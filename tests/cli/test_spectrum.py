"""``popcode spectrum``: its folder, its page, and how it is gone on with."""

import json
import os
import signal

import numpy as np
import pytest

from popcode import Recording, save
from popcode.cli import spectrum_parts


def walking(n_bins, n_neurons, seed):
    """Neurons that share a few slow courses."""
    rng = np.random.default_rng(seed)
    modes = np.zeros((n_bins, 12))
    for t in range(1, n_bins):
        modes[t] = 0.9 * modes[t - 1] + rng.standard_normal(12)
    weights = rng.standard_normal((12, n_neurons)) / np.sqrt(np.arange(1, 13))[:, None]
    return (modes @ weights + rng.standard_normal((n_bins, n_neurons))).astype(np.float32)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Fewer resamples than a user gets."""
    monkeypatch.setattr(spectrum_parts, "N_RESAMPLES", 10)
    monkeypatch.setattr(spectrum_parts, "N_CONTROLS", 2)
    monkeypatch.setattr(spectrum_parts, "DMD_RESAMPLES", 5)


@pytest.fixture
def path(tmp_path):
    recording = Recording(walking(1500, 40, 1), kind="rate", bin_s=0.05)
    save(recording, tmp_path / "rec.npz")
    return tmp_path / "rec.npz"


def metrics_of(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics.pop("training")["seconds"] >= 0
    return metrics


def test_a_run_holds_its_numbers_and_its_page(cli, tmp_path, path):
    run = tmp_path / "run"
    outcome = cli("spectrum", path, "--out", run, "--ranks", "3-10")
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines()[-2:] == [str(run), str(run / "report.html")]
    assert json.loads((run / "run.json").read_text())["finished"] is True
    metrics = metrics_of(run)
    found = metrics["exponents"]["svca2"]
    assert found["low"] < found["value"] < found["high"]
    assert found["ranks"] == [3, 10]
    assert metrics["shuffled"]["svca2"]["ranks"] == [3, 10]
    assert metrics["timescales"]["unit"] == "s"
    assert metrics["dmd"]["lag_s"] == pytest.approx(0.25)
    assert metrics["verdict"]["sentence"] in outcome.out
    page = (run / "report.html").read_text()
    for text in ("The verdict", "Timescales", "Dynamics", "network size", "neurons shifted"):
        assert text in page
    assert "http" not in page.replace("http-equiv", "")


def test_trials_too_short_for_timescales_are_null_with_the_reason(cli, tmp_path):
    starts = np.arange(0, 1500, 5)
    recording = Recording(walking(1500, 40, 1), kind="rate", segment_starts=starts)
    save(recording, tmp_path / "trials.npz")
    run = tmp_path / "run"
    outcome = cli("spectrum", tmp_path / "trials.npz", "--out", run, "--ranks", "3-10")
    assert outcome.code == 0, outcome.err
    metrics = metrics_of(run)
    assert metrics["timescales"] is None
    assert metrics["dmd"] is None
    assert "longest contiguous stretch is 5 bins" in metrics["reasons"]["timescales"]
    assert "No timescales" in (run / "report.html").read_text()


def test_an_interrupted_run_is_gone_on_with_to_the_same_numbers(cli, tmp_path, path, monkeypatch):
    whole, run, made = tmp_path / "whole", tmp_path / "run", []
    options = ("--ranks", "3-10")
    assert cli("spectrum", path, "--out", whole, *options).code == 0
    parts = dict(spectrum_parts.PARTS)

    def interrupted(*arguments):
        made.append(arguments)
        os.kill(os.getpid(), signal.SIGINT)
        return parts["direct"](*arguments)

    with monkeypatch.context() as patched:
        patched.setitem(spectrum_parts.PARTS, "direct", interrupted)
        outcome = cli("spectrum", path, "--out", run, *options)
    assert outcome.code == 130
    assert "popcode resume" in outcome.err
    assert len(made) == 1
    assert cli("resume", run).code == 0
    assert metrics_of(run) == metrics_of(whole)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--ranks", "11"), "--ranks is '11'"),
        (("--network-neurons", "3"), "--network-neurons is 3"),
        (("--seed", "-1"), "--seed is -1"),
    ],
)
def test_impossible_options_are_refused_by_name(cli, tmp_path, path, options, told):
    outcome = cli("spectrum", path, "--out", tmp_path / "run", *options)
    assert outcome.code == 2
    assert told in outcome.err
    assert not (tmp_path / "run").exists()


def test_the_page_is_drawn_again(cli, tmp_path, path):
    run = tmp_path / "run"
    assert cli("spectrum", path, "--out", run, "--ranks", "3-10").code == 0
    (run / "report.html").unlink()
    assert cli("report", run).code == 0
    assert (run / "report.html").exists()
