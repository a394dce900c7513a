"""``popcode compare``: a table, a page, and no model fitted twice."""

import json

import numpy as np
import pytest

from popcode.baselines import load_any_baseline
from popcode.cli import contest
from popcode.cli.contenders import NAMES
from popcode.errors import InputError

QUICK = ("--hidden", "4", "--updates", "120")
CHEAP = "independent,glm,pca,nmf,kmeans"


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    monkeypatch.setattr("popcode.baselines.effort._MOST", (30, 50, 20))
    monkeypatch.setattr("popcode.baselines.effort._LEAST", (30, 50, 20))
    monkeypatch.setattr("popcode.metrics.comparison.MIN_SAMPLES", 300)
    for module in ("comparison", "rbm_contenders"):
        monkeypatch.setattr(f"popcode.metrics.{module}.BURN_IN", 20)


@pytest.fixture
def forbidden(monkeypatch):
    """Fitting fails from when this is called."""

    def forbid():
        def again(*_args, **_options):
            raise AssertionError("fitted again")

        monkeypatch.setattr(contest, "fitted", again)

    return forbid


def test_every_model_is_fitted_once_and_judged(cli, source, tmp_path, forbidden):
    out = tmp_path / "comparison"
    first = cli("compare", source, "--out", out, *QUICK)
    assert first.code == 0, first.err
    found = json.loads((out / "comparison.json").read_text())
    assert tuple(found["models"]) == NAMES
    for name, each in found["models"].items():
        assert each["seconds"] >= 0 and each["n_parameters"] > 0, name
        assert np.isfinite(each["co_smoothing"]["bits_per_spike"])
    assert "bound: perfect" in first.out and "do not generate: GLM, NMF, PCA" in first.out
    assert "compositional RBM" in (out / "comparison.html").read_text()
    assert load_any_baseline(out / "results" / "glm.safetensors").n_features_in_ == 40
    forbidden()
    second = cli("compare", source, "--out", out, *QUICK)
    assert second.code == 0 and second.out == first.out


def test_a_fit_that_was_kept_is_judged_without_another(cli, source, tmp_path, forbidden):
    out = tmp_path / "comparison"
    whole = cli("compare", source, "--out", out, "--models", "glm")
    kept = out / "results" / "glm.json"
    result = json.loads(kept.read_text())
    kept.write_text(json.dumps({k: result[k] for k in ("seconds", "cpu_seconds", "settings")}))
    forbidden()
    assert cli("compare", source, "--out", out, "--models", "glm").out == whole.out
    assert json.loads(kept.read_text()) == result


def test_other_options_and_other_inputs_are_refused(cli, source, tmp_path):
    out = tmp_path / "comparison"
    assert cli("compare", source, "--out", out, "--models", "independent").code == 0
    before = (out / "comparison.json").read_bytes()
    for options in (("--seed", "1"), ("--hidden", "7"), ("--holdout", "0.2")):
        refused = cli("compare", source, "--out", out, "--models", "independent", *options)
        assert refused.code == 2 and "other options" in refused.message
    assert (out / "comparison.json").read_bytes() == before
    other = tmp_path / "notes"
    other.mkdir()
    (other / "diary.txt").write_text("mine")
    refused = cli("compare", source, "--out", other, "--models", "independent")
    assert refused.code == 2 and "no comparison" in refused.message
    assert [each.name for each in other.iterdir()] == ["diary.txt"]


def test_a_model_that_cannot_be_fitted_does_not_stop_the_others(cli, source, tmp_path):
    out = tmp_path / "comparison"
    found = cli("compare", source, "--out", out, "--models", "pca,independent", "--hidden", "41")
    assert found.code == 0, found.err
    assert "PCA: not fitted (n_components is 41)" in found.out
    assert json.loads((out / "comparison.json").read_text())["models"]["pca"]["error"]


def test_an_interruption_keeps_what_is_finished(cli, source, tmp_path, monkeypatch):
    out, really = tmp_path / "comparison", contest.fitted

    def interrupted(name, *rest):
        if name == "kmeans":
            raise KeyboardInterrupt
        return really(name, *rest)

    monkeypatch.setattr(contest, "fitted", interrupted)
    stopped = cli("compare", source, "--out", out, "--models", "pca,kmeans", *QUICK)
    assert stopped.code == 130 and "the same command goes on" in stopped.message
    monkeypatch.setattr(contest, "fitted", lambda name, *rest: refuse_pca(name, really, rest))
    assert cli("compare", source, "--out", out, "--models", "pca,kmeans", *QUICK).code == 0


def refuse_pca(name, really, rest):
    assert name != "pca", "fitted again"
    return really(name, *rest)


def test_the_same_seed_gives_the_same_scores_without_a_folder(cli, source):
    first, second = (cli("compare", source, "--models", CHEAP, *QUICK) for _ in range(2))

    def scores(text):
        # Seconds differ.
        return [[c for k, c in enumerate(line.split("  ")) if k] for line in text.splitlines()[9:]]

    assert first.code == 0 and scores(first.out) == scores(second.out)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--models", "crbm,svm"), "'svm'"),
        (("--holdout", "0"), "--holdout"),
        (("--hidden", "0"), "--hidden"),
        (("--updates", "0"), "--updates"),
        (("--seed", "-1"), "--seed"),
    ],
)
def test_bad_options_end_with_2(cli, source, options, message):
    refused = cli("compare", source, *options)
    assert refused.code == 2 and message in refused.message


def test_a_damaged_model_is_fitted_again(cli, source, tmp_path):
    out = tmp_path / "comparison"
    cli("compare", source, "--out", out, "--models", "pca", *QUICK)
    kept = out / "results"
    result = json.loads((kept / "pca.json").read_text())
    (kept / "pca.json").write_text(json.dumps({"seconds": result["seconds"]}))
    (kept / "pca.safetensors").write_bytes(b"nothing")
    again = cli("compare", source, "--out", out, "--models", "pca", *QUICK)
    assert again.code == 0 and "fitted again" in again.err
    with pytest.raises(InputError):
        load_any_baseline(out / "results" / "pca.json")
