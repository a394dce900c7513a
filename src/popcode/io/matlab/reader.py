"""MATLAB files up to version 5 (v4, v6, v7); 7.3 is HDF5 and read as such."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from popcode.io.formats import Format, begins_with, the_file
from popcode.io.matlab import version4, version5
from popcode.io.named_arrays import Entry, recording_of_arrays
from popcode.io.options import ReadOptions
from popcode.recording import Recording

_begins_5 = begins_with(b"MATLAB 5.0")


def read_matlab(path: Path, options: ReadOptions) -> Recording:
    """Recording of the one matrix of activity in a .mat file. See `recording_of_arrays`.

    Only the variables that are used are read; structures are not.
    """
    entries = _entries_5(path) if _begins_5(path) else _entries_4(path)
    return recording_of_arrays(entries, options)


def _entries_5(path: Path) -> dict[str, Entry]:
    return {
        variable.name: Entry(
            variable.shape,
            np.dtype(version5.CLASS_TYPES.get(variable.class_, "O")),
            variable.class_ in (version5.CELL, version5.CHAR),
            partial(version5.read_values, path, variable),
        )
        for variable in version5.read_variables(path)
        if variable.class_ in (*version5.CLASS_TYPES, version5.CELL, version5.CHAR)
    }


def _entries_4(path: Path) -> dict[str, Entry]:
    return {
        matrix.name: Entry(
            matrix.shape, matrix.dtype, False, partial(version4.read_values, path, matrix)
        )
        for matrix in version4.read_matrices(path)
        if matrix.dtype is not None
    }


def _holds(path: Path) -> bool:
    return _begins_5(path) or version4.first_matrix(path) is not None


MATLAB = Format("MATLAB", _holds, read_matlab, the_file)
