"""Models on disk: one safetensors file of arrays, all else in its header, without pickle."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from popcode.errors import InputError
from popcode.files import atomic_write

FORMAT, VERSION = "popcode-model", 1
_REMEDY = "Give the model.safetensors of a finished run"


class ModelFile(NamedTuple):
    """A model file's content.

    Attributes
    ----------
    estimator : str
        Name of the estimator's class.
    settings : dict
        The constructor's arguments.
    tensors : dict of ndarray
    facts : dict
        Plain values (training summary, history).
    notes : dict of str
        What else the header says, such as the convention of the energy.
    """

    estimator: str
    settings: dict[str, Any]
    tensors: dict[str, NDArray]
    facts: dict[str, Any]
    notes: dict[str, str]


def write_model_file(path: str | Path, model: ModelFile) -> None:
    """Write a model, replacing an existing file whole."""
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "estimator": model.estimator,
        **model.notes,
        "settings": json.dumps(model.settings),
        "facts": json.dumps(model.facts),
    }
    # Under one key: safetensors writes several in an order that differs between processes, and
    # equal models are to be equal files.
    header = {FORMAT: json.dumps(metadata)}
    with atomic_write(path) as temporary:
        arrays = {name: np.ascontiguousarray(value) for name, value in model.tensors.items()}
        save_file(arrays, temporary, header)


def read_model_file(path: str | Path) -> ModelFile:
    """Read a model file.

    Raises
    ------
    InputError
        No such file, not a popcode model, truncated, or of a newer version.
    """
    with _opened(path) as file:
        metadata = _metadata(file)
        tensors = {name: file.get_tensor(name).copy() for name in file.keys()}  # noqa: SIM118
    _check_format(path, metadata)
    try:
        settings, facts = (json.loads(metadata.pop(name)) for name in ("settings", "facts"))
        return ModelFile(metadata.pop("estimator"), settings, tensors, facts, metadata)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a part of the model is missing ({error})", where=str(path)) from error


def estimator_of(path: str | Path) -> str:
    """Name of the class of a saved model, from the header alone.

    Raises
    ------
    InputError
        As `read_model_file`.
    """
    with _opened(path) as file:
        metadata = _metadata(file)
    _check_format(path, metadata)
    return str(metadata.get("estimator"))


@contextlib.contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(
            f"cannot be read as a model ({error})", where=str(path), remedy=_REMEDY
        ) from error


def _metadata(file: Any) -> dict[str, str]:
    return json.loads((file.metadata() or {}).get(FORMAT, "{}"))


def _check_format(path: str | Path, metadata: dict[str, str]) -> None:
    if metadata.get("format") != FORMAT:
        raise InputError(
            "a safetensors file, but not a popcode model", where=str(path), remedy=_REMEDY
        )
    if not metadata.get("version", "").isdigit() or int(metadata["version"]) > VERSION:
        raise InputError(
            f"model format {metadata.get('version')!r}, and this popcode reads up to {VERSION}",
            where=str(path),
            remedy="Update popcode",
        )
