"""The run folder: made first, locked, never lost to a new run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.files import RunFolder, RunRecord, folder_lock, read_record, write_record
from popcode.files import run_folder as module


def record(**changes) -> RunRecord:
    fields = {"command": "popcode fit crbm a.npz", "parameters": {"l1": 0.004}, "seed": 3}
    return RunRecord(**{**fields, **changes})


def finished_run(path, command="old"):
    with RunFolder.create(path, record(command=command)) as run:
        run.model.write_bytes(command.encode())
        (run.checkpoint / "chains").write_bytes(command.encode())
        run.finish()


def visible(path):
    return sorted(p.name for p in path.iterdir() if p.name not in {".lock", ".lock-holder.json"})


def test_record_is_there_before_work_and_tells_when_it_is_whole(tmp_path):
    with RunFolder.create(tmp_path / "deep" / "run", record(input_hash="abc")) as run:
        content = json.loads((run.path / "run.json").read_text())
        assert content["finished"] is False
        assert content["parameters"] == {"l1": 0.004}
        assert content["versions"]["numpy"] == np.__version__
        run.update(parameters={"l1": np.float32(0.5), "n_hidden": np.int64(20)})
        run.finish()
    read = read_record(run.path)
    assert read.finished
    assert read.parameters == {"l1": 0.5, "n_hidden": 20}
    assert (read.seed, read.input_hash) == (3, "abc")


def test_existing_run_is_refused_and_unchanged(tmp_path):
    finished_run(tmp_path / "run")
    with pytest.raises(InputError, match=r"holds a run; nothing was changed.*--force.*resume"):
        RunFolder.create(tmp_path / "run", record())
    assert read_record(tmp_path / "run").command == "old"


@pytest.mark.parametrize("force", [False, True])
def test_folder_of_other_files_is_refused_even_by_force(tmp_path, force):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="holds files that are no run"):
        RunFolder.create(tmp_path, record(), force=force)
    assert visible(tmp_path) == ["thesis.tex"]
    assert not (tmp_path / ".lock").exists()


def test_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "run").write_text("x")
    with pytest.raises(InputError, match="is a file, and a run needs a folder"):
        RunFolder.create(tmp_path / "run", record())


def test_old_run_is_kept_until_the_new_one_is_finished(tmp_path):
    finished_run(tmp_path / "run")
    with RunFolder.create(tmp_path / "run", record(command="new"), force=True) as run:
        assert not run.model.exists()
        assert (run.path / ".previous" / "model.safetensors").read_bytes() == b"old"
        assert read_record(run.path / ".previous").finished
        run.model.write_bytes(b"new")
        run.finish()
    assert visible(run.path) == ["model.safetensors", "run.json"]
    assert read_record(run.path).command == "new"


def test_abandoned_run_gives_back_the_old_one(tmp_path):
    finished_run(tmp_path / "run")
    for _ in range(2):
        run = RunFolder.create(tmp_path / "run", record(command="new"), force=True)
        (run.checkpoint / "chains").write_bytes(b"new")
        run.abandon()
        assert read_record(run.path).command == "old"
        assert (run.path / "checkpoint" / "chains").read_bytes() == b"old"
        assert visible(run.path) == ["checkpoint", "model.safetensors", "run.json"]


def test_abandoned_first_run_leaves_nothing(tmp_path):
    RunFolder.create(tmp_path / "run", record()).abandon()
    assert not (tmp_path / "run").exists()


def test_forced_twice_before_the_first_finished(tmp_path):
    finished_run(tmp_path / "run")
    RunFolder.create(tmp_path / "run", record(command="second"), force=True).close()
    third = RunFolder.create(tmp_path / "run", record(command="third"), force=True)
    third.abandon()
    assert read_record(tmp_path / "run").command == "second"
    with RunFolder.reopen(tmp_path / "run") as second:
        second.abandon()
    assert read_record(tmp_path / "run").command == "old"


@pytest.mark.parametrize("after", range(5))
def test_kill_while_the_old_run_is_set_aside(tmp_path, monkeypatch, after):
    """Stop after any number of renames, as a kill would; the old run must come back whole."""
    finished_run(tmp_path / "run")
    replace, count = os.replace, 0

    def limited(source, target):
        nonlocal count
        if count == after:
            raise KeyboardInterrupt
        count += 1
        replace(source, target)

    monkeypatch.setattr(module.os, "replace", limited)
    with pytest.raises(KeyboardInterrupt):
        RunFolder.create(tmp_path / "run", record(command="new"), force=True)
    monkeypatch.undo()
    with RunFolder.reopen(tmp_path / "run") as run:
        assert run.record.command == "old"
        assert run.model.read_bytes() == b"old"
        assert (run.checkpoint / "chains").read_bytes() == b"old"
    assert visible(run.path) == ["checkpoint", "model.safetensors", "run.json"]


def test_failure_to_write_the_record_leaves_no_folder(tmp_path, monkeypatch):
    def refuse(*_args):
        raise InputError("cannot write: the disk is full")

    monkeypatch.setattr(module, "write_record", refuse)
    with pytest.raises(InputError, match="disk is full"):
        RunFolder.create(tmp_path / "run", record())
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format": "popcode-run", "vers', "damaged or cut short"),
        ("", "damaged or cut short"),
        ("[1]", "not the record of a popcode run"),
        ('{"format": "other"}', "not the record of a popcode run"),
        ('{"format": "popcode-run"}', "states no version"),
        ('{"format": "popcode-run", "version": 99}', "newer popcode .format 99.*Upgrade"),
        ('{"format": "popcode-run", "version": 1, "seed": 1}', "lacks command"),
    ],
)
def test_records_that_cannot_be_read(tmp_path, text, words):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_record(tmp_path)
    assert "run.json" in str(caught.value)
    with pytest.raises(InputError, match=words):
        RunFolder.reopen(tmp_path)
    assert not (tmp_path / ".lock").exists()


def test_no_folder_and_no_record(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_record(tmp_path / "none")
    with pytest.raises(InputError, match="not a run"):
        read_record(tmp_path)


def test_wrong_kind_of_field(tmp_path):
    write_record(tmp_path, record())
    content = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps({**content, "finished": "yes"}))
    with pytest.raises(InputError, match="damaged: finished is 'yes'"):
        read_record(tmp_path)


_HOLD = """
import sys
from popcode.files import folder_lock
with folder_lock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_process_is_kept_out_and_a_killed_one_is_not_missed(tmp_path):
    finished_run(tmp_path / "run")
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(InputError, match=f"in use by process {holder.pid} on "):
            RunFolder.reopen(tmp_path / "run")
        with pytest.raises(InputError, match="in use by process"):
            RunFolder.create(tmp_path / "run", record(), force=True)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    assert (tmp_path / "run" / ".lock-holder.json").exists()
    with RunFolder.reopen(tmp_path / "run") as run:
        assert run.record.command == "old"


def test_the_same_process_cannot_open_twice(tmp_path):
    words = f"in use by process {os.getpid()}"
    with folder_lock(tmp_path), pytest.raises(InputError, match=words), folder_lock(tmp_path):
        pass
    with folder_lock(tmp_path):
        pass


def test_a_record_of_another_tool_makes_no_run(tmp_path):
    (tmp_path / "run.json").write_text('{"run": "of another tool"}')
    (tmp_path / "precious.txt").write_text("precious")
    with pytest.raises(InputError, match="holds files that are no run"):
        RunFolder.create(tmp_path, record(), force=True)
    assert (tmp_path / "precious.txt").read_text() == "precious"


def test_files_of_the_user_in_a_run_are_not_deleted_by_force(tmp_path):
    finished_run(tmp_path / "run")
    (tmp_path / "run" / "notes.md").write_text("mine")
    with pytest.raises(InputError, match=r"files beside its run \(notes.md\); nothing was changed"):
        RunFolder.create(tmp_path / "run", record(), force=True)
    assert (tmp_path / "run" / "notes.md").read_text() == "mine"
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == b"old"
