"""`popcode report`, and the page that a fit ends with."""

import re
import shutil

import numpy as np
import pytest

FIT = ("--hidden", "3", "--l1", "0.002", "--updates", "20")


@pytest.fixture
def run(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "run")


def without_date(run):
    text = (run / "report.html").read_text(encoding="utf-8")
    return re.sub(r"Made on [^<]+", "", text).replace(str(run), "RUN")


def test_a_fit_ends_with_its_page(whole):
    text = (whole / "report.html").read_text(encoding="utf-8")
    assert "400 bins × 40 neurons" in text
    assert "neuron 7 (id 107)" in text  # silent
    assert 'id="assembly-0-' in text


def test_the_page_is_drawn_again_the_same(cli, run, whole):
    before = without_date(whole)
    (run / "report.html").unlink()
    outcome = cli("report", run)
    assert outcome.code == 0
    assert outcome.out == f"{run / 'report.html'}\n"
    assert without_date(run) == before


def test_evaluating_draws_the_page_anew(cli, run):
    (run / "report.html").unlink()
    assert cli("evaluate", run).code == 0
    assert (run / "report.html").exists()


def test_a_run_whose_input_is_gone_has_a_page(cli, tmp_path, activity):
    path, run = tmp_path / "counts.npy", tmp_path / "run"
    np.save(path, activity * 2)
    assert cli("fit", "crbm", path, "--out", run, *FIT, "--holdout", "0").code == 0
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "Counts were made binary" in text
    assert "No bins were held out" in text
    path.unlink()
    outcome = cli("report", run)
    assert outcome.code == 0
    assert "note: the report is drawn without the recording" in outcome.err
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "is not there, or not as it was" in text
    assert not (run / "counts.npy").exists()


def test_a_run_without_evidence_says_how_to_make_it(cli, run):
    (run / "evaluation.npz").unlink(missing_ok=True)
    assert cli("report", run).code == 0
    assert f"popcode evaluate {run}" in (run / "report.html").read_text(encoding="utf-8")


def test_damaged_parts_are_said_in_their_section(cli, run):
    (run / "metrics.json").write_text("{")
    (run / "history.csv").write_text("update\nx\n")
    (run / "evaluation.npz").write_bytes(b"none")
    assert cli("report", run).code == 0
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "The metrics of the run cannot be read" in text
    assert "The record of the training cannot be read" in text


def test_a_run_without_a_model_is_refused(cli, run, tmp_path):
    (run / "model.safetensors").unlink()
    outcome = cli("report", run)
    assert outcome.code == 2
    assert "the run has no model yet" in outcome.message
    assert cli("report", tmp_path).code == 2
