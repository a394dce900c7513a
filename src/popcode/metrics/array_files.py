"""Nested named arrays in one ``.npz`` file: no pickle, replaced whole, read whole or refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.files import atomic_write

T = TypeVar("T")


def flattened(value: Any, prefix: str = "") -> dict[str, npt.NDArray]:
    """Arrays of named tuples and mappings by their path, such as ``population/test``.

    Parameters
    ----------
    value : named tuple or mapping
        All the way down to arrays; a part that is None is left out.
    prefix : str
        Put before every path.

    Returns
    -------
    dict of str to ndarray
    """
    parts = value._asdict() if hasattr(value, "_asdict") else value
    found: dict[str, npt.NDArray] = {}
    for name, part in parts.items():
        if isinstance(part, dict) or hasattr(part, "_asdict"):
            found |= flattened(part, f"{prefix}{name}/")
        elif part is not None:
            found[f"{prefix}{name}"] = part
    return found


def write_arrays(
    path: str | Path, file_format: str, version: int, arrays: dict[str, npt.NDArray]
) -> None:
    """Write arrays by their path as one compressed ``.npz`` file, replaced whole."""
    told: dict[str, Any] = {"format": file_format, "version": version, **arrays}
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **told)


def read_arrays(
    path: str | Path, file_format: str, version: int, assembled: Callable[[dict[str, Any]], T]
) -> T:
    """Read what `write_arrays` wrote.

    Parameters
    ----------
    path : str or Path
    file_format, version
        What the file must say of itself.
    assembled : callable
        Makes the result of the arrays, nested in dictionaries by their path.

    Returns
    -------
    object

    Raises
    ------
    InputError
        No such file, damaged, or of another format.
    """
    try:
        with zipfile.ZipFile(path) as container:
            damaged = container.testzip()
        if damaged is not None:
            raise ValueError(f"{damaged} is damaged")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if str(arrays.pop("format")) != file_format or int(arrays.pop("version")) != version:
            raise ValueError("another format or version")
        return assembled(_nested(arrays))
    # The readers of zip and npy raise at least seven types of exception on damaged files.
    except Exception as error:
        raise InputError(
            f"not a whole evaluation ({error})",
            where=str(path),
            remedy="Make it again with popcode evaluate RUN",
        ) from error


def _nested(arrays: dict[str, npt.NDArray]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for path, value in arrays.items():
        *groups, leaf = path.split("/")
        node = root
        for group in groups:
            node = node.setdefault(group, {})
        node[leaf] = value
    return root
