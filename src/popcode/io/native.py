"""Format 1 of a recording: which keys a file holds, whatever its container."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from popcode.errors import InputError
from popcode.recording import Recording

FORMAT, VERSION = "popcode-recording", 1
AXES = ("x_um", "y_um", "z_um")


def to_keys(recording: Recording) -> dict[str, np.ndarray]:
    """Every key of the file but `activity`; `from_keys` is its inverse."""
    keys: dict[str, Any] = {
        "format": np.array(FORMAT),
        "version": np.array(VERSION),
        "kind": np.array(recording.kind),
        "bin_s": np.array(recording.bin_s),
        "segment_starts": recording.segment_starts,
        "segment_start_s": recording.segment_start_s,
        "region_labels": recording.region_labels,
        "region_names": np.array(recording.region_names) if recording.region_names else None,
        "provenance": np.array(json.dumps(recording.provenance)),
    }
    keys |= _neuron_keys(recording.neurons)
    keys |= {f"neuron_{name}": values for name, values in recording.neuron_arrays.items()}
    keys |= {f"time_{name}": values for name, values in recording.covariates.items()}
    return {key: values for key, values in keys.items() if values is not None}


def from_keys(keys: Mapping[str, np.ndarray]) -> Recording:
    """Recording of the keys of a native file, `activity` among them.

    Raises
    ------
    InputError
        Another format or version, a key that is missing, or parts that disagree.
    """
    check_format(keys)
    for key in ("activity", "bin_s", "segment_starts"):
        if key not in keys:
            raise InputError(
                f"the key {key!r} is missing",
                remedy="Write the recording again with popcode.save.",
            )
    columns, arrays = _neurons(keys)
    names = keys.get("region_names")
    return Recording(
        keys["activity"],
        kind=_text(keys, "kind"),
        bin_s=float(keys["bin_s"]),
        neurons=columns or None,
        neuron_arrays=arrays,
        region_labels=keys.get("region_labels"),
        region_names=() if names is None else tuple(str(name) for name in names),
        segment_starts=keys["segment_starts"],
        segment_start_s=keys.get("segment_start_s"),
        covariates=_with_prefix(keys, "time_"),
        provenance=json.loads(_text(keys, "provenance") or "[]"),
    )


def check_format(keys: Mapping[str, np.ndarray]) -> None:
    """Raise InputError unless `format` and `version` are those this package reads."""
    name, version = _text(keys, "format"), keys.get("version")
    if name != FORMAT:
        raise InputError(
            f"the format is {name!r}, not {FORMAT!r}",
            remedy="Write the recording with popcode.save.",
        )
    if version is None or int(version) != VERSION:
        found = "missing" if version is None else str(int(version))
        raise InputError(
            f"the version of the format is {found}; this popcode reads version {VERSION}",
            remedy="Update popcode, or write the recording again with popcode.save.",
        )


def _text(keys: Mapping[str, np.ndarray], key: str) -> str | None:
    return str(keys[key]) if key in keys else None


def _with_prefix(keys: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(prefix): keys[key] for key in keys if key.startswith(prefix)}


def _neuron_keys(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Keys of the neuron table: `regions`, `positions_um` where all axes are there, `neuron_*`."""
    columns = {name: _column(table[name]) for name in table}
    keys = {}
    if "region" in columns:
        keys["regions"] = columns.pop("region")
    axis_types = {columns[axis].dtype for axis in AXES if axis in columns}
    if all(axis in columns for axis in AXES) and len(axis_types) == 1:
        keys["positions_um"] = np.stack([columns.pop(axis) for axis in AXES], axis=1)
    return keys | {f"neuron_{name}": values for name, values in columns.items()}


def _column(column: pd.Series) -> np.ndarray:
    values = column.to_numpy()
    return values if values.dtype.kind in "buifc" else np.array(column.tolist(), dtype=str)


def _neurons(
    keys: Mapping[str, np.ndarray],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Columns of the neuron table, and the arrays that have more than one value a neuron."""
    named = _with_prefix(keys, "neuron_")
    columns = {name: values for name, values in named.items() if values.ndim == 1}
    arrays = {name: values for name, values in named.items() if values.ndim != 1}
    if "regions" in keys:
        columns["region"] = keys["regions"]
    if "positions_um" in keys:
        positions = keys["positions_um"]
        if positions.ndim != 2 or positions.shape[1] not in (2, 3):
            raise InputError(
                f"positions_um has shape {positions.shape}; expected (n_neurons, 3)",
                remedy="Give x, y and z in micrometres for each neuron.",
            )
        columns |= dict(zip(AXES, positions.T, strict=False))
    return columns, arrays
