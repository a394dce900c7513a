"""What the pickle of a numpy array is made of, rebuilt from checked parts."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from popcode.errors import InputError

REMEDY = "Export the file again; its pickled arrays are damaged."
MOST_LETTERS = 4096  # of a path
_PLAIN_TYPES = frozenset("biufcSUO")


class StoredType:
    """A numpy type: numbers, booleans or text of fixed length, or objects.

    Parameters
    ----------
    code : str
        As numpy writes it: f4, U12, O8.
    """

    def __init__(self, code: Any) -> None:
        # Whatever is not known to be flat is not shown: nested tuples may take for ever.
        if not isinstance(code, str):
            raise InputError(f"a type is named by a {type(code).__name__}", remedy=REMEDY)
        if code[:1] not in _PLAIN_TYPES or not code[1:].isdigit():
            raise InputError(f"a pickled array is of type {code[:20]!r}", remedy=REMEDY)
        self.dtype = np.dtype("O" if code[0] == "O" else code)

    def set_state(self, state: Any) -> None:
        """Take the byte order from the state that numpy writes; fields are refused."""
        version, order, *_ = state
        if version not in (3, 4) or any(part is not None for part in state[2:5]):
            raise InputError("a pickled array has fields", remedy=REMEDY)
        if order in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(order)


class StoredArray:
    """A numpy array whose values are a view of the bytes that it was read from."""

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = (0,)
        self._values: Any = []
        self._fortran_order = False

    def set_state(self, state: Any) -> None:
        """Take (version, shape, type, order, values) as numpy writes them."""
        _, shape, stored, fortran_order, values = state
        self.fill(shape, stored, "F" if fortran_order else "C", values)

    def fill(self, shape: Any, stored: Any, order: str, values: Any) -> None:
        """Check that the values are as many as the shape announces, and keep them."""
        if not isinstance(stored, StoredType) or not isinstance(shape, tuple) or len(shape) > 32:
            raise InputError("a pickled array lacks its type or shape", remedy=REMEDY)
        if not all(type(n) is int and 0 <= n < 1 << 63 for n in shape):
            raise InputError("a pickled array is of a shape that is none", remedy=REMEDY)
        objects = stored.dtype.hasobject
        if not isinstance(values, list if objects else bytes | bytearray):
            raise InputError(f"a pickled array holds {type(values).__name__}", remedy=REMEDY)
        n_announced = math.prod(shape) * (1 if objects else stored.dtype.itemsize)
        if n_announced != len(values):
            raise InputError(
                f"a pickled array announces {n_announced} and holds {len(values)} values",
                remedy=REMEDY,
            )
        self.shape = shape
        kept: Any = values
        self._values = kept if objects else _view(kept, stored.dtype, shape, order)

    def objects(self) -> list[Any]:
        """Elements in the order stored."""
        return self._values if isinstance(self._values, list) else self._values.ravel().tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """The array; of objects, an array of objects."""
        if isinstance(self._values, list):
            array = np.empty(len(self._values), dtype=object)
            for place, value in enumerate(self._values):  # which numpy would take apart
                array[place] = value
            return array.reshape(self.shape)
        return np.array(self._values, dtype=dtype, copy=copy)


def _view(values: bytes, dtype: np.dtype, shape: tuple[int, ...], order: Any) -> np.ndarray:
    if not values:
        if math.prod(shape) > 1:  # of text without a letter, which numpy gives room for one
            raise InputError(f"a pickled array of shape {shape} is empty", remedy=REMEDY)
        return np.zeros(shape, dtype=dtype)
    return np.frombuffer(values, dtype=dtype).reshape(shape, order=order)


def _empty_array(*_: Any) -> StoredArray:
    return StoredArray()


def _type(code: Any, *_: Any) -> StoredType:
    return StoredType(code)


def _scalar(stored: StoredType, values: Any) -> Any:
    array = StoredArray()
    array.fill((), stored, "C", values)
    return array.objects()[0]


def _array_of_buffer(values: Any, stored: Any, shape: Any, order: Any) -> StoredArray:
    array = StoredArray()
    array.fill(shape, stored, "F" if order == "F" else "C", values)
    return array


def _bytes_of_text(text: Any, encoding: Any) -> bytes:
    if encoding != "latin1" or not isinstance(text, str):
        raise InputError("pickled bytes are in an encoding other than latin1", remedy=REMEDY)
    return text.encode("latin1")


def _no_bytes(*values: Any) -> bytes:
    if values:
        raise InputError("a pickle makes bytes of a value", remedy=REMEDY)
    return b""


def _no_class(*_: Any) -> None:
    raise InputError("a pickle calls numpy.ndarray itself", remedy=REMEDY)


def _mapping(*pairs: Any) -> dict:
    if pairs:
        raise InputError("a pickle makes a mapping of pairs", remedy=REMEDY)
    return {}


def _path(*parts: Any) -> str:
    if not all(isinstance(part, str) for part in parts) or sum(map(len, parts)) > MOST_LETTERS:
        raise InputError("a pickled path is made of more than short texts", remedy=REMEDY)
    return str(PurePosixPath(*parts))


# Old and new places of the same: numpy before and from 2.0, Python before and from 3.13.
MAKERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "dtype"): _type,
    ("numpy", "ndarray"): _no_class,
    ("numpy.core.multiarray", "_reconstruct"): _empty_array,
    ("numpy._core.multiarray", "_reconstruct"): _empty_array,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("numpy.core.numeric", "_frombuffer"): _array_of_buffer,
    ("numpy._core.numeric", "_frombuffer"): _array_of_buffer,
    ("_codecs", "encode"): _bytes_of_text,
    ("__builtin__", "bytes"): _no_bytes,
    ("collections", "OrderedDict"): _mapping,
    ("pathlib", "PosixPath"): _path,
    ("pathlib", "WindowsPath"): _path,
    ("pathlib", "PurePosixPath"): _path,
    ("pathlib", "PureWindowsPath"): _path,
    ("pathlib._local", "PosixPath"): _path,
    ("pathlib._local", "WindowsPath"): _path,
}
