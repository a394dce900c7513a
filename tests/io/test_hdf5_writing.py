"""A full disk or an interruption, at whatever write, leaves the old file and no crash."""

import errno
import io
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.io import hdf5, hdf5_writing
from popcode.io.hdf5_writing import DiskFile
from popcode.recording import Recording


def noise(n_bins=3000):
    """Of several chunks, that do not compress."""
    rng = np.random.default_rng(0)
    return Recording(rng.random((n_bins, 200), dtype=np.float32), kind="rate")


class SmallDisk(io.FileIO):
    """Takes so many bytes; the write that goes beyond is cut short, the next one refused."""

    def __init__(self, path, room):
        super().__init__(path, "w+")
        self.room = room

    def write(self, content):
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        n_written = super().write(memoryview(content)[: self.room])
        self.room -= n_written
        return n_written


@pytest.mark.parametrize("room", [0, 1, 50, 700, 3000, 60_000, 1_000_000, -4000, -300, -1])
def test_a_full_disk_leaves_the_old_file(room, tmp_path, monkeypatch):
    path = tmp_path / "a.h5"
    if room < 0:  # that much less than it takes
        popcode.save(noise(), path)
        room += path.stat().st_size
    path.write_text("old")
    monkeypatch.setattr(hdf5_writing, "DiskFile", lambda raw: DiskFile(SmallDisk(raw.name, room)))
    with pytest.raises(InputError, match="the disk is full"):
        popcode.save(noise(), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.h5"]


def test_after_a_refusal_little_is_kept_in_memory(tmp_path, monkeypatch):
    disks = []

    def small(raw):
        disks.append(DiskFile(SmallDisk(raw.name, 3000)))
        return disks[0]

    monkeypatch.setattr(hdf5_writing, "DiskFile", small)
    monkeypatch.setattr(
        hdf5, "row_blocks", lambda n, _: [slice(k, k + 100) for k in range(0, n, 100)]
    )
    with pytest.raises(InputError, match="the disk is full"):
        popcode.save(noise(30_000), tmp_path / "a.h5")
    kept = sum(len(content) for _, content in disks[0]._unwritten)
    assert kept < 12 << 20  # of 24 MB: the 8 MiB that HDF5 holds back, and a block


@pytest.mark.parametrize("call", [0, 3, 20])
def test_an_interruption_leaves_the_old_file(call, tmp_path, monkeypatch):
    path = tmp_path / "a.h5"
    path.write_text("old")
    calls = []

    def seek(self, *arguments):
        calls.append(arguments)
        if len(calls) == call + 1:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(self, *arguments)

    whole = DiskFile.seek
    monkeypatch.setattr(DiskFile, "seek", seek)
    with pytest.raises(KeyboardInterrupt):
        popcode.save(noise(12_000), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.h5"]


def test_what_was_refused_is_read_back(tmp_path):
    """Against the same calls on a file that lies in memory."""
    rng = np.random.default_rng(1)
    for room in (0, 10, 100, 10_000):
        raw = SmallDisk(tmp_path / "a", room)
        disk, model = DiskFile(raw), io.BytesIO()
        for _ in range(60):
            place, n_bytes = (int(n) for n in rng.integers(0, 100, 2))
            content = rng.bytes(n_bytes)
            model.seek(place)
            model.write(content)
            disk.seek(place)
            assert disk.write(content) == n_bytes
            assert disk.tell() == place + n_bytes
            assert disk.seek(0, io.SEEK_END) == model.seek(0, io.SEEK_END)
            disk.seek(place // 2)
            assert disk.read(50) == model.getvalue()[place // 2 :][:50].ljust(50, b"\0")
        assert (disk.refusal is None) == (room == 10_000)
        raw.close()


_SAVE = """
import sys, numpy as np, popcode
activity = np.random.default_rng(0).random((20_000, 100), dtype=np.float32)
try:
    popcode.save(popcode.Recording(activity, kind="rate"), sys.argv[1])
except popcode.errors.InputError as error:
    print(error)
"""


def test_on_a_small_disk(tmp_path):
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no small tmpfs can be mounted here")
    try:
        command = [sys.executable, "-c", _SAVE, str(tmp_path / "a.h5")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "the disk is full" in done.stdout
        assert not list(tmp_path.iterdir())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
