"""`couplings` and `simulate`: the files they make, and what they refuse."""

from types import SimpleNamespace

import numpy as np
import pytest

import popcode
from popcode.analysis.areas import label_null, labelled
from popcode.cli import models, simulate
from popcode.cli.couplings import couplings
from popcode.errors import InputError
from popcode.rbm.effective import Couplings
from popcode.recording import Recording
from popcode.simulate import load_truth

N = 40


class FakeModel:
    n_features_in_ = N

    def couplings(self, background):
        upper = np.triu(np.random.default_rng(0).normal(size=(N, N)), 1)
        return upper + upper.T + {"silent": 5.0}.get(background, 0.0) * (1 - np.eye(N))

    def effective_couplings(self, background, rows=None):
        error = 0.0 if rows is None else 0.02 * len(rows)
        return Couplings(self.couplings(background), background, 1e-6, error)

    def effective_fields(self, background, rows=None):
        return np.arange(N) - 3.0


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder that holds the fake model and a recording of two areas on two probes."""
    labels = np.repeat(["V1", "LP"], N // 2)
    neurons = {"id": np.arange(N) + 100, "region": labels, "probe": ["A", "B"] * (N // 2)}
    held = SimpleNamespace(
        model=FakeModel(), source=Recording(np.zeros((3, N), np.uint8), neurons=neurons)
    )
    monkeypatch.setattr(models, "model_of", lambda _: held.model)
    monkeypatch.setattr(models, "source_of", lambda _: held.source)
    record = SimpleNamespace(parameters={})
    monkeypatch.setattr("popcode.files.read_record", lambda _: record)
    held.path = tmp_path / "run"
    held.out = tmp_path / "couplings.npz"
    return held


def test_couplings_are_written_with_their_ids(run, capsys):
    couplings(run.path, out=run.out, background="silent")
    with np.load(run.out, allow_pickle=False) as file:
        np.testing.assert_allclose(file["couplings"], FakeModel().couplings("silent"), rtol=1e-6)
        np.testing.assert_array_equal(file["fields"], FakeModel().effective_fields("silent"))
        assert str(file["background"]) == "silent"
        assert file["ids"].tolist() == [str(k) for k in range(100, 140)]
        assert "area_names" not in file
    assert capsys.readouterr().out.splitlines()[0].startswith("couplings of 780 pairs: mean 4.9")


def test_tables_by_area_come_with_their_null(run, capsys):
    couplings(run.path, out=run.out, by="region", null=50, seed=3)
    with np.load(run.out, allow_pickle=False) as file:
        assert file["area_names"].tolist() == ["LP", "V1"]
        areas = labelled(run.source.neurons["region"].to_numpy())
        expected = label_null(file["couplings"], areas, n_shuffles=50, seed=3)
        np.testing.assert_allclose(file["table_mean"], expected.table, atol=1e-6)
        np.testing.assert_allclose(file["null_anywhere_mean_z"], expected.z, rtol=1e-4)
        assert file["null_within_probe_mean_absolute_p"].shape == (2, 2)
        assert file["mean_interval"].shape == (2, 2, 2)
    shown = capsys.readouterr().out
    assert "50 shuffles of the area labels within probes" in shown
    assert "within areas" in shown
    assert "V1: same probe" in shown


def test_what_cannot_be_told_apart_is_said(run, capsys):
    probed = run.source.neurons.drop(columns="probe")
    run.source = Recording(np.zeros((3, N), np.uint8), neurons=probed)
    couplings(run.path, out=run.out, by="region", null=20)
    assert "note: no probe is known" in capsys.readouterr().err


def test_couplings_over_the_recordings_own_bins_tell_their_sampling_error(run, capsys):
    couplings(run.path, out=run.out, background="data")
    said = capsys.readouterr().err
    assert "largest error 1e-06 nats in pairs worked out one by one; standard error 0.06" in said
    run.source = None
    with pytest.raises(InputError, match="the input of the run is not there"):
        couplings(run.path, out=run.out, background="data", force=True)


def test_without_its_input_a_run_has_numbers_but_no_areas(run, capsys):
    run.source = None
    couplings(run.path, out=run.out)
    assert "numbered from 0" in capsys.readouterr().err
    with pytest.raises(InputError, match="the input of the run is not there"):
        couplings(run.path, out=run.out, by="region", force=True)


def test_what_cannot_be_done_is_refused_before_the_work(run):
    with pytest.raises(InputError, match="no column 'layer'"):
        couplings(run.path, out=run.out, by="layer")
    with pytest.raises(InputError, match="--null is 0"):
        couplings(run.path, out=run.out, null=0)
    with pytest.raises(InputError, match=r"is not \.npz"):
        couplings(run.path, out=run.out.with_suffix(".h5"))
    run.model = SimpleNamespace(n_features_in_=N)
    with pytest.raises(InputError, match="has no couplings"):
        couplings(run.path, out=run.out)
    assert not run.out.exists()


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ('{"log_likelihood": {"test": -9.0, "independent": -8.0}}', "mostly noise"),
        ('{"log_likelihood": {"test": null}}', "no bins were withheld"),
        ("{", "cannot be read"),
        (
            '{"log_likelihood": {"test": -7.0, "independent": -8.0}, "equilibrium": {"surprise": '
            '{"test": {"mean": 7.0}, "train": {"mean": 5.0}}}}',
            "2 nats less likely than training bins, more than the 1 that",
        ),
    ],
)
def test_doubts_of_withheld_bins_stand_beside_couplings(run, capsys, metrics, said):
    run.path.mkdir()
    (run.path / "metrics.json").write_text(metrics)
    couplings(run.path, out=run.out)
    assert said in capsys.readouterr().err


def test_a_model_that_holds_on_withheld_bins_is_not_doubted(run, capsys):
    run.path.mkdir()
    (run.path / "metrics.json").write_text('{"log_likelihood": {"test": -7.0, "independent": -8}}')
    couplings(run.path, out=run.out)
    assert "noise" not in capsys.readouterr().err


def test_a_session_and_its_truth_are_written(tmp_path, capsys):
    out = tmp_path / "session.npz"
    simulate.areas(out=out, neurons=60, areas=3, bins=300, seed=2)
    recording, truth = popcode.load(out), load_truth(tmp_path / "session.truth.npz")
    assert recording.shape == (300, 60)
    assert recording.neurons["region"].nunique() == 3
    assert truth.couplings.shape == (60, 60)
    assert "standard errors on average within areas" in capsys.readouterr().err
    with pytest.raises(InputError, match="is there already"):
        simulate.areas(out=out, neurons=60, areas=3, bins=300)


def test_a_brain_of_assemblies_is_written(tmp_path):
    out = tmp_path / "brain.npz"
    simulate.assemblies(out=out, neurons=80, assemblies=4, bins=50)
    brain = popcode.load(out)
    assert brain.shape == (50, 80)
    assert brain.neuron_arrays["true_weights"].shape == (80, 4)


@pytest.mark.parametrize("wrong", [{"bins": 0}, {"areas": 0}, {"segments": 0}, {"neurons": -1}])
def test_impossible_sessions_are_refused(tmp_path, wrong):
    with pytest.raises(InputError):
        simulate.areas(out=tmp_path / "x.npz", **wrong)
    assert not list(tmp_path.iterdir())
