"""``popcode compare RUN RUN``: finished runs of the same bins, and those of others refused."""

import json
import shutil

import numpy as np
import pytest

import popcode
from popcode.cli import compare_runs, main


@pytest.fixture(autouse=True, scope="module")
def little_effort():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("popcode.metrics.comparison.MIN_SAMPLES", 300)
        for module in ("comparison", "rbm_contenders"):
            patched.setattr(f"popcode.metrics.{module}.BURN_IN", 20)
        yield


@pytest.fixture(scope="module")
def runs(tmp_path_factory, source):
    """Finished runs of the same bins, not to be changed."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("glm", "pca", "independent"):
        hidden = ("--hidden", "4") if name == "pca" else ()
        assert main.run(["fit", name, str(source), "--out", str(folder / name), *hidden]) == 0
    return folder


@pytest.fixture
def fitted(cli, source, tmp_path):
    """A run of independent neurons with other options."""

    def call(*options, of=source):
        run = tmp_path / "other"
        assert cli("fit", "independent", of, "--out", run, *options).code == 0
        return run

    return call


def test_runs_of_every_kind_stand_in_one_table_and_page(cli, runs, whole, tmp_path):
    out = tmp_path / "comparison"
    found = cli("compare", runs / "glm", runs / "pca", whole, "--out", out)
    assert found.code == 0, found.err
    for title in ("glm: GLM", "pca: PCA", "run: compositional RBM", "bound: perfect"):
        assert title in found.out
    kept = json.loads((out / "comparison.json").read_text())
    assert list(kept["models"]) == ["glm", "pca", "run"]
    own = json.loads((runs / "glm" / "metrics.json").read_text())
    # Judged with the seed of the run, on the bins of the run: the same numbers.
    assert kept["models"]["glm"]["co_smoothing"] == own["co_smoothing"]
    assert kept["models"]["glm"]["seconds"] == own["training"]["seconds"]
    assert kept["bounds"] == own["bounds"]
    page = (out / "comparison.html").read_text()
    assert str(runs / "glm") in page and "settings of its own run" in page


def test_a_second_call_judges_nothing_again(cli, runs, tmp_path, monkeypatch):
    call = ("compare", runs / "glm", runs / "independent", "--out", tmp_path / "comparison")
    first = cli(*call)

    def again(*_args):
        raise AssertionError("judged again")

    monkeypatch.setattr(compare_runs, "judged", again)
    assert cli(*call).out == first.out
    other = cli("compare", runs / "glm", runs / "pca", "--out", tmp_path / "comparison")
    assert other.code == 2 and "nothing was changed" in other.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--split", "blocked"), "--split blocked and not matched"),
        (("--holdout", "0.2"), "--holdout 0.2 and not 0.3"),
        (("--bin-s", "0.04"), "--bin-s 0.04 and not None"),
    ],
)
def test_other_bins_are_refused_with_what_differs(cli, runs, fitted, options, message):
    refused = cli("compare", runs / "glm", fitted(*options))
    assert refused.code == 2 and message in refused.message


def test_a_seed_that_changes_no_bin_changes_nothing(cli, runs, fitted):
    # The matched split does not depend on the seed.
    assert cli("compare", runs / "glm", fitted("--seed", "5")).code == 0


def test_another_recording_is_refused(cli, runs, fitted, tmp_path, activity):
    path = tmp_path / "another.npz"
    popcode.save(popcode.Recording(np.roll(activity, 1, axis=0), bin_s=0.02), path)
    refused = cli("compare", runs / "glm", fitted(of=path))
    assert refused.code == 2 and "fitted to another recording" in refused.message
    assert str(path) in refused.message


def test_a_recording_that_changed_is_refused(cli, source, tmp_path, activity):
    path = tmp_path / "copy.npz"
    shutil.copy(source, path)
    for name in ("a", "b"):
        assert cli("fit", "independent", path, "--out", tmp_path / name).code == 0
    popcode.save(popcode.Recording(1 - activity, bin_s=0.02), path)
    refused = cli("compare", tmp_path / "a", tmp_path / "b")
    assert refused.code == 2 and "its content has changed" in refused.message


def test_runs_that_cannot_be_judged_are_refused(cli, runs, fitted):
    run = fitted("--holdout", "0")
    assert "withheld no bins" in cli("compare", runs / "glm", run).message
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"finished": False}))
    assert "is not finished" in cli("compare", runs / "glm", run).message


def test_what_is_neither_a_recording_nor_runs_is_refused(cli, runs, source):
    for inputs, message in (
        ((), "no input is named"),
        ((runs / "glm",), "one run alone"),
        ((runs / "glm", runs / "glm"), "a run twice"),
        ((runs / "glm", source), f"{source} is no run"),
        ((source, source), "is no run"),
        ((runs / "glm", runs / "pca", "--models", "glm"), "do nothing for runs"),
        ((runs / "glm", runs / "pca", "--hidden", "5"), "do nothing for runs"),
    ):
        refused = cli("compare", *inputs)
        assert refused.code == 2 and message in refused.message, inputs


def test_runs_of_one_name_are_told_apart_by_their_paths(cli, runs, tmp_path):
    shutil.copytree(runs / "pca", tmp_path / "glm")
    found = cli("compare", runs / "glm", tmp_path / "glm")
    assert found.code == 0 and f"{tmp_path / 'glm'}: PCA" in found.out
