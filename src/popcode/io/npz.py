"""Recordings in numpy's files: native .npz, and plain arrays in .npz or .npy."""

from pathlib import Path
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.io import native
from popcode.io.formats import Format, begins_with, the_file
from popcode.io.headers import check_members, memory_map, read_header
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.recording import Recording


def read_npz(path: Path, options: ReadOptions) -> Recording:
    """Recording of a .npz: the native format, or else its one matrix (rows are bins)."""
    check_members(path)
    with np.load(path, allow_pickle=False) as file:
        if "format" in file.files:
            return native.from_keys({key: file[key] for key in file.files})
        name = _the_matrix({key: file[key].ndim for key in file.files}, options.array)
        return _plain_array(file[name], f"the array {name!r}", options)


def read_npy(path: Path, options: ReadOptions) -> Recording:
    """Recording of a .npy matrix; rows are bins."""
    with path.open("rb") as file:
        refuse_beyond_memory(read_header(file).n_bytes)
    return _plain_array(np.array(memory_map(path), order="C"), "the array", options)


def write_npz(recording: Recording, path: Path) -> None:
    """Write the native format. The same recording gives the same bytes."""
    with path.open("wb") as file:
        keys: dict[str, Any] = {"activity": recording.activity, **native.to_keys(recording)}
        np.savez_compressed(file, **keys)


def _plain_array(array: np.ndarray, name: str, options: ReadOptions) -> Recording:
    note = {"step": "array read", "what": name, "orientation": "rows are bins, columns neurons"}
    return Recording(array, bin_s=options.sample_s, provenance=(note,))


def _the_matrix(dimensions: dict[str, int], wanted: str | None) -> str:
    """Name of the array to read: `wanted`, `activity`, or the only one with two dimensions."""
    matrices = [name for name, n_dimensions in dimensions.items() if n_dimensions == 2]
    if wanted is not None and wanted not in dimensions:
        raise InputError(
            f"it holds no array {wanted!r}",
            remedy=f"Choose one of {', '.join(sorted(matrices)[:10])}.",
        )
    if wanted is not None or "activity" in matrices:
        return wanted or "activity"
    if len(matrices) != 1:
        raise InputError(
            f"it is no popcode recording and holds {len(matrices)} matrices "
            f"among the arrays {', '.join(sorted(dimensions)[:10])}",
            remedy="Name the one to read: array='...' (--array), of shape (n_bins, n_neurons).",
        )
    return matrices[0]


# An archive without members begins otherwise.
NPZ = Format("npz", begins_with(b"PK\x03\x04", b"PK\x05\x06"), read_npz, the_file)
NPY = Format("npy", begins_with(b"\x93NUMPY"), read_npy, the_file)
