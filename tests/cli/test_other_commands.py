"""`sample`, `evaluate`, `info` and `convert`."""

import json
import shutil

import numpy as np
import pytest

import popcode


def test_samples_are_a_recording_of_the_same_neurons(cli, whole, source, tmp_path):
    out = tmp_path / "samples.npz"
    outcome = cli("sample", whole, "--n", "700", "--out", out, "--burn-in", "50", "--seed", "4")
    assert outcome.code == 0
    assert outcome.out == f"{out}\n"
    samples, recording = popcode.load(out), popcode.load(source)
    assert samples.kind == "binary"
    assert samples.shape == (700, 40)
    assert np.isnan(samples.bin_s)
    assert samples.neurons.equals(recording.neurons)
    step = samples.provenance[0]
    assert step["step"] == "sampled"
    assert step["model"] == str((whole / "model.safetensors").resolve())
    assert (step["seed"], step["burn_in"]) == (4, 50)
    rates = recording.activity.mean(axis=0)
    assert np.abs(samples.activity.mean(axis=0) - rates).max() < 0.12


def test_samples_follow_their_seed(cli, whole, tmp_path):
    def activity(name, seed):
        out = tmp_path / name
        assert cli("sample", whole, "--n", "50", "--out", out, "--seed", seed).code == 0
        return popcode.load(out).activity

    first = activity("a.h5", 0)
    assert np.array_equal(first, activity("b.npz", 0))
    assert not np.array_equal(first, activity("c.npz", 1))


def test_samples_of_a_run_whose_input_is_gone(cli, source, tmp_path, fit):
    path, run, out = tmp_path / "copy.npz", tmp_path / "run", tmp_path / "samples.npz"
    shutil.copy(source, path)
    options = ("--hidden", "3", "--l1", "0.002", "--updates", "10")
    assert cli("fit", "crbm", path, "--out", run, *options).code == 0
    path.unlink()
    outcome = cli("sample", run, "--n", "5", "--out", out, "--burn-in", "5")
    assert outcome.code == 0
    assert f"note: the input of the run ({path}) is not there, or not as it was" in outcome.err
    assert popcode.load(out).neurons["id"].tolist() == list(range(40))


def test_neurons_in_another_order_are_refused_and_other_ids_said(cli, whole, source, tmp_path):
    recording, path = popcode.load(source), tmp_path / "other.npz"
    popcode.save(recording.select(neurons=np.arange(40)[::-1]), path)
    outcome = cli("evaluate", whole, "--on", path)
    assert outcome.code == 2
    assert "the same neurons in another order (neuron 0 is '139' there" in outcome.message
    popcode.save(popcode.Recording(recording.activity, bin_s=0.02), tmp_path / "unnamed.npz")
    outcome = cli("evaluate", whole, "--on", tmp_path / "unnamed.npz")
    assert outcome.code == 0
    assert "the ids of the neurons differ (neuron 0 is '0' there and '100' in" in outcome.err


def test_real_values_and_other_activity_are_judged_with_a_warning(cli, whole, source, tmp_path):
    recording, path = popcode.load(source), tmp_path / "traces.npz"
    rng = np.random.default_rng(0)
    traces = rng.normal(0, 0.05, recording.shape) + recording.activity
    popcode.save(popcode.Recording(traces, bin_s=0.02, neurons=recording.neurons), path)
    assert "Add --binarize" in cli("evaluate", whole, "--on", path).message
    outcome = cli("evaluate", whole, "--on", path, "--binarize")
    assert outcome.code == 0
    busy = np.maximum(recording.activity, rng.random(recording.shape) < 0.7).astype(np.uint8)
    popcode.save(popcode.Recording(busy, bin_s=0.02, neurons=recording.neurons), path)
    outcome = cli("evaluate", whole, "--on", path)
    assert "scores mean little between recordings so different" in outcome.err


def test_evaluating_again_gives_the_same_metrics(cli, whole):
    before = {name: (whole / name).read_bytes() for name in ("metrics.json", "evaluation.npz")}
    outcome = cli("evaluate", whole)
    assert outcome.code == 0
    assert "neuron neuron" in outcome.out
    assert {name: (whole / name).read_bytes() for name in before} == before


def test_evaluating_on_another_recording_writes_nothing(cli, whole, tmp_path, activity):
    path = tmp_path / "other.npy"
    np.save(path, activity[:150] * 2)
    before = {name: (whole / name).read_bytes() for name in ("metrics.json", "evaluation.npz")}
    outcome = cli("evaluate", whole, "--on", path, "--json")
    assert outcome.code == 0
    metrics = json.loads(outcome.out)
    assert metrics["protocol"]["n_test_bins"] == 150
    assert metrics["protocol"]["n_train_bins"] == 280
    assert "note: counts were made binary" in outcome.err
    assert {name: (whole / name).read_bytes() for name in before} == before


def test_info_of_a_recording(cli, source):
    outcome = cli("info", source)
    assert outcome.code == 0
    assert "400 bins x 40 neurons, binary" in outcome.out
    assert "1 of 40 neurons never active (neuron 7 (id 107))" in " ".join(outcome.out.split())


def test_info_of_a_run(cli, whole, source):
    outcome = cli("info", whole)
    assert outcome.code == 0
    assert str(source) in outcome.out
    assert "finished" in outcome.out
    # A name and its value never run together, and what reading was asked for stands once.
    assert "  sampling_rate_hz  -\n" in outcome.out
    assert outcome.out.count("bin_s ") == 1
    assert "{" not in outcome.out


def test_convert_to_either_form_keeps_everything(cli, source, tmp_path):
    recording = popcode.load(source)
    for name in ("a.h5", "b.npz"):
        out = tmp_path / name
        assert cli("convert", source, out).code == 0
        back = popcode.load(out)
        assert np.array_equal(back.activity, recording.activity)
        assert back.neurons.equals(recording.neurons)
        assert back.bin_s == recording.bin_s


def test_convert_binarizes_and_rebins(cli, tmp_path, activity):
    path, out = tmp_path / "traces.npy", tmp_path / "active.npz"
    np.save(path, activity + np.random.default_rng(0).normal(0, 0.1, activity.shape))
    outcome = cli("convert", path, out, "--binarize", "--bin-s", "0.5")
    assert outcome.code == 0
    back = popcode.load(out)
    assert (back.kind, back.bin_s) == ("binary", 0.5)
    assert "note: real values (dff) were made binary" in outcome.err


def test_convert_keeps_real_values_unless_told(cli, tmp_path, activity):
    path, out = tmp_path / "traces.npy", tmp_path / "traces.npz"
    np.save(path, activity - 0.25)
    assert cli("convert", path, out).code == 0
    assert popcode.load(out).kind == "dff"


def test_convert_replaces_only_with_force(cli, source, tmp_path):
    out = tmp_path / "out.npz"
    out.write_text("mine")
    assert cli("convert", source, out, "--force").code == 0
    assert popcode.load(out).shape == (400, 40)


@pytest.mark.parametrize("command", ["info", "convert"])
def test_a_bad_input_is_one_line(cli, tmp_path, command):
    path = tmp_path / "nothing.npz"
    out = (tmp_path / "out.npz",) if command == "convert" else ()
    outcome = cli(command, path, *out)
    assert outcome.code == 2
    assert outcome.err == f"popcode: {path}: there is no such file. Check the path.\n"
