"""Whatever is wrong: exit 2, one clear line, nothing lost and nothing left behind."""

import errno
import os

import numpy as np
import pytest

import popcode
from popcode.files import RunFolder, RunRecord
from popcode.rbm import plan

QUICK = ("--hidden", "3", "--l1", "0.002", "--updates", "20")


@pytest.fixture
def refused(cli, tmp_path):
    """Fit what must be refused; gives the one line that was said last."""
    out = tmp_path / "run"

    def call(path, *options):
        quick = [
            each
            for pair in zip(QUICK[::2], QUICK[1::2], strict=True)
            if pair[0] not in options
            for each in pair
        ]
        outcome = cli("fit", "crbm", path, "--out", out, *quick, *options)
        assert outcome.code == 2
        assert outcome.out == ""
        assert "Traceback" not in outcome.err
        assert not out.exists()
        assert outcome.message.startswith("popcode: ")
        return outcome.message.removeprefix("popcode: ")

    return call


def saved(path, array):
    np.save(path, array)
    return path


def test_an_input_that_is_not_there(refused, tmp_path):
    path = tmp_path / "nothing.npz"
    assert refused(path) == f"{path}: there is no such file. Check the path."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_input_that_may_not_be_read(refused, tmp_path, activity):
    path = saved(tmp_path / "closed.npy", activity)
    path.chmod(0)
    assert "Permission denied" in refused(path)


def test_a_truncated_input(refused, tmp_path, source):
    path = tmp_path / "cut.npz"
    path.write_bytes(source.read_bytes()[:-300])
    message = refused(path)
    assert message.startswith(f"{path}: the file cannot be read (BadZipFile: ")
    assert "It is damaged, cut short or in another format" in message


def test_a_text_file(refused, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Notes of the session.\nThe mouse slept.\n")
    assert refused(path).startswith(f"{path}: it is none of the formats this version reads")


def test_a_folder_without_a_format(refused, tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "notes.txt").write_text("x")
    message = refused(path)
    assert message.startswith(
        f"{path}: it is a folder of no kind that is known; it holds notes.txt"
    )


def test_one_dimension(refused, tmp_path):
    path = saved(tmp_path / "line.npy", np.zeros(30))
    message = refused(path)
    assert message.startswith(str(path))
    assert "has 1 dimensions" in message
    assert "(n_bins, n_neurons)" in message


def test_nan(refused, tmp_path, activity):
    values = activity.astype(float)
    values[5, 2] = np.nan
    path = saved(tmp_path / "nan.npy", values)
    message = refused(path)
    assert message.startswith(f"{path}, neuron 2, bin 5: ")
    assert "activity holds 1 NaN or infinite values. Drop those neurons or bins" in message


@pytest.mark.parametrize("shape", [(0, 5), (5, 0)])
def test_an_empty_array(refused, tmp_path, shape):
    path = saved(tmp_path / "empty.npy", np.zeros(shape))
    assert "activity is empty, shape" in refused(path)


def test_an_empty_file(refused, tmp_path):
    path = tmp_path / "empty.npz"
    path.touch()
    assert refused(path) == f"{path}: the file is empty. Copy or export it again."


def test_silence(refused, tmp_path):
    path = saved(tmp_path / "silent.npy", np.zeros((100, 5)))
    expected = "no neuron is ever active. Check the source: there is nothing to model"
    assert refused(path) == f"{path}: {expected}"


def test_silence_in_the_training_bins(refused, tmp_path):
    values = np.zeros((100, 5), np.uint8)
    values[50:60] = 1
    path = saved(tmp_path / "late.npy", values)
    message = refused(path, "--split", "blocked", "--holdout", "0.95", "--seed", "0")
    assert message.startswith("no neuron is active in any training bin")


def test_real_values_without_binarize(refused, tmp_path, activity):
    path = saved(tmp_path / "dff.npy", activity - 0.25)
    assert refused(path) == (
        f"{path}: the activity holds real values (dff), and the model needs 0 and 1. "
        "Add --binarize (popcode convert makes a file of it to look at)"
    )


def test_too_few_bins_to_split(refused, tmp_path):
    path = saved(tmp_path / "short.npy", np.eye(6, dtype=np.uint8))
    message = refused(path)
    assert message.startswith(f"{path}: ")
    assert "bins" in message


def test_segments_of_a_recording_without_any(refused, source):
    assert refused(source, "--split", "segments") == (
        f"{source}: the recording is one segment, so no whole segment can be held out. "
        "Use --split blocked or --split matched."
    )


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--hidden", "0", "--hidden is 0. It must be 'auto' or a whole number of at least 1"),
        ("--updates", "0", "--updates is 0. It must be a whole number of at least 1"),
        ("--chains", "-3", "--chains is -3. It must be a whole number of at least 1"),
        ("--sweeps", "0", "--sweeps is 0. It must be a whole number of at least 1"),
        ("--batch", "0", "--batch is 0. It must be a whole number of at least 1"),
        ("--l1", "-1", "--l1 is -1.0. It must be 'auto' or a number from 0 to 10"),
        (
            "--learning-rate",
            "0",
            "--learning-rate is 0.0. It must be a number above 0 and up to 1",
        ),
        (
            "--potential",
            "spins",
            "--potential is 'spins'. It must be one of bernoulli, drelu, gaussian, relu",
        ),
        ("--seed", "-1", "--seed is -1. It must be a whole number from 0 to 2**63 - 1"),
        ("--device", "tpu", "--device is 'tpu'. It must be auto, cpu, cuda or cuda:0, cuda:1, ..."),
        (
            "--holdout",
            "1",
            "--holdout is 1. It must be a fraction below 1; 0 holds nothing out",
        ),
        (
            "--holdout",
            "nan",
            "--holdout is nan. It must be a fraction below 1; 0 holds nothing out",
        ),
        (
            "--split",
            "odd",
            "--split is 'odd'. It must be one of matched, blocked, segments, random",
        ),
        ("--bin-s", "0", "--bin-s is 0. It must be a bin width in seconds, above 0"),
    ],
)
def test_impossible_options_are_named_as_typed(refused, source, option, value, message):
    assert refused(source, option, value) == message


def test_a_gpu_that_is_not_there(refused, source):
    message = refused(source, "--device", "cuda:63")
    assert message.startswith("--device cuda:63: there is no GPU 63 (")
    assert message.endswith("Use --device cpu, or install a CUDA build of PyTorch")


def test_a_fit_beyond_memory_is_refused_with_the_number_and_the_remedy(
    refused, source, monkeypatch
):
    monkeypatch.setattr(plan, "available_memory", lambda: 20_000_000)
    message = refused(source)
    assert message.startswith("the fit needs ")
    assert "of memory beyond the recording and 20 MB are available. Use fewer neurons" in message


def test_an_existing_run_stays(cli, source, whole, content):
    before = content(whole)
    outcome = cli("fit", "crbm", source, "--out", whole, *QUICK)
    assert outcome.code == 2
    assert outcome.err == (
        f"popcode: {whole}: holds a run; nothing was changed. "
        "Name another folder, add --force to replace it, or resume it\n"
    )
    assert content(whole) == before


def test_a_refused_fit_with_force_gives_the_former_run_back(cli, whole, content, tmp_path):
    before = content(whole)
    missing = tmp_path / "nothing.npz"
    outcome = cli("fit", "crbm", missing, "--out", whole, "--force", *QUICK)
    assert outcome.code == 2
    assert content(whole) == before


def test_a_folder_with_other_files_stays(cli, source, tmp_path):
    (tmp_path / "thesis.txt").write_text("years")
    outcome = cli("fit", "crbm", source, "--out", tmp_path, "--force", *QUICK)
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {tmp_path}: holds files that are no run; nothing was changed. "
        "Name an empty or a new folder"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_out_that_is_a_file(cli, source, tmp_path):
    path = tmp_path / "out"
    path.write_text("mine")
    outcome = cli("fit", "crbm", source, "--out", path, *QUICK)
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {path}: is a file, and a run needs a folder. Name another"
    )


@pytest.mark.parametrize("command", ["fit", "resume", "evaluate"])
def test_a_run_that_another_holds(cli, source, tmp_path, fit, command):
    run = tmp_path / "run"
    fit(run)
    tokens = {
        "fit": ("fit", "crbm", source, "--out", run, "--force", *QUICK),
        "resume": ("resume", run),
        "evaluate": ("evaluate", run),
    }
    with RunFolder.reopen(run):
        outcome = cli(*tokens[command])
    assert outcome.code == 2
    assert outcome.message.startswith(f"popcode: {run}: in use by process {os.getpid()} on ")
    assert outcome.message.endswith("Wait for it to end, stop it, or use another folder")


def full_after(n_bytes, monkeypatch):
    """Let every sync of a file larger than this fail as on a full disk."""
    real = os.fsync

    def sync(descriptor):
        if os.fstat(descriptor).st_size > n_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr("popcode.files.atomic.os.fsync", sync)


def test_a_disk_that_fills_up_loses_nothing(cli, source, tmp_path, whole, content, monkeypatch):
    run = tmp_path / "run"
    with monkeypatch.context() as full:
        full_after(4096, full)  # run.json still fits, the checkpoint no more
        options = ("--hidden", "5", "--updates", "200", "--l1", "0.002")
        outcome = cli("fit", "crbm", source, "--out", run, *options)
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {run}/checkpoint/state.safetensors: cannot write: the disk is full. "
        f"Free some space or write to another folder; then go on with: popcode resume {run}"
    )
    assert cli("resume", run).code == 0
    assert content(run) == content(whole)


def test_a_disk_that_is_full_from_the_start(refused, source, monkeypatch):
    full_after(0, monkeypatch)
    message = refused(source)
    assert "run.json: cannot write: the disk is full. Free some space" in message


@pytest.mark.parametrize("command", ["resume", "evaluate"])
@pytest.mark.parametrize("what", ["missing", "empty", "damaged"])
def test_what_is_no_run(cli, tmp_path, command, what):
    path = tmp_path / "folder"
    if what != "missing":
        path.mkdir()
    if what == "damaged":
        (path / "run.json").write_text('{"format": "popcode-run", ')
    outcome = cli(command, path)
    expected = {
        "missing": f"{path}: does not exist. Check the path",
        "empty": f"{path}: not a run: it holds no run.json. Give the folder",
        "damaged": f"{path}/run.json: damaged or cut short",
    }[what]
    assert outcome.code == 2
    assert outcome.message.startswith(f"popcode: {expected}")


@pytest.mark.parametrize("command", ["evaluate", "sample"])
def test_a_run_without_a_model(cli, tmp_path, command, source):
    run = tmp_path / "run"
    RunFolder.create(run, RunRecord("popcode fit", {}, 0, str(source))).close()
    more = ("--n", "5", "--out", tmp_path / "s.npz") if command == "sample" else ()
    outcome = cli(command, run, *more)
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {run}: the run has no model yet. Its training is not over; "
        f"go on with: popcode resume {run}"
    )


def test_a_damaged_model(cli, fit, tmp_path):
    run = tmp_path / "run"
    fit(run)
    model = run / "model.safetensors"
    model.write_bytes(model.read_bytes()[:1000])
    outcome = cli("evaluate", run)
    assert outcome.code == 2
    assert outcome.message.startswith(f"popcode: {model}: cannot be read as a model")


def test_evaluating_on_other_neurons(cli, whole, tmp_path, activity):
    path = saved(tmp_path / "other.npy", activity[:, :30])
    outcome = cli("evaluate", whole, "--on", path)
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {path}: it has 30 neurons, and the model 40. "
        "Give a recording of the same neurons in the same order"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--n", "0"), "--n is 0. It must be at least 1"),
        (("--n", "5", "--chains", "0"), "n_chains is 0. Give a whole number of at least 1"),
        (("--n", "5", "--thin", "0"), "thin is 0. Give a whole number of at least 1"),
        (("--n", "5", "--seed", "-1"), "--seed is -1. It must be from 0 to 2**63 - 1"),
    ],
)
def test_impossible_samples(cli, whole, tmp_path, options, message):
    outcome = cli("sample", whole, "--out", tmp_path / "s.npz", *options)
    assert (outcome.code, outcome.message) == (2, f"popcode: {message}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["sample", "convert"])
def test_outputs_that_are_refused_before_the_work(cli, whole, source, tmp_path, command):
    def message(out):
        tokens = {"sample": ("sample", whole, "--n", "5", "--out", out)}
        outcome = cli(*tokens.get(command, ("convert", source, out)))
        assert outcome.code == 2
        return outcome.message.removeprefix(f"popcode: {out}: ")

    there = tmp_path / "there.npz"
    there.write_text("mine")
    assert message(there) == (
        "is there already; nothing was changed. Name another file, or add --force to replace it"
    )
    assert there.read_text() == "mine"
    assert message(tmp_path / "s.csv").startswith("the ending '.csv' is none of .npz, .h5, .hdf5")
    assert message(tmp_path / "no" / "s.npz").startswith("cannot write: the folder does not exist")


def test_one_neuron_in_too_few_bins(refused, tmp_path):
    path = tmp_path / "one.npz"
    popcode.save(popcode.Recording(np.eye(19, 1, dtype=np.uint8)), path)
    assert refused(path).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "options", [("--neurons", "-1"), ("--neurons", "19"), ("--assemblies", "0")]
)
def test_a_demo_of_nothing(cli, tmp_path, options):
    given = {"--neurons": "100", "--assemblies": "1"} | {options[0]: options[1]}
    words = [word for pair in given.items() for word in pair]
    outcome = cli("demo", "--out", tmp_path / "demo", *words)
    assert outcome.code == 2
    assert not (tmp_path / "demo").exists()


def test_a_transposed_recording_is_told_before_it_is_fitted(cli, activity, tmp_path):
    path = tmp_path / "transposed.npy"
    np.save(path, np.tile(activity, (2, 1)).T)
    outcome = cli("fit", "crbm", path, "--out", tmp_path / "r", "--updates", "5", "--hidden", "1")
    assert "transpose" in outcome.err
