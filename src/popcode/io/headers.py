"""What the header of a .npy announces, checked before numpy believes it.

A damaged or hostile header would otherwise make numpy ask for any amount of memory.
"""

import math
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy_format

from popcode.errors import InputError
from popcode.io.reading import refuse_beyond_memory


class Header(NamedTuple):
    """Shape, order and type of the array that follows in a .npy."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype

    @property
    def n_bytes(self) -> int:
        """Size of the values."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: IO[bytes]) -> Header:
    """Header of a .npy; the file is left at its first value.

    Raises
    ------
    InputError
        The values are pickled objects.
    """
    header = any_header(file)
    if header.dtype.hasobject:
        raise InputError(
            "it holds pickled objects, which are never read",
            remedy="Save the activity as numbers: numpy.save(path, activity.astype(float)).",
        )
    return header


def any_header(file: IO[bytes]) -> Header:
    """Header of a .npy, pickled objects or not."""
    if npy_format.read_magic(file) == (1, 0):
        return Header(*npy_format.read_array_header_1_0(file))
    return Header(*npy_format.read_array_header_2_0(file))


def memory_map(path: Path, where: str = "") -> np.ndarray:
    """The array of a .npy as a read-only memory map.

    Raises
    ------
    InputError
        Pickled objects, or a file shorter than its header announces; at `where`.
    """
    with path.open("rb") as file:
        try:
            header = read_header(file)
        except InputError as error:
            raise InputError(error.what, where=where, remedy=error.remedy) from None
        n_bytes = file.tell() + header.n_bytes
    if n_bytes > path.stat().st_size:
        raise InputError(
            f"the file is cut short: its header announces an array of shape {header.shape}",
            where=where,
            remedy="Copy or export it again.",
        )
    empty = math.prod(header.shape) == 0  # which cannot be mapped
    return np.load(path, mmap_mode=None if empty else "r", allow_pickle=False)


def check_members(path: Path, names: Collection[str] | None = None) -> None:
    """Check the arrays of a .npz called `names`, all of them by default.

    Raises
    ------
    InputError
        Pickled objects, a header that announces more than its member holds, or members that
        unpacked would not fit into memory.
    """
    with zipfile.ZipFile(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if names is None or member.filename.removesuffix(".npy") in names
        ]
        refuse_beyond_memory(sum(member.file_size for member in members))
        for member in members:
            _check_member(archive, member)


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    name = member.filename.removesuffix(".npy")
    with archive.open(member) as file:
        try:
            header = read_header(file)
        except InputError as error:
            raise InputError(error.what, where=f"array {name!r}", remedy=error.remedy) from None
    if header.n_bytes > member.file_size:
        raise InputError(
            f"the array {name!r} is cut short: its header announces shape {header.shape}",
            remedy="Copy or export the file again.",
        )
