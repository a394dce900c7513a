"""`popcode convert`: the order of its steps, what each says, and options that contradict."""

import sys
import types
from dataclasses import replace

import numpy as np
import pytest

import popcode
from popcode.preprocess import (
    binarize_quantile,
    binarize_threshold,
    binarize_zscore,
    circular_shifts,
    dff,
    drop_unlabelled,
    restrict,
    shift_halves,
    shuffle_rows,
    smoothed,
    zscored,
)


@pytest.fixture
def traces(tmp_path):
    """Real values of 12 neurons in two regions, bins of 0.1 s."""
    path = tmp_path / "traces.npz"
    values = np.random.default_rng(0).gamma(2.0, size=(200, 12))
    neurons = {"region": ["CA1", "CA3", "DG"] * 3 + ["CA3", "", "Raphe, superior"]}
    popcode.save(popcode.Recording(values, kind="rate", bin_s=0.1, neurons=neurons), path)
    return path


def test_a_region_with_a_comma_in_its_name_is_one_region(traces, convert):
    _, made = convert(traces, "--regions", "DG,Raphe, superior")
    assert made.neurons["region"].tolist() == ["DG"] * 3 + ["Raphe, superior"]


@pytest.fixture
def convert(cli, tmp_path):
    """Convert; gives the outcome and the recording made."""

    def call(source, *options):
        out = tmp_path / "out.npz"
        outcome = cli("convert", source, out, "--force", *options)
        return outcome, popcode.load(out) if outcome.code == 0 else None

    return call


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--zscore",), zscored),
        (("--smooth-s", "0.3"), lambda r: smoothed(r, 0.3)),
        (("--smooth-s", "0.3", "--causal"), lambda r: smoothed(r, 0.3, causal=True)),
        (("--threshold", "2.5"), lambda r: binarize_threshold(r, 2.5)),
        (("--quantile", "0.8"), lambda r: binarize_quantile(r, 0.8)),
        (("--binarize", "--z", "1"), lambda r: binarize_zscore(r, 1)),
        (("--epochs", "1-3.5, 10-12"), lambda r: restrict(r, [(1, 3.5), (10, 12)])),
        (("--bin-s", "0.5"), lambda r: r.binned(bin_s=0.5)),
        (("--dff", "--bin-s", "0.5"), lambda r: dff(r).binned(bin_s=0.5)),
        (("--labelled",), drop_unlabelled),
        (("--shuffle", "rows"), shuffle_rows),
        (("--shuffle", "neurons", "--seed", "3"), lambda r: circular_shifts(r, 3)),
        (("--shuffle", "halves"), shift_halves),
        (
            ("--z", "1", "--smooth-s", "0.2", "--epochs", "0-15", "--shuffle", "rows"),
            lambda r: shuffle_rows(binarize_zscore(smoothed(restrict(r, [(0, 15)]), 0.2), 1)),
        ),
        (
            ("--zscore", "--bin-s", "0.2", "--smooth-s", "0.4"),
            lambda r: zscored(smoothed(r.binned(2), 0.4)),
        ),
    ],
)
def test_it_does_what_the_functions_do(convert, traces, options, expected):
    outcome, made = convert(traces, *options)
    assert outcome.code == 0, outcome.err
    wanted = expected(popcode.load(traces))
    assert made.kind == wanted.kind
    assert np.array_equal(made.activity, wanted.activity)
    assert made.segment_starts.tolist() == wanted.segment_starts.tolist()
    steps = [step["step"] for step in made.provenance]
    assert steps[:-1] == [step["step"] for step in wanted.provenance]


def test_every_step_says_what_it_did(convert, traces):
    outcome, made = convert(
        traces, "--bin-s", "0.3", "--regions", "CA1, DG", "--epochs", "0-10", "--quantile", "0.9"
    )
    notes = [line for line in outcome.err.splitlines() if line.startswith("note: ")]
    assert notes[0] == "note: every 3 bins merged (mean)"
    assert notes[1].startswith("note: dropped 2 bins")
    assert "6 of 12 neurons" in notes[2]
    assert notes[3].startswith("note: kept 33 of 66 bins")
    assert notes[4].startswith("note: made binary: active is above the 0.9 quantile")
    assert made.shape == (33, 6)


def test_slow_neurons_are_dropped(convert, source):
    outcome, made = convert(source, "--min-rate-hz", "0.1")
    assert "note: dropped 1 of 40 neurons: below 0.1 spikes a second" in outcome.err
    assert 107 not in made.neurons["id"].tolist()


def test_what_was_said_before_is_not_said_again(convert, traces, tmp_path, cli):
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    assert "kept 100" in cli("convert", traces, first, "--epochs", "0-10").err
    assert "kept 100" not in cli("convert", first, second).err


@pytest.fixture
def deconvolution(monkeypatch):
    """A stand-in for the deconvolution, which notes how it was called."""
    calls = []

    def deconvolved(recording, rise_s=None, decay_s=None, *, binary=False, silent=True):
        assert not silent
        calls.append((recording.bin_s, recording.shape, rise_s, decay_s, binary))
        step = {"step": "deconvolved", "notes": ["stand-in"]}
        made = replace(recording, kind="events", provenance=(*recording.provenance, step))
        return made.binarized(2.5) if binary else made

    module = types.ModuleType("popcode.preprocess.deconvolution")
    module.deconvolved = deconvolved
    monkeypatch.setitem(sys.modules, "popcode.preprocess.deconvolution", module)
    return calls


def test_bins_are_merged_after_deconvolution(convert, traces, deconvolution):
    outcome, made = convert(
        traces, "--deconvolve", "--rise-s", "0.1", "--decay-s", "1", "--bin-s", "0.5"
    )
    assert deconvolution == [(0.1, (200, 12), 0.1, 1.0, False)]
    assert "note: stand-in" in outcome.err
    assert (made.kind, made.bin_s, made.shape) == ("events", 0.5, (40, 12))


def test_a_width_that_is_not_known_is_stated_before_deconvolution(convert, tmp_path, deconvolution):
    path = tmp_path / "plain.npy"
    np.save(path, np.random.default_rng(0).random((50, 3)))
    _, made = convert(path, "--deconvolve", "--bin-s", "0.25", "--epochs", "0-10")
    assert deconvolution == [(0.25, (40, 3), None, None, False)]
    assert (made.bin_s, made.shape) == (0.25, (40, 3))


def test_binary_events_are_those_above_the_threshold_of_deconvolution(
    convert, traces, deconvolution
):
    outcome, made = convert(traces, "--deconvolve", "--binarize", "--bin-s", "0.2")
    assert outcome.code == 0
    assert deconvolution[0][-1]
    expected = replace(popcode.load(traces), kind="events").binarized(2.5).binned(2)
    assert np.array_equal(made.activity, expected.activity)


def test_smoothed_amplitudes_have_no_such_threshold(convert, traces, deconvolution):
    _, made = convert(traces, "--deconvolve", "--binarize", "--smooth-s", "0.2")
    assert not deconvolution[0][-1]
    assert made.kind == "binary"


def test_spikes_are_not_deconvolved(convert, source):
    outcome, _ = convert(source, "--deconvolve")
    assert outcome.code == 2
    assert "the recording holds spikes (binary), not fluorescence" in outcome.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--threshold", "1", "--z", "2"),
            "--threshold and --z are different ways to make the activity binary",
        ),
        (("--quantile", "0.9", "--z", "2"), "--quantile and --z are different ways"),
        (("--zscore", "--binarize"), "--zscore would be lost to --binarize"),
        (("--zscore", "--quantile", "0.9"), "--zscore would be lost to --quantile"),
        (("--rise-s", "0.1"), "--rise-s does nothing without --deconvolve"),
        (("--decay-s", "1"), "--decay-s does nothing without --deconvolve"),
        (("--causal",), "--causal does nothing without --smooth-s"),
        (("--seed", "1"), "--seed does nothing without --shuffle"),
        (("--seed", "0"), "--seed does nothing without --shuffle"),
        (("--regions", "CA1,,CA3"), "has an empty name"),
        (("--epochs", "0:600"), "--epochs '0:600' cannot be read"),
        (("--epochs", "600-0"), "--epochs '600-0' cannot be read"),
        (("--epochs", "0-1,"), "cannot be read"),
        (("--epochs", "900-950"), "no bin lies inside 900-950 s"),
        (("--regions", "CA2"), "there is no region 'CA2'"),
        (("--quantile", "1.5"), "--quantile is 1.5"),
        (("--z", "nan"), "--z is nan"),
        (("--smooth-s", "-1"), "--smooth-s is -1.0"),
        (("--bin-s", "0.15"), "not a whole multiple"),
        (("--min-rate-hz", "1"), "real values (rate), which have no rate of spikes"),
        (("--shuffle", "rows", "--seed", "-1"), "--seed is -1"),
        (("--deconvolve", "--array", "x", "--causal"), "--causal does nothing without"),
    ],
)
def test_what_is_refused(cli, traces, tmp_path, options, message):
    out = tmp_path / "none.npz"
    outcome = cli("convert", traces, out, *options)
    assert outcome.code == 2
    assert message in outcome.message
    assert not out.exists()


def test_errors_of_a_step_name_the_input(cli, traces, tmp_path):
    outcome = cli("convert", traces, tmp_path / "none.npz", "--epochs", "900-950")
    assert outcome.message.startswith(f"popcode: {traces}: no bin lies inside")


def test_seconds_need_a_bin_width(cli, tmp_path):
    path = tmp_path / "plain.npy"
    np.save(path, np.random.default_rng(0).random((50, 3)))
    outcome = cli("convert", path, tmp_path / "none.npz", "--smooth-s", "1")
    assert outcome.message.endswith("State it: --bin-s.")
