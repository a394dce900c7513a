"""Baseline models on disk: one safetensors file, its facts in the header."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from popcode.errors import InputError
from popcode.files import atomic_write

FORMAT, VERSION = "popcode-model", 1
_REMEDY = "Give the model.safetensors of a finished run"


class StoredModel(NamedTuple):
    """A model file's content.

    estimator : str
        Name of the estimator's class.
    settings : dict
        The constructor's arguments.
    tensors : dict of ndarray
    facts : dict
        Plain values.
    """

    estimator: str
    settings: dict
    tensors: dict[str, NDArray]
    facts: dict


def write_model(path: str | Path, model: StoredModel) -> None:
    """Write a model, replacing an existing file whole."""
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "estimator": model.estimator,
        "convention": "P(v) ~ exp(fields.v + v couplings v / 2 + population[sum v]), v in {0, 1}",
        "settings": json.dumps(model.settings),
        "facts": json.dumps(model.facts),
    }
    # Under one key: safetensors writes several in an order that differs between processes.
    header = {FORMAT: json.dumps(metadata)}
    with atomic_write(path) as temporary:
        tensors = {name: np.ascontiguousarray(value) for name, value in model.tensors.items()}
        save_file(tensors, temporary, header)


def read_model(path: str | Path) -> StoredModel:
    """Read a model file.

    Raises
    ------
    InputError
        No such file, not a popcode model, truncated, or of a newer version.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = json.loads((file.metadata() or {}).get(FORMAT, "{}"))
            tensors = {name: file.get_tensor(name).copy() for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(
            f"cannot be read as a model ({error})", where=str(path), remedy=_REMEDY
        ) from error
    if metadata.get("format") != FORMAT:
        raise InputError("not a popcode model", where=str(path), remedy=_REMEDY)
    if not metadata["version"].isdigit() or int(metadata["version"]) > VERSION:
        raise InputError(
            f"model format {metadata['version']!r}, and this popcode reads up to {VERSION}",
            where=str(path),
            remedy="Update popcode",
        )
    settings, facts = json.loads(metadata["settings"]), json.loads(metadata["facts"])
    return StoredModel(metadata["estimator"], settings, tensors, facts)
