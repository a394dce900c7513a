"""Recordings in numpy's files: native .npz, and plain arrays in .npz or .npy."""

import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from popcode.io import native
from popcode.io.formats import Format, begins_with, the_file
from popcode.io.headers import any_header, check_members, memory_map, read_header
from popcode.io.named_arrays import MOST_COLUMNS_OF_A_COMPANION, Entry, recording_of_arrays
from popcode.io.npz_rows import read_matrix
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.recording import Recording


def read_npz(path: Path, options: ReadOptions) -> Recording:
    """Recording of a .npz: the native format, or else its one matrix of activity.

    See `popcode.io.named_arrays.recording_of_arrays`; only the arrays that are used are read.
    """
    entries = _entries(path)
    if "format" in entries:
        check_members(path)
        with np.load(path, allow_pickle=False) as file:
            return native.from_keys({key: file[key] for key in file.files})
    return recording_of_arrays(entries, options, narrowest=0)


def _entries(path: Path) -> dict[str, Entry]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        return {name.removesuffix(".npy"): _entry(path, archive, name) for name in names}


def _entry(path: Path, archive: zipfile.ZipFile, member: str) -> Entry:
    with archive.open(member) as file:
        header = any_header(file)
    name = member.removesuffix(".npy")
    return Entry(
        header.shape,
        header.dtype,
        header.dtype.kind in "SU",
        partial(_matrix if _is_wide(header.shape) else _companion, path, name),
        partial(_matrix, path, name, turned=True),
    )


def _is_wide(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 and min(shape) > MOST_COLUMNS_OF_A_COMPANION


def _matrix(path: Path, name: str, turned: bool = False) -> np.ndarray:
    check_members(path, [name])
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
        return read_matrix(member, turned)


def _companion(path: Path, name: str) -> np.ndarray:
    """The array in full precision, bytes as text."""
    check_members(path, [name])
    with np.load(path, allow_pickle=False) as file:
        array: np.ndarray = file[name]
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array


def read_npy(path: Path, options: ReadOptions) -> Recording:
    """Recording of a .npy matrix; rows are bins."""
    with path.open("rb") as file:
        refuse_beyond_memory(read_header(file).n_bytes)
    step = {"step": "array read", "orientation": "rows are bins, columns neurons"}
    activity = np.array(memory_map(path), order="C")
    return Recording(activity, bin_s=options.sample_s, provenance=(step,))


def write_npz(recording: Recording, path: Path) -> None:
    """Write the native format. The same recording gives the same bytes."""
    with path.open("wb") as file:
        keys: dict[str, Any] = {"activity": recording.activity, **native.to_keys(recording)}
        np.savez_compressed(file, **keys)


# An archive without members begins otherwise.
NPZ = Format("npz", begins_with(b"PK\x03\x04", b"PK\x05\x06"), read_npz, the_file)
NPY = Format("npy", begins_with(b"\x93NUMPY"), read_npy, the_file)
