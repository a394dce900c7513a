"""Recordings in numpy's files: native .npz, and plain arrays in .npz or .npy."""

import math
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format

from popcode.errors import InputError
from popcode.io import native
from popcode.io.formats import Format, begins_with, the_file
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.recording import Recording


def read_npz(path: Path, options: ReadOptions) -> Recording:
    """Recording of a .npz: the native format, or else its one matrix (rows are bins)."""
    _check_members(path)
    with np.load(path, allow_pickle=False) as file:
        if "format" in file.files:
            return native.from_keys({key: file[key] for key in file.files})
        name = _the_matrix({key: file[key].ndim for key in file.files})
        return _plain_array(file[name], f"the array {name!r}")


def read_npy(path: Path, options: ReadOptions) -> Recording:
    """Recording of a .npy matrix; rows are bins."""
    with path.open("rb") as file:
        shape, n_bytes = _announced(file)
    refuse_beyond_memory(n_bytes)
    if n_bytes > path.stat().st_size:
        raise InputError(
            f"the file is cut short: its header announces an array of shape {shape}",
            remedy="Copy or export it again.",
        )
    return _plain_array(np.load(path, allow_pickle=False), "the array")


def write_npz(recording: Recording, path: Path) -> None:
    """Write the native format. The same recording gives the same bytes."""
    with path.open("wb") as file:
        keys: dict[str, Any] = {"activity": recording.activity, **native.to_keys(recording)}
        np.savez_compressed(file, **keys)


def _plain_array(array: np.ndarray, name: str) -> Recording:
    note = {"step": "array read", "what": name, "orientation": "rows are bins, columns neurons"}
    return Recording(array, provenance=(note,))


def _the_matrix(dimensions: dict[str, int]) -> str:
    """Name of the array to read: `activity`, or the only one with two dimensions."""
    matrices = [name for name, n_dimensions in dimensions.items() if n_dimensions == 2]
    if "activity" in matrices:
        return "activity"
    if len(matrices) != 1:
        raise InputError(
            f"it is no popcode recording and holds {len(matrices)} matrices "
            f"among the arrays {', '.join(sorted(dimensions)[:10])}",
            remedy="Name the one to read 'activity', of shape (n_bins, n_neurons).",
        )
    return matrices[0]


def _check_members(path: Path) -> None:
    """Refuse members whose header announces more than they hold, or than fits into memory.

    A damaged or hostile header would otherwise make numpy ask for any amount of memory.
    """
    with zipfile.ZipFile(path) as archive:
        refuse_beyond_memory(sum(member.file_size for member in archive.infolist()))
        for member in archive.infolist():
            with archive.open(member) as file:
                shape, n_bytes = _announced(file)
            if n_bytes > member.file_size:
                raise InputError(
                    f"the array {member.filename.removesuffix('.npy')!r} is cut short: "
                    f"its header announces shape {shape}",
                    remedy="Copy or export the file again.",
                )


def _announced(file: IO[bytes]) -> tuple[tuple[int, ...], int]:
    """Shape and bytes that the header of a .npy announces."""
    if npy_format.read_magic(file) == (1, 0):
        shape, _, dtype = npy_format.read_array_header_1_0(file)
    else:
        shape, _, dtype = npy_format.read_array_header_2_0(file)
    if dtype.hasobject:
        raise InputError(
            "it holds pickled objects, which are never read",
            remedy="Save the activity as numbers: numpy.save(path, activity.astype(float)).",
        )
    return shape, math.prod(shape) * dtype.itemsize


# An archive without members begins otherwise.
NPZ = Format("npz", begins_with(b"PK\x03\x04", b"PK\x05\x06"), read_npz, the_file)
NPY = Format("npy", begins_with(b"\x93NUMPY"), read_npy, the_file)
