"""Models on disk: one safetensors file that keeps all that the model's methods need."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from popcode.errors import InputError
from popcode.files import atomic_write
from popcode.rbm.parameters import Parameters
from popcode.rbm.state import POTENTIALS

FORMAT, VERSION = "popcode-model", 1


class StoredModel(NamedTuple):
    """A model file's content.

    estimator : str
        Name of the estimator's class.
    settings : dict
        The constructor's arguments.
    parameters : Parameters
    extra : dict of ndarray
        Whatever else the estimator keeps (chains, training means, split).
    facts : dict
        Plain values (training summary, history).
    """

    estimator: str
    settings: dict
    parameters: Parameters
    extra: dict[str, NDArray]
    facts: dict


def write_model(path: str | Path, model: StoredModel) -> None:
    """Write a model, replacing an existing file whole."""
    hidden = model.parameters.hidden
    kind = next(name for name, potential in POTENTIALS.items() if isinstance(hidden, potential))
    tensors = {"weights": model.parameters.weights, "fields": model.parameters.fields}
    tensors |= {f"hidden/{n}": v for n, v in zip(hidden._fields, hidden, strict=True)}
    tensors |= {f"extra/{name}": value for name, value in model.extra.items()}
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "estimator": model.estimator,
        "hidden": kind,
        "convention": "P(v,h) ~ exp(fields.v + v weights h - U(h)); theta_minus multiplies |h-|",
        "settings": json.dumps(model.settings),
        "facts": json.dumps(model.facts),
    }
    # Under one key: safetensors writes several in an order that differs between processes, and
    # equal models are to be equal files.
    header = {FORMAT: json.dumps(metadata)}
    with atomic_write(path) as temporary:
        save_file({n: np.ascontiguousarray(v) for n, v in tensors.items()}, temporary, header)


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
            f"cannot be read as a model ({error})",
            where=str(path),
            remedy="Give the model.safetensors of a finished run",
        ) from error
    _check_format(path, metadata)
    try:
        return _assemble(metadata, tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a part of the model is missing ({error})", where=str(path)) from error


def _check_format(path: str | Path, metadata: dict[str, str]) -> None:
    if metadata.get("format") != FORMAT:
        raise InputError(
            "a safetensors file, but not a popcode model",
            where=str(path),
            remedy="Give the model.safetensors of a finished run",
        )
    if not metadata.get("version", "").isdigit() or int(metadata["version"]) > VERSION:
        raise InputError(
            f"model format {metadata.get('version')!r}, and this popcode reads up to {VERSION}",
            where=str(path),
            remedy="Update popcode",
        )


def _assemble(metadata: dict[str, str], tensors: dict[str, NDArray]) -> StoredModel:
    potential: Any = POTENTIALS[metadata["hidden"]]
    hidden = potential(*(tensors[f"hidden/{name}"] for name in potential._fields))
    extra = {
        name.removeprefix("extra/"): value
        for name, value in tensors.items()
        if name.startswith("extra/")
    }
    return StoredModel(
        metadata["estimator"],
        json.loads(metadata["settings"]),
        Parameters(tensors["weights"], tensors["fields"], hidden),
        extra,
        json.loads(metadata["facts"]),
    )
