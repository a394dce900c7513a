"""Options of reading: those of the library, under the names that are typed."""

import dataclasses

import numpy as np
import pytest

import popcode
from popcode.cli.reading import Reading, as_typed
from popcode.io import ReadOptions


def test_they_are_the_options_of_the_library():
    ours = {f.name: f.default for f in dataclasses.fields(Reading)}
    assert ours == {f.name: f.default for f in dataclasses.fields(ReadOptions)}


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Name it: array='...' (--array), of shape", "Name it: --array, of shape"),
        ("Name one with array (--array).", "Name one with --array."),
        ("or name another with array.", "or name another with --array."),
        ("Give array='spikes', 'dff' or one of x.", "Give --array spikes, 'dff' or one of x."),
        ("array= reads dff instead", "--array reads dff instead"),
        ("Give it as bin_s (--bin-s).", "Give it as --bin-s."),
        ("bin_s is -1", "--bin-s is -1"),
        ("State it: popcode.load(path, bin_s=...).", "State it: --bin-s."),
        ("Give it: sampling_rate_hz=30000.", "Give it: --sampling-rate-hz 30000."),
        ("allow_pickle=True (--allow-pickle); or bin_s", "--allow-pickle; or --bin-s"),
        ("Use quality 'all', or add it.", "Use --quality all, or add it."),
        ("Lower min_rate_hz.", "Lower --min-rate-hz."),
        (
            "read 'x'; also there: 'y'; array='...' (--array) reads another",
            "read 'x'; also there: 'y'; --array reads another",
        ),
        ("Give it: popcode.load(path, bin_s=...).", "Give it: --bin-s."),
        ("wider bins, .binned(4) (--bin-s 0.4).", "wider bins, --bin-s 0.4."),
        ("wider bins, .binned(4).", "wider bins, .binned(4) in Python."),
        (
            "drop them with .select(neurons=...), or",
            "drop them with .select(neurons=...) in Python, or",
        ),
        ("bins of 0.02 s: 'bin_s'", None),
        ("the key 'bin_s' is missing", None),
        ("'x' was turned: it held neurons x bins, as 'regions' tells", None),
        ("counts up to 4; 3 % of the active bins (v >= 1)", None),
        ("dropped 3 neurons: no array of rate (--min-rate-hz)", None),
        ("Make popcode.Recording(array, bin_s=...).", None),
        ("Save the activity as a (n_bins, n_neurons) array with numpy.save.", None),
        ("of an array (n_bins, n_neurons)", None),
        ("choose another array: F.npy", None),
        ("the quality of units", None),
        ("with array names", None),
    ],
)
def test_errors_name_options_as_they_are_typed(text, typed):
    assert as_typed(text) == (text if typed is None else typed)


@pytest.fixture
def several(tmp_path):
    path = tmp_path / "several.npz"
    rng = np.random.default_rng(0)
    np.savez(path, first=rng.random((150, 4)), second=rng.random((150, 4)) - 0.5)
    return path


@pytest.mark.parametrize("command", ["info", "convert", "fit"])
def test_a_choice_that_is_needed_is_named_as_an_option(cli, several, tmp_path, command):
    before = ("crbm",) if command == "fit" else ()
    after = {"info": (), "convert": (tmp_path / "o.npz",), "fit": ("--out", tmp_path / "run")}
    outcome = cli(command, *before, several, *after[command])
    assert outcome.code == 2
    assert "--array" in outcome.message
    assert "array=" not in outcome.message


def test_info_takes_the_options_of_reading(cli, several):
    outcome = cli("info", several, "--array", "second", "--bin-s", "0.5")
    assert outcome.code == 0
    assert "150 bins x 4 neurons, dff" in outcome.out
    assert "500 ms wide" in outcome.out


def test_info_and_fit_advise_in_the_words_that_are_typed(cli, several, tmp_path):
    path = tmp_path / "bin_s=1.npz"
    rng = np.random.default_rng(0)
    activity = (rng.random((400, 4)) < 0.01).astype(np.uint8)
    np.savez(path, spikes=activity, dff=rng.random((400, 4)))
    outcome = cli("info", path)
    assert outcome.out.startswith(f"{path}\n")
    assert "read 'spikes'; also there: 'dff'; --array reads another" in outcome.out
    assert "Give it: --bin-s." in outcome.out
    options = ("--hidden", "1", "--updates", "5", "--out", tmp_path / "run")
    for said in (outcome.out, cli("fit", "crbm", path, *options).err):
        assert "--array reads another" in said
        assert "Give it: --bin-s." in said
        assert "popcode.load" not in said


def test_info_of_a_recording_in_python_takes_them_too(several):
    assert "4 neurons, rate" in popcode.info(several, array="first")


def test_a_run_is_not_read_in_another_way(cli, whole):
    outcome = cli("info", whole, "--array", "x")
    assert outcome.code == 2
    assert "options of reading mean nothing" in outcome.message


def test_impossible_values_are_named_as_typed(cli, source):
    assert "--bin-s is -1" in cli("info", source, "--bin-s", "-1").message
    assert "--sampling-rate-hz is 0.0" in cli("info", source, "--sampling-rate-hz", "0").message
    outcome = cli("info", source, "--min-rate-hz", "-1")
    assert "--min-rate-hz is -1.0" in outcome.message
    assert str(source) in outcome.message


def test_a_run_remembers_how_its_input_was_read(cli, several, tmp_path):
    run = tmp_path / "run"
    options = ("--array", "second", "--binarize", "--hidden", "2", "--updates", "20")
    fitted = cli("fit", "crbm", several, "--out", run, *options, "--l1", "0.001")
    assert fitted.code == 0, fitted.err
    assert cli("evaluate", run).code == 0
    assert cli("resume", run, "--updates", "30").code == 0
    assert "--array second" in (run / "report.html").read_text()


def test_a_fit_drops_slow_neurons_of_any_source(cli, source, tmp_path):
    """One neuron of the source is silent; an option that did nothing would keep it."""
    run = tmp_path / "run"
    options = ("--min-rate-hz", "0.1", "--hidden", "2", "--updates", "20", "--l1", "0.001")
    fitted = cli("fit", "crbm", source, "--out", run, *options)
    assert fitted.code == 0, fitted.err
    assert "dropped 1 of 40 neurons: below 0.1 spikes a second" in fitted.err
    assert popcode.load_model(run).weights_.shape == (39, 2)
    assert cli("evaluate", run).code == 0
