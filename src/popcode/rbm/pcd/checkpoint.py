"""A fit of a Bernoulli RBM on disk between two updates: one file, replaced whole, no pickle."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from popcode.errors import InputError
from popcode.files import atomic_write
from popcode.rbm.likelihood.online import TrajectoryPartition
from popcode.rbm.pcd.fitting import LEAST_ACCEPTANCE, MOST_RUNGS
from popcode.rbm.pcd.state import SCALARS, PcdState
from popcode.rbm.pcd.trainer import PcdRow, PcdTrainer
from popcode.rbm.pcd.watch import Watch
from popcode.rbm.tempering.storage import selector_arrays, selector_from

_PARTITION_ARRAYS = ("chains", "energies", "log_weights", "families")
_PARTITION_SCALARS = ("log_partition", "variance", "n_steps", "seed")
_WATCH_PROGRESS = ("stride", "n_looks", "rungs_agree", "online_agrees")
_WATCH_SCALARS = (*_WATCH_PROGRESS, "n_rung_chains", "log_partition")
_WHOLE = ("update", "n_rungs")


class SavedFit(NamedTuple):
    """What a checkpoint holds; the watch has no bins to look at yet."""

    state: PcdState
    good: PcdState
    watch: Watch
    history: list[PcdRow]


def write_pcd_checkpoint(path: Path, trainer: PcdTrainer) -> None:
    """Write all that a resumed fit needs, replacing the file whole."""
    watch, partition = trainer.watch, trainer.watch.partition
    tensors = {**_arrays(trainer.state, "state"), **_arrays(trainer.good, "good")}
    tensors |= {f"partition/{name}": getattr(partition, name) for name in _PARTITION_ARRAYS}
    tensors |= {f"rungs/{n}": v for n, v in selector_arrays(watch.rungs).items()}
    tensors["history"] = np.array(trainer.history, np.float64).reshape(-1, len(PcdRow._fields))
    scalars = {
        "state": {name: getattr(trainer.state, name) for name in SCALARS},
        "good": {name: getattr(trainer.good, name) for name in SCALARS},
        "partition": {name: getattr(partition, name) for name in _PARTITION_SCALARS},
        "watch": {name: getattr(watch, name) for name in _WATCH_SCALARS},
    }
    with atomic_write(path) as temporary:
        arrays = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
        # One key: safetensors writes several in an order that differs between processes.
        save_file(arrays, temporary, {"scalars": json.dumps(scalars)})


def read_pcd_checkpoint(path: Path) -> SavedFit:
    """Read what `write_pcd_checkpoint` wrote.

    Raises
    ------
    InputError
        A file that is not a whole checkpoint.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            scalars = json.loads(file.metadata()["scalars"])
            tensors = {name: file.get_tensor(name).copy() for name in file.keys()}  # noqa: SIM118
        return _assembled(tensors, scalars)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"not a whole checkpoint ({error})",
            where=str(path),
            remedy="Delete it to start the run again from its seed",
        ) from error


def _arrays(state: PcdState, prefix: str) -> dict[str, NDArray]:
    names = [field.name for field in fields(state) if field.name not in SCALARS]
    return {f"{prefix}/{name}": getattr(state, name) for name in names}


def _below(tensors: dict[str, NDArray], prefix: str) -> dict[str, NDArray]:
    return {n.removeprefix(prefix): v for n, v in tensors.items() if n.startswith(prefix)}


def _assembled(tensors: dict[str, NDArray], scalars: dict) -> SavedFit:
    state, good = (
        _state(_below(tensors, f"{which}/"), scalars[which]) for which in ("state", "good")
    )
    found, plain = _below(tensors, "partition/"), scalars["partition"]
    partition = TrajectoryPartition(
        found["chains"], plain["log_partition"], found["energies"], plain["seed"]
    )
    partition.log_weights, partition.families = found["log_weights"], found["families"]
    partition.variance, partition.n_steps = plain["variance"], plain["n_steps"]
    rungs = selector_from(_below(tensors, "rungs/"), LEAST_ACCEPTANCE, MOST_RUNGS)
    nothing = state.chains[:0]
    known = scalars["watch"]
    watch = Watch(
        rungs, known["n_rung_chains"], known["log_partition"], partition, nothing, nothing
    )
    for name in _WATCH_PROGRESS:
        setattr(watch, name, known[name])
    return SavedFit(state, good, watch, [_row(values) for values in tensors["history"]])


def _row(values: NDArray[np.float64]) -> PcdRow:
    row = dict(zip(PcdRow._fields, map(float, values), strict=True))
    return PcdRow(**(row | {name: int(row[name]) for name in _WHOLE}))  # type: ignore[arg-type]


def _state(arrays: dict[str, Any], scalars: dict[str, Any]) -> PcdState:
    return PcdState(**arrays, **scalars)
