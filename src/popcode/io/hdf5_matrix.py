"""Matrices in HDF5 that is no recording of ours: MATLAB 7.3, and files with one matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.formats import Format, begins_with, the_file
from popcode.io.hdf5_tree import datasets_below
from popcode.io.hollow import refuse_hollow
from popcode.io.named_arrays import MOST_COLUMNS_OF_A_COMPANION, Entry, recording_of_arrays
from popcode.io.options import ReadOptions
from popcode.io.transposing import as_held, transposed
from popcode.recording import Recording

_TEXT_CLASSES = (b"cell", b"char")


def read_hdf5_matrix(path: Path, options: ReadOptions) -> Recording:
    """Recording of the one matrix of activity in an HDF5 file. See `recording_of_arrays`.

    `options.array` is a path in the file. Arrays that MATLAB wrote (attribute MATLAB_class) are
    stored by columns, which is transposed here, so that what is bins x neurons in MATLAB is so
    in the recording. Text of variable length is not read: where damaged, it hangs HDF5.
    """
    with h5py.File(path, "r") as file:
        return recording_of_arrays(_entries(file), options)


def _entries(file: h5py.File) -> dict[str, Entry]:
    found = datasets_below(file)
    return {name: _entry(data) for name, data in found if name[0] != "#" and _is_read(data)}


def _is_read(data: h5py.Dataset) -> bool:
    """Numbers, text of fixed length and MATLAB's cells, where they are not empty."""
    if "MATLAB_empty" in data.attrs or not data.shape:
        return data.shape == () and data.dtype.kind in "buif"
    kind = data.attrs.get("MATLAB_class")
    return data.dtype.kind in "buifS" or (kind == b"cell" and data.dtype.kind == "O")


def _entry(data: h5py.Dataset) -> Entry:
    by_matlab = "MATLAB_class" in data.attrs
    is_text = data.dtype.kind == "S" or data.attrs.get("MATLAB_class") in _TEXT_CLASSES

    def values() -> Any:
        refuse_hollow(data)
        if is_text:
            return _texts(data)
        if data.ndim != 2 or min(data.shape) <= MOST_COLUMNS_OF_A_COMPANION:
            return data[()].T if by_matlab else data[()]  # of times, in full precision
        return transposed(data) if by_matlab else as_held(data)

    def turned() -> np.ndarray:
        refuse_hollow(data)
        return as_held(data) if by_matlab else transposed(data)

    shape = data.shape[::-1] if by_matlab else data.shape
    return Entry(shape, data.dtype, is_text, values, None if is_text else turned)


def _texts(data: h5py.Dataset) -> np.ndarray:
    if data.dtype.kind == "S":
        return np.char.decode(data[()], "utf-8")
    if data.attrs.get("MATLAB_class") == b"char":
        rows = np.atleast_2d(np.asarray(data[()]).T)
        return np.array(["".join(map(chr, row)).strip() for row in rows])
    return np.array([_cell(data.file, reference) for reference in np.ravel(data[()])])


def _cell(file: h5py.File, reference: Any) -> str:
    letters = file[reference]
    if letters.attrs.get("MATLAB_class") != b"char":
        raise InputError(
            "a list of regions holds more than text", remedy="Keep one text for each neuron."
        )
    return "" if "MATLAB_empty" in letters.attrs else "".join(map(chr, np.ravel(letters[()])))


MATLAB_73 = Format("MATLAB 7.3", begins_with(b"MATLAB 7.3"), read_hdf5_matrix, the_file)
HDF5_MATRIX = Format("HDF5", begins_with(b"\x89HDF\r\n\x1a\n"), read_hdf5_matrix, the_file)
