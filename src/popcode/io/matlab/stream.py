"""Bytes of one element of a MATLAB file, packed or not, taken in order and never beyond its end."""

from __future__ import annotations

import zlib
from typing import IO

import numpy as np

from popcode.errors import InputError
from popcode.io.reading import refuse_beyond_memory

REMEDY = "Copy or export the file again."
PACKED_AT_ONCE = 1 << 20


class Stream:
    """Part of a file.

    Parameters
    ----------
    file : binary file
    start, n_bytes : int
        Where the part is.
    packed : bool
        Whether it is compressed by zlib.
    """

    def __init__(self, file: IO[bytes], start: int, n_bytes: int, *, packed: bool = False) -> None:
        self._file, self._place, self._left = file, start, n_bytes
        self._unpacker = zlib.decompressobj() if packed else None

    def read(self, n: int) -> bytes:
        """The next `n` bytes. Raises InputError where there are fewer."""
        refuse_beyond_memory(n)
        parts = []
        while n > 0:
            part = self._next(n)
            if not part:
                raise InputError("the file is cut short", remedy=REMEDY)
            parts.append(part)
            n -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _next(self, n: int) -> bytes:
        """At most `n` bytes, none at the end."""
        if self._unpacker is None:
            return self._stored(n)
        while not self._unpacker.eof:
            waiting = self._unpacker.unconsumed_tail or self._stored(PACKED_AT_ONCE)
            part = self._unpacker.decompress(waiting, n)
            if part or not waiting:
                return part
        return b""

    def _stored(self, n: int) -> bytes:
        self._file.seek(self._place)
        part = self._file.read(min(n, self._left))
        self._place += len(part)
        self._left -= len(part)
        return part


def as_matrix(values: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Values stored by columns, as an array of `shape`."""
    if values.size != np.prod(shape, dtype=object):
        raise InputError(
            f"{name!r} is cut short: it announces shape {shape} and holds {values.size:,} values",
            remedy=REMEDY,
        )
    return values.reshape(shape, order="F")
