"""`popcode resume`: finished and unfinished runs, more updates, and an input that changed."""

import json
import shutil

import numpy as np
import pytest

import popcode
from popcode.files import RunFolder, read_record

FIT = ("--hidden", "5", "--updates", "200", "--l1", "0.002")


@pytest.fixture
def stopped(cli, tmp_path, source, monkeypatch):
    """Stop a fit of a copy of the recording after an update; gives run and recording."""

    def call(after=80, *options):
        path, run = tmp_path / "copy.npz", tmp_path / "run"
        shutil.copy(source, path)
        checkpoints = "popcode.cli.training.Checkpoints.__call__"

        def stop(checkpoints, trainer):
            if trainer.state.update == after:
                checkpoints.save(trainer)
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(checkpoints, stop)
            assert cli("fit", "crbm", path, "--out", run, *(options or FIT)).code == 130
        return run, path

    return call


def test_the_bits_of_a_fit_that_was_never_stopped(stopped, cli, whole, content):
    run, _ = stopped()
    assert not read_record(run).finished
    outcome = cli("resume", run)
    assert outcome.code == 0
    assert "going on from update 80 of 200" in outcome.err
    assert content(run) == content(whole)
    assert read_record(run).finished


def test_choices_are_not_made_twice(stopped, cli, monkeypatch):
    run, _ = stopped(30, "--updates", "60", "--chains", "20")
    parameters = read_record(run).parameters
    assert parameters["chosen"] == ["n_hidden", "l1"]

    def again(*_args):
        raise AssertionError("chosen again")

    monkeypatch.setattr("popcode.rbm.fitting.choose_penalty", again)
    assert cli("resume", run).code == 0
    assert read_record(run).parameters == parameters


def test_seconds_add_up(stopped, cli):
    run, _ = stopped()
    path = run / "checkpoint" / "seconds.json"
    path.write_text('{"seconds": 1000.0}')
    assert cli("resume", run).code == 0
    metrics = json.loads((run / "metrics.json").read_text())
    assert 1000 < metrics["training"]["seconds"] < 1200
    assert cli("evaluate", run).code == 0
    again = json.loads((run / "metrics.json").read_text())
    assert again == metrics


def test_before_the_input_was_read(cli, tmp_path, source, whole, content, monkeypatch):
    run = tmp_path / "run"

    def interrupted(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("popcode.cli.preparation.read", interrupted)
        assert cli("fit", "crbm", source, "--out", run, *FIT).code == 130
    assert read_record(run).input_hash is None
    assert cli("resume", run).code == 0
    assert content(run) == content(whole)


def test_a_finished_run_has_nothing_left(cli, whole, content):
    before = content(whole)
    for options in ((), ("--updates", "200")):
        outcome = cli("resume", whole, *options)
        assert outcome.code == 0
        assert outcome.err == (
            f"{whole} is finished: nothing is left to do (more --updates would continue it)\n"
        )
        assert outcome.out == f"{whole}\n"
    assert content(whole) == before


def test_an_input_that_changed(stopped, cli, activity):
    run, path = stopped()
    popcode.save(popcode.Recording(activity[:, ::-1], bin_s=0.02), path)
    outcome = cli("resume", run)
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {path}: its content has changed since the run began. "
        "Put the former file back, or fit the new one into a new folder"
    )
    assert not read_record(run).finished


def test_an_input_that_is_gone_and_comes_back(stopped, cli, source, whole, content):
    run, path = stopped()
    path.unlink()
    outcome = cli("resume", run)
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {path}: the recording that the run was begun with is not there any more. "
        "Put it back, or a link to where it is"
    )
    shutil.copy(source, path)
    assert cli("resume", run).code == 0
    assert content(run) == content(whole)


def test_from_another_folder(stopped, cli, tmp_path, monkeypatch):
    run, _ = stopped()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cli("resume", run).code == 0


def test_an_unfinished_run_keeps_its_updates(stopped, cli):
    run, _ = stopped()
    outcome = cli("resume", run, "--updates", "300")
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {run}: the run was begun with --updates 200 and is not finished. "
        "Resume it without --updates; it can be continued when it is finished"
    )
    assert cli("resume", run, "--updates", "200").code == 0


def test_a_damaged_checkpoint(stopped, cli):
    run, _ = stopped()
    path = run / "checkpoint" / "state.safetensors"
    path.write_bytes(path.read_bytes()[:500])
    outcome = cli("resume", run)
    assert outcome.code == 2
    assert outcome.message.startswith(f"popcode: {path}: not a whole checkpoint")
    assert "Delete it to start the run again from its seed" in outcome.message


@pytest.fixture
def finished(fit, tmp_path):
    run = tmp_path / "finished"
    fit(run)
    return run


def test_a_finished_run_is_continued(cli, finished):
    outcome = cli("resume", finished, "--updates", "300")
    assert outcome.code == 0
    assert "going on from update 200 of 300" in outcome.err
    record = read_record(finished)
    assert record.finished
    assert record.parameters["n_updates"] == 300
    assert record.continued == [{"from_updates": 200, "to_updates": 300}]
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert "from 200 to 300 updates by popcode resume RUN --updates 300" in page
    assert json.loads((finished / "metrics.json").read_text())["training"]["updates"] == 300
    model = popcode.load_model(finished)
    assert [row.update for row in model.history_][-1] == 300


def test_an_interrupted_continuation_has_the_same_bits(
    cli, finished, tmp_path, content, monkeypatch
):
    other = tmp_path / "other"
    shutil.copytree(finished, other)
    assert cli("resume", finished, "--updates", "300").code == 0

    def stop(checkpoints, trainer):
        if trainer.state.update == 250:
            checkpoints.save(trainer)
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("popcode.cli.training.Checkpoints.__call__", stop)
        assert cli("resume", other, "--updates", "300").code == 130
    assert not read_record(other).finished
    assert popcode.load_model(other).n_updates == 200  # the former model is not lost meanwhile
    assert cli("resume", other).code == 0
    assert content(other) == content(finished)


def test_a_record_of_an_older_version_was_never_continued(finished):
    path = finished / "run.json"
    record = json.loads(path.read_text())
    del record["continued"]
    path.write_text(json.dumps(record))
    assert read_record(finished).continued == []
    path.write_text(json.dumps(record | {"continued": [{"from_updates": "x"}]}))
    with pytest.raises(popcode.InputError, match="damaged: continued is"):
        read_record(finished)


def test_fewer_updates_than_made(cli, finished):
    outcome = cli("resume", finished, "--updates", "100")
    assert outcome.code == 2
    assert outcome.message == (
        f"popcode: {finished}: --updates is 100, and the run has made 200. "
        "Give a larger number, of updates in all"
    )


def test_versions_that_changed_are_named(stopped, cli):
    run, _ = stopped()
    with RunFolder.reopen(run) as folder:
        versions = folder.record.versions
        folder.update(versions=versions | {"numpy": "1.0.0"})
    outcome = cli("resume", run)
    assert outcome.code == 0
    expected = (
        f"note: the result may differ in its last bits: numpy 1.0.0 then, {np.__version__} now"
    )
    assert expected in outcome.err.splitlines()


def test_a_run_whose_input_is_relative_to_nothing(stopped):
    run, path = stopped()
    assert read_record(run).input_path == str(path)


@pytest.mark.parametrize("damage", ["truncated", "gone"])
def test_a_damaged_model_is_made_again_from_the_checkpoint(
    cli, fit, tmp_path, whole, content, damage
):
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    model = run / "model.safetensors"
    if damage == "gone":
        model.unlink()
    else:
        model.write_bytes(model.read_bytes()[:-100])
        outcome = cli("sample", run, "--n", "5", "--out", tmp_path / "samples.npz")
        assert outcome.code == 2
        assert f"Make it again from the checkpoint: popcode resume {run}" in outcome.message
    assert cli("resume", run).code == 0
    assert content(run) == content(whole)


@pytest.mark.parametrize(("name", "value"), [("n_hidden", 6), ("n_chains", 50)])
def test_settings_edited_by_hand_do_not_meet_another_checkpoint(stopped, cli, name, value):
    run, _ = stopped()
    path = run / "run.json"
    record = json.loads(path.read_text())
    record["parameters"][name] = value
    path.write_text(json.dumps(record))
    outcome = cli("resume", run)
    assert outcome.code == 2
    assert "the checkpoint has 40 neurons, 5 DReLU units and 100 chains" in outcome.message
