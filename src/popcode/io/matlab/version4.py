"""Matrices of MATLAB files of version 4.

After "MAT-File Format", The MathWorks: five whole numbers (the type, rows, columns, whether
imaginary parts follow, length of the name), the name and the values by columns. The type is a
thousand and more where the high byte comes first.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.io.matlab.stream import REMEDY, Stream, as_matrix

HEADER_BYTES = 20
ORDERS = (("<", 0), (">", 1000))
TYPES = {0: "f8", 10: "f4", 20: "i4", 30: "i2", 40: "u2", 50: "u1"}  # of full matrices
TEXT, SPARSE = 1, 2  # added to the type
MOST_LETTERS = 64


class Matrix(NamedTuple):
    """Name, shape and type of a matrix (None of text and others), and where its values are."""

    name: str
    shape: tuple[int, int]
    dtype: np.dtype | None
    start: int
    n_bytes: int


def first_matrix(path: Path) -> Matrix | None:
    """What the file begins with where it is of version 4, which has no magic."""
    if path.is_dir():
        return None
    found = _matrix_at(path, 0)
    return found if found is not None and found.name.isidentifier() else None


def read_matrices(path: Path) -> list[Matrix]:
    """Matrices of a file of version 4."""
    found: list[Matrix] = []
    place, end = 0, path.stat().st_size
    while place < end:
        matrix = _matrix_at(path, place)
        if matrix is None:
            raise InputError(f"it is damaged after {len(found)} matrices", remedy=REMEDY)
        found.append(matrix)
        place = matrix.start + matrix.n_bytes
    return found


def read_values(path: Path, matrix: Matrix) -> np.ndarray:
    """Real part of a full matrix."""
    n_values = matrix.shape[0] * matrix.shape[1]
    dtype = matrix.dtype or np.dtype("f8")
    with path.open("rb") as file:
        content = Stream(file, matrix.start, matrix.n_bytes).read(n_values * dtype.itemsize)
    return as_matrix(np.frombuffer(content, dtype), matrix.shape, matrix.name)


def _matrix_at(path: Path, place: int) -> Matrix | None:
    with path.open("rb") as file:
        file.seek(place)
        head = file.read(HEADER_BYTES)
        rest = file.read(MOST_LETTERS)
    if len(head) < HEADER_BYTES:
        return None
    for order, thousand in ORDERS:
        kind, n_rows, n_columns, imaginary, n_letters = np.frombuffer(head, order + "i4").tolist()
        kind -= thousand
        known = kind - kind % 10 in TYPES and kind % 10 in (0, TEXT, SPARSE)
        name = rest[: max(0, n_letters)]
        named = len(name) == n_letters > 1 and name.endswith(b"\0") and name.isascii()
        if known and named and min(n_rows, n_columns) >= 0 and imaginary in (0, 1):
            break
    else:
        return None
    dtype = np.dtype(order + TYPES[kind - kind % 10])
    n_bytes = n_rows * n_columns * dtype.itemsize * (1 + imaginary)
    full = dtype if kind % 10 == 0 and not imaginary else None
    start = place + HEADER_BYTES + n_letters
    return Matrix(name[:-1].decode(), (n_rows, n_columns), full, start, n_bytes)
