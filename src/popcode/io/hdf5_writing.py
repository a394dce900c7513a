"""HDF5 files written through Python, so that a full disk is an error and not a crash."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py

LIBRARY_VERSIONS = ("v110", "v110")  # the layout whose metadata carries checksums


class DiskFile:
    """A file whose writes never fail as HDF5 sees them.

    HDF5 crashes the process when what it has in memory cannot be written as it closes. The first
    refusal is kept in `refusal`; from then on what is written stays in memory, and is read back
    from there, so that HDF5 can be closed in peace. The methods are those that h5py calls.

    Parameters
    ----------
    raw : io.FileIO
        Open for reading and writing, unbuffered: a refusal comes with the write it is of.
    """

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self._unwritten: list[tuple[int, bytes]] = []
        self._place = 0
        self.refusal: BaseException | None = None

    def check(self) -> None:
        """Raise the refusal, if there was one: of the system, or an interruption."""
        if self.refusal is not None:
            raise self.refusal

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; its offset from the start."""
        if whence == io.SEEK_END:
            ends = [place + len(content) for place, content in self._unwritten]
            self._place = max([self._raw.seek(0, io.SEEK_END), *ends]) + offset
        else:
            self._place = offset + (self._place if whence == io.SEEK_CUR else 0)
        return self._place

    def tell(self) -> int:
        """Where the next byte is read or written."""
        return self._place

    def write(self, content: Any) -> int:
        """Write all of it, or keep it and the refusal."""
        view = memoryview(content).cast("B")
        try:
            self.check()
            self._write_all(view)
        except BaseException as refusal:
            self.refusal = self.refusal or refusal
            self._unwritten.append((self._place, bytes(view)))
        self._place += len(view)
        return len(view)

    def read(self, n_bytes: int) -> bytes:
        """As `readinto`; h5py tells by it that this is a file."""
        content = bytearray(n_bytes)
        self.readinto(content)
        return bytes(content)

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`, with zeros where nothing was written."""
        view = memoryview(buffer).cast("B")
        self._raw.seek(self._place)
        n_read = self._raw.readinto(view) or 0
        view[n_read:] = bytes(len(view) - n_read)
        for place, content in self._unwritten:
            start, stop = (
                max(place, self._place),
                min(place + len(content), self._place + len(view)),
            )
            if start < stop:
                part = content[start - place : stop - place]
                view[start - self._place : stop - self._place] = part
        self._place += len(view)
        return len(view)

    def truncate(self, size: int) -> int:
        """Cut or extend the file."""
        try:
            self._raw.truncate(size)
        except OSError as refusal:
            self.refusal = self.refusal or refusal
        return size

    def flush(self) -> None:
        """Nothing is buffered."""

    def _write_all(self, view: memoryview) -> None:
        self._raw.seek(self._place)
        while view:
            view = view[self._raw.write(view) :]


def write_hdf5(path: Path, fill: Callable[[h5py.File, DiskFile], None]) -> None:
    """Write an HDF5 file; what the disk refuses is raised once HDF5 is closed.

    HDF5 runs in a thread of its own: signals are handled in the main one, so that an interruption
    never comes up inside HDF5, where it would be lost and the file be damaged.

    Parameters
    ----------
    path : Path
    fill : callable
        Writes into the open file. It should call `check` of the second between large parts:
        without it, all that follows a refusal is kept in memory.

    Raises
    ------
    OSError
        The disk is full, or any other refusal of the system.
    """
    with path.open("w+b", buffering=0) as raw, ThreadPoolExecutor(max_workers=1) as apart:
        disk = DiskFile(raw)
        written = apart.submit(_write, disk, fill)
        try:
            written.result()
        except BaseException as error:
            disk.refusal = disk.refusal or error  # of an interruption the thread learns here
            raise


def _write(disk: DiskFile, fill: Callable[[h5py.File, DiskFile], None]) -> None:
    with h5py.File(disk, "w", libver=LIBRARY_VERSIONS, track_order=True) as file:
        fill(file, disk)
    disk.check()
