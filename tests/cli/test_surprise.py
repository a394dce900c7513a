"""``popcode surprise``: a row a bin, and what stands in it."""

import numpy as np
import pandas as pd
import pytest

import popcode
from popcode.recording import Recording

FIT = ("--hidden", "3", "--updates", "300", "--chains", "60", "--learning-rate", "0.03")
UNSCORED = ("--holdout", "0")


def fitted(cli, tmp_path, *options, **fields):
    """A run of eight neurons with a common source; in bin 250 only the silent half is active."""
    rng = np.random.default_rng(0)
    together = rng.random((600, 1)) < 0.3
    rates = np.where(together, [0.8] * 4 + [0.02] * 4, 0.05)
    activity = (rng.random((600, 8)) < rates).astype(np.uint8)
    activity[250] = [0] * 4 + [1] * 4
    path, run = tmp_path / "session.npz", tmp_path / "run"
    popcode.save(Recording(activity, segment_starts=[0, 200], **fields), path)
    outcome = cli("fit", "rbm", path, "--out", run, *FIT, *options)
    assert outcome.code == 0, outcome.err
    return run


def test_every_bin_has_its_row(cli, tmp_path):
    run = fitted(cli, tmp_path, *UNSCORED, bin_s=0.5, segment_start_s=[3.0, 1000.0])
    out = tmp_path / "s.csv"
    outcome = cli("surprise", run, "--out", out, "--samples", "2000")
    assert outcome.code == 0, outcome.err
    table = pd.read_csv(out)
    assert table.columns.tolist() == ["bin", "time_s", "segment", "part", "nats", "percentile"]
    assert table["bin"].tolist() == list(range(600))
    np.testing.assert_allclose(table["time_s"][[0, 199, 200]], [3.0, 102.5, 1000.0])
    assert table["segment"].tolist() == [0] * 200 + [1] * 400
    assert set(table["part"]) == {"train"}
    model, activity = popcode.load_model(run), popcode.load(tmp_path / "session.npz").activity
    np.testing.assert_allclose(table["nats"], -model.score_samples(activity), atol=1e-4)
    # Four neurons that hardly ever fire, at once.
    assert table["percentile"][250] > 99.5
    # A model of its training bins: their mean percentile is within a few hundredths of one half.
    assert 45 < table["percentile"].mean() < 55
    assert f"most:  bin {table['nats'].idxmax()}" in outcome.out


def test_parts_are_told_apart_and_unknown_times_are_empty(cli, tmp_path, monkeypatch):
    from popcode.cli.scoring import Scores

    unscored = "popcode.cli.running.scores_of"
    monkeypatch.setattr(unscored, lambda *_: Scores({"training": {}}, None, None))
    monkeypatch.setattr("popcode.cli.running.result_table", lambda _: "")
    monkeypatch.setattr("popcode.cli.running.write_report", lambda *_: "")
    run, out = fitted(cli, tmp_path, "--holdout", "0.3"), tmp_path / "s.csv"
    outcome = cli("surprise", run, "--out", out, "--samples", "500")
    assert outcome.code == 0, outcome.err
    table = pd.read_csv(out)
    assert (table["part"] == "test").sum() == 180
    assert table["time_s"].isna().all()
    assert "test: " in outcome.out and "train:" in outcome.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--out", "s.txt"), "the ending '.txt' is none of .csv"),
        (("--out", "s.csv", "--samples", "10"), "--samples is 10"),
        (("--out", "s.csv", "--seed", "-1"), "--seed is -1"),
        (("--out", "s.csv"), "a CompositionalRBM has no likelihood"),
    ],
)
def test_what_cannot_be_is_refused(cli, whole, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    outcome = cli("surprise", whole, *options)
    assert outcome.code == 2
    assert message in outcome.message
    assert not list(tmp_path.iterdir())
