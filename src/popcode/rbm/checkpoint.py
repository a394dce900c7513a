"""A fit on disk between two updates: one file, replaced whole, without pickle."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from popcode.errors import InputError
from popcode.files import atomic_write
from popcode.rbm.state import POTENTIALS, TrainingState
from popcode.rbm.trainer import HistoryRow

_SCALARS = ("update", "rate_scale", "restarts", "n_averaged")
_POTENTIALS = ("hidden", "hidden_squares", "averaged_hidden")


def tensors_of(state: TrainingState, prefix: str) -> dict[str, NDArray]:
    """Every array of a state, named prefix/attribute or prefix/attribute/parameter."""
    tensors = {}
    for field in fields(state):
        value = getattr(state, field.name)
        if field.name in _SCALARS:
            continue
        if isinstance(value, np.ndarray):
            tensors[f"{prefix}/{field.name}"] = value
        else:
            for name, array in zip(value._fields, value, strict=True):
                tensors[f"{prefix}/{field.name}/{name}"] = np.ascontiguousarray(array)
    return tensors


def state_from(tensors: dict[str, NDArray], prefix: str, kind: str, scalars: dict) -> TrainingState:
    """Rebuild a state from `tensors_of` and its scalars."""
    potential: Any = POTENTIALS[kind]
    parts: dict[str, Any] = {}
    for field in fields(TrainingState):
        path = f"{prefix}/{field.name}"
        if field.name in _SCALARS:
            parts[field.name] = scalars[field.name]
        elif field.name in _POTENTIALS:
            parts[field.name] = potential(*(tensors[f"{path}/{n}"] for n in potential._fields))
        else:
            parts[field.name] = tensors[path]
    return TrainingState(**parts)


def write_checkpoint(
    path: Path, kind: str, state: TrainingState, good: TrainingState, history: list[HistoryRow]
) -> None:
    """Write the state, the last good state and the history, replacing the file whole."""
    scalars = [{name: getattr(each, name) for name in _SCALARS} for each in (state, good)]
    tensors = {**tensors_of(state, "state"), **tensors_of(good, "good")}
    tensors["history"] = np.array(history, dtype=np.float64).reshape(-1, len(HistoryRow._fields))
    with atomic_write(path) as temporary:
        # One key: safetensors writes several in an order that differs between processes.
        plain = json.dumps({"kind": kind, "scalars": scalars})
        save_file(tensors, temporary, {"plain": plain})


def read_checkpoint(path: Path) -> tuple[TrainingState, TrainingState, list[HistoryRow]]:
    """Read what `write_checkpoint` wrote.

    Raises
    ------
    InputError
        A file that is not a whole checkpoint.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            plain = json.loads(file.metadata()["plain"])
            tensors = {name: file.get_tensor(name).copy() for name in file.keys()}  # noqa: SIM118
        states = [
            state_from(tensors, prefix, plain["kind"], values)
            for prefix, values in zip(("state", "good"), plain["scalars"], strict=True)
        ]
        history = [_history_row(values) for values in tensors["history"]]
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"not a whole checkpoint ({error})",
            where=str(path),
            remedy="Delete it to start the run again from its seed",
        ) from error
    return states[0], states[1], history


def _history_row(values: NDArray[np.float64]) -> HistoryRow:
    row = dict(zip(HistoryRow._fields, map(float, values), strict=True))
    whole = {name: int(row[name]) for name in ("update", "hidden_alive")}
    return HistoryRow(**(row | whole))  # type: ignore[arg-type]
