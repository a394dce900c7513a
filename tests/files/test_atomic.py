"""A file is replaced whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.files import atomic_write, write_json, write_text


def test_new_file_and_replacement(tmp_path):
    target = tmp_path / "a.bin"
    for content in (b"one", b"two"):
        with atomic_write(target) as temporary:
            assert temporary.parent == tmp_path
            temporary.write_bytes(content)
        assert target.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("error", [ValueError("stop"), KeyboardInterrupt()])
def test_exception_leaves_the_old_file_and_no_litter(tmp_path, error):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(type(error)), atomic_write(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_json_without_nan_and_with_numpy(tmp_path):
    write_json(
        tmp_path / "a.json",
        {
            "nan": float("nan"),
            "inf": np.float32("inf"),
            "int": np.int64(3),
            "array": np.array([[1.0, np.nan]]),
            "flag": np.bool_(True),
            "path": Path("x"),
            "nested": ({"a": -np.inf},),
        },
    )
    assert json.loads((tmp_path / "a.json").read_text()) == {
        "nan": None,
        "inf": None,
        "int": 3,
        "array": [[1.0, None]],
        "flag": True,
        "path": "x",
        "nested": [{"a": None}],
    }


def test_json_that_cannot_be_keeps_the_old_file(tmp_path):
    write_json(tmp_path / "a.json", {"old": 1})
    with pytest.raises(TypeError, match="object has no form in JSON"):
        write_json(tmp_path / "a.json", {"new": object()})
    assert json.loads((tmp_path / "a.json").read_text()) == {"old": 1}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full. Free some space"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "no permission to write here"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_refusals_of_the_system_name_path_and_remedy(tmp_path, monkeypatch, number, words):
    target = tmp_path / "a.txt"
    write_text(target, "old")

    def refuse(*_args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(InputError, match=words) as caught:
        write_text(target, "new")
    monkeypatch.undo()
    assert str(target) in str(caught.value)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_missing_folder_folder_as_target_and_file_as_folder(tmp_path):
    with pytest.raises(InputError, match="the folder does not exist"):
        write_text(tmp_path / "none" / "a.txt", "x")
    with pytest.raises(InputError, match="it is a folder"):
        write_text(tmp_path, "x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="its folder is a file"):
        write_text(tmp_path / "file" / "a.txt", "x")


def test_error_about_another_file_is_left_alone(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "a"):
        (tmp_path / "input").read_bytes()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no small tmpfs can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk(small_disk):
    target = small_disk / "a.bin"
    write_text(target, "old")
    with pytest.raises(InputError, match="the disk is full"), atomic_write(target) as temporary:
        temporary.write_bytes(bytes(2_000_000))
    assert target.read_text() == "old"
    assert [p.name for p in small_disk.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("library", ["h5py", "safetensors", "numpy"])
def test_full_disk_as_libraries_tell_it(small_disk, library):
    target = small_disk / "a.npz"
    write_text(target, "old")
    with pytest.raises(InputError, match="the disk is full"), atomic_write(target) as temporary:
        if library == "numpy":
            np.savez(temporary, a=np.zeros(1_000_000))
        elif library == "h5py":
            import h5py

            with h5py.File(temporary, "w") as file:
                file["a"] = np.zeros(1_000_000)
        else:
            from safetensors.numpy import save_file

            save_file({"a": np.zeros(1_000_000)}, temporary)
    assert target.read_text() == "old"
    assert [p.name for p in small_disk.iterdir()] == ["a.npz"]


def test_writers_that_add_their_suffix(tmp_path):
    with atomic_write(tmp_path / "a.npz") as temporary:
        np.savez(temporary, a=np.arange(3))
    assert np.load(tmp_path / "a.npz")["a"].tolist() == [0, 1, 2]
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


_WRITER = """
import itertools, sys
from popcode.files import atomic_write
for i in itertools.count():
    with atomic_write(sys.argv[1]) as temporary:
        temporary.write_bytes(bytes([i % 251]) * 300_000)
    print(i, flush=True)
"""


def test_kill_leaves_old_or_new_whole(tmp_path):
    target = tmp_path / "a.bin"
    rng = np.random.default_rng(0)
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(target)], stdout=subprocess.PIPE
        )
        writer.stdout.readline()
        time.sleep(float(rng.uniform(0, 0.03)))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        content = target.read_bytes()
        assert len(content) == 300_000
        assert len(set(content)) == 1


def test_a_writer_that_replaces_the_file_does_not_set_its_mode(tmp_path):
    with atomic_write(tmp_path / "plain") as temporary:
        temporary.write_text("x")
    with atomic_write(tmp_path / "private") as temporary:
        temporary.unlink()
        temporary.touch(mode=0o600)
    modes = [(tmp_path / name).stat().st_mode for name in ("plain", "private")]
    assert modes[0] == modes[1]
