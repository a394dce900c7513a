"""Variables of MATLAB files of version 5 (what MATLAB saves as v6 and v7).

After "MAT-File Format", The MathWorks, R2024a. A reader of our own: the usual one crashes the
interpreter on damaged files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.io.matlab.stream import REMEDY, Stream, as_matrix
from popcode.io.reading import refuse_beyond_memory

HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15
CELL, CHAR, SPARSE = 1, 4, 5
CLASS_TYPES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"}
CLASS_TYPES |= {14: "i8", 15: "u8", SPARSE: "f4"}
STORED_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8"}
STORED_TYPES |= {12: "i8", 13: "u8"}
ENCODINGS = {1: "utf-8", 2: "utf-8", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
COMPLEX_FLAG = 0x800
MOST_HEADER_BYTES = 1 << 12  # of the flags, dimensions and name of a variable


class _Tag(NamedTuple):
    """Kind and size of an element; `within` is its content where it fits into the tag."""

    kind: int
    n_bytes: int
    within: bytes | None


class Variable(NamedTuple):
    """Name, shape and class of a variable, and where it is in the file."""

    name: str
    shape: tuple[int, ...]
    class_: int
    is_complex: bool
    start: int
    n_bytes: int
    packed: bool


class Mat5:
    """An open file of version 5.

    Parameters
    ----------
    file : binary file
    n_bytes : int
        Its size.
    """

    def __init__(self, file: IO[bytes], n_bytes: int) -> None:
        self._file, self._n_bytes = file, n_bytes
        header = Stream(file, 0, HEADER_BYTES).read(HEADER_BYTES)
        self._order = {b"IM": "<", b"MI": ">"}.get(header[126:], "<")

    def variables(self) -> Iterator[Variable]:
        """All variables of the file that have a name."""
        place = HEADER_BYTES
        while place + 8 <= self._n_bytes:
            kind, n_bytes = self._numbers(Stream(self._file, place, 8).read(8), "u4")
            if kind == n_bytes == 0:  # zeros to the end: room that was never written
                return
            packed = kind == COMPRESSED
            if kind not in (MATRIX, COMPRESSED):
                raise InputError(f"an element of type {kind} is no variable", remedy=REMEDY)
            start = place if packed is False else place + 8
            yield self._variable(start, n_bytes + 8 * (not packed), packed)
            place += 8 + n_bytes

    def values(self, variable: Variable) -> Any:
        """Numbers as an array (a view of what was read, by columns), text as one str an entry."""
        stream = self._stream(variable)
        self._matrix_header(stream)
        if variable.class_ == CELL:
            n_cells = int(np.prod(variable.shape, dtype=object))
            refuse_beyond_memory(64 * n_cells)
            return np.array([self._cell(stream) for _ in range(n_cells)])
        if variable.class_ == CHAR:
            return np.array(self._rows_of_text(stream, variable.shape))
        if variable.is_complex:
            raise InputError(f"{variable.name!r} is complex", remedy="Save its real part.")
        if variable.class_ == SPARSE:
            return self._sparse(stream, variable)
        return as_matrix(self._array(stream), variable.shape, variable.name)

    def _variable(self, start: int, n_bytes: int, packed: bool) -> Variable:
        stream = Stream(self._file, start, n_bytes, packed=packed)
        name, shape, class_, is_complex = self._matrix_header(stream)
        return Variable(name, shape, class_, is_complex, start, n_bytes, packed)

    def _stream(self, variable: Variable) -> Stream:
        return Stream(self._file, variable.start, variable.n_bytes, packed=variable.packed)

    def _matrix_header(self, stream: Stream) -> tuple[str, tuple[int, ...], int, bool]:
        """Name, shape, class and whether it is complex; the stream is left at the values."""
        if self._tag(stream).kind != MATRIX:
            raise InputError("an element that should be a matrix is none", remedy=REMEDY)
        flags = self._numbers(self._short(stream), "u4")
        shape = tuple(self._numbers(self._short(stream), "i4"))
        name = self._short(stream).decode("ascii", errors="replace")
        if not flags or len(shape) < 2 or min(shape) < 0:
            raise InputError(f"the header of {name!r} is damaged", remedy=REMEDY)
        return name, shape, flags[0] & 0xFF, bool(flags[0] & COMPLEX_FLAG)

    def _numbers(self, content: bytes, code: str) -> list[int]:
        return np.frombuffer(content, dtype=self._order + code).tolist()

    def _tag(self, stream: Stream) -> _Tag:
        head = stream.read(8)
        first, n_bytes = self._numbers(head, "u4")
        if first >> 16:
            return _Tag(first & 0xFFFF, first >> 16, head[4 : 4 + (first >> 16)])
        return _Tag(first, n_bytes, None)

    def _content(self, stream: Stream, tag: _Tag) -> bytes:
        if tag.within is not None:
            return tag.within
        content = stream.read(tag.n_bytes)
        stream.read(-tag.n_bytes % 8)
        return content

    def _short(self, stream: Stream) -> bytes:
        tag = self._tag(stream)
        if tag.n_bytes > MOST_HEADER_BYTES:
            raise InputError("the header of a variable is damaged", remedy=REMEDY)
        return self._content(stream, tag)

    def _array(self, stream: Stream) -> np.ndarray:
        tag = self._tag(stream)
        if tag.kind not in STORED_TYPES:
            raise InputError(f"numbers are stored as the unknown type {tag.kind}", remedy=REMEDY)
        return np.frombuffer(self._content(stream, tag), self._order + STORED_TYPES[tag.kind])

    def _sparse(self, stream: Stream, variable: Variable) -> np.ndarray:
        """A sparse matrix, filled up in single precision: its rows, column starts and values."""
        refuse_beyond_memory(4 * int(np.prod(variable.shape, dtype=object)))
        rows, starts, values = (self._array(stream) for _ in range(3))
        n_rows, n_columns = variable.shape[0], variable.shape[-1]
        n_values = int(starts[-1]) if len(starts) == n_columns + 1 else -1
        bounds = starts.astype(np.int64)
        steps = bounds[1:] - bounds[:-1]
        fits = 0 <= n_values <= min(len(rows), len(values)) and (steps >= 0).all()
        if not fits or starts[0] != 0 or (n_values and rows[:n_values].max() >= n_rows):
            raise InputError(f"the sparse {variable.name!r} is damaged", remedy=REMEDY)
        full = np.zeros((n_rows, n_columns), dtype=np.float32)
        full[rows[:n_values], np.repeat(np.arange(n_columns), steps)] = values[:n_values]
        return full

    def _cell(self, stream: Stream) -> str:
        _, shape, class_, _ = self._matrix_header(stream)
        if class_ != CHAR:
            raise InputError("cells hold more than text", remedy="Keep one text for each neuron.")
        return "".join(self._rows_of_text(stream, shape))

    def _rows_of_text(self, stream: Stream, shape: tuple[int, ...]) -> list[str]:
        if 0 in shape:
            self._content(stream, self._tag(stream))
            return [""]
        tag = self._tag(stream)
        encoding = ENCODINGS.get(tag.kind, "utf-8")
        if encoding != "utf-8":
            encoding += "-le" if self._order == "<" else "-be"
        letters = list(self._content(stream, tag).decode(encoding, errors="replace"))
        if shape[0] > len(letters):
            raise InputError(f"a text of shape {shape} is cut short", remedy=REMEDY)
        return ["".join(letters[row :: shape[0]]).strip() for row in range(shape[0])]


def read_variables(path: Path) -> list[Variable]:
    """Variables of a file of version 5."""
    with path.open("rb") as file:
        return list(Mat5(file, path.stat().st_size).variables())


def read_values(path: Path, variable: Variable) -> Any:
    """Values of one of them. See `Mat5.values`."""
    with path.open("rb") as file:
        return Mat5(file, path.stat().st_size).values(variable)
