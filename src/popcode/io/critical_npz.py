"""The .npz files that "A critical initialization for biological neural networks" deposits.

Files of Figshare 10.25378/janelia.27854448 (two-photon, 8-probe Neuropixels) and
10.25378/janelia.23712957 (spontaneous two-photon), known by the names of their arrays: neurons x
bins `sp` or `spks` beside `xpos` and `ypos`, or `iprobe` or `areas`; or spike times `st` of the
units `clu`.
"""

from __future__ import annotations

import math
import re
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from popcode.errors import InputError
from popcode.io.formats import Format, begins_with, the_file
from popcode.io.headers import any_header, check_members
from popcode.io.npz_rows import read_matrix
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.io.transposing import held_type
from popcode.io.units import Units, recording_of_units
from popcode.recording import Recording
from popcode.recording.spike_times import LabelledSpikes

RATE_HZ = 22  # of the two-photon files F_* and the bins of *_spks_face; not in the files
NAMES_AT_22_HZ = re.compile(r"^F_|_spks_face$")
TABLE = {"xpos": "x_um", "ypos": "y_um", "areas": "region", "iprobe": "probe", "snr": "snr"}
COVARIATES = ("run", "running", "speed")


class _Members(NamedTuple):
    """Names of the arrays: of the activity, of what there is a neuron, of what there is a bin."""

    activity: str
    table: list[str]
    covariates: list[str]


def read_critical_npz(path: Path, options: ReadOptions) -> Recording:
    """Recording of one file of the deposits.

    Positions are in micrometres. The bins' width is not in the files: where nothing else states
    it, it is 1/22 s for files named F_* and *_spks_face, and unknown for others.

    Raises
    ------
    InputError
        Pickled arrays, and arrays that do not fit each other.
    """
    names = _member_names(path)
    if {"clu", "st"} <= names and not names & {"sp", "spks"}:
        return _of_spike_times(path, names, options)
    found = _Members(
        "sp" if "sp" in names else "spks",
        [name for name in TABLE if name in names],
        [name for name in COVARIATES if name in names],
    )
    check_members(path, [found.activity, *found.table, *found.covariates])
    with zipfile.ZipFile(path) as archive:
        with archive.open(f"{found.activity}.npy") as member:
            header = any_header(member)
        turned = _is_turned(archive, found, header.shape)
        refuse_beyond_memory(math.prod(header.shape) * held_type(header.dtype).itemsize)
        with archive.open(f"{found.activity}.npy") as member:
            activity = read_matrix(member, turned)
    return _recording(path, activity, found, turned, options)


def _recording(
    path: Path, activity: np.ndarray, found: _Members, turned: bool, options: ReadOptions
) -> Recording:
    n_bins = len(activity)
    bin_s, notes = _bin_s(path, options)
    if activity.size and activity.min() < 0:
        kind = "dff"
        notes.append("values below 0: taken as z-scored traces (dff), not as events")
    else:
        kind = "events"
        notes.append("values from 0: taken as deconvolved events")
    with np.load(path, allow_pickle=False) as file:
        table = {TABLE[name]: np.ravel(file[name]) for name in found.table}
        given = {name: np.ravel(file[name]) for name in found.covariates}
    covariates = {name: values for name, values in given.items() if len(values) == n_bins}
    notes += [f"{name!r} has not one value a bin: left out" for name in given.keys() - covariates]
    step = {"step": "array read", "what": f"the array {found.activity!r}", "turned": turned}
    return Recording(
        activity,
        kind=None if activity.dtype.kind in "bui" else kind,
        bin_s=bin_s,
        neurons=table,
        covariates=covariates,
        provenance=({**step, "notes": notes},),
    )


def _member_names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name.removesuffix(".npy") for name in archive.namelist()}


def _is_turned(archive: zipfile.ZipFile, found: _Members, shape: tuple[int, ...]) -> bool:
    """Whether rows are neurons, as they are in the deposits: every neuron array must fit."""
    if len(shape) != 2:
        raise InputError(
            f"{found.activity!r} has shape {shape}; expected neurons x bins",
            remedy="Copy the file again.",
        )
    lengths = {name: _n_values(archive, name) for name in found.table}
    for side, turned in ((0, True), (1, False)):
        if all(length == shape[side] for length in lengths.values()):
            return turned
    listed = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
    raise InputError(
        f"{found.activity!r} has shape {shape}, and these values a neuron fit neither side of it: "
        f"{listed}",
        remedy="Keep only what belongs to the activity, or copy the file again.",
    )


def _n_values(archive: zipfile.ZipFile, name: str) -> int:
    with archive.open(f"{name}.npy") as file:
        return int(np.prod(any_header(file).shape))


def _bin_s(path: Path, options: ReadOptions) -> tuple[float, list[str]]:
    if options.sampling_rate_hz is not None:
        return options.sample_s, []
    if options.bin_s is not None:
        return float("nan"), []  # stated by the user: taken by `load`
    if NAMES_AT_22_HZ.search(path.stem):
        return 1 / RATE_HZ, [f"bins of 1/{RATE_HZ} s, as files of this name have in the deposit"]
    return float("nan"), ["the file does not say how wide its bins are: give bin_s"]


def _of_spike_times(path: Path, names: set[str], options: ReadOptions) -> Recording:
    table_names = [name for name in TABLE if name in names]
    check_members(path, ["clu", "st", *table_names])
    with np.load(path, allow_pickle=False) as file:
        labels, times = np.ravel(file["clu"]), np.ravel(file["st"])
        columns = {TABLE[name]: np.ravel(file[name]) for name in table_names}
    if len(labels) != len(times) or labels.dtype.kind not in "ui":
        raise InputError(
            f"clu has {len(labels):,} values of type {labels.dtype} and st {len(times):,}; "
            "expected one whole number for each spike",
            remedy="Copy the file again.",
        )
    ids, units = np.unique(labels, return_inverse=True)
    table, notes = _unit_table(ids, columns)
    spikes = LabelledSpikes(times, units, len(ids))
    return recording_of_units(Units(spikes, table), options, notes=notes)


def _unit_table(ids: np.ndarray, columns: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """Columns that have a value for every unit number, or for every unit with spikes."""
    table, notes = {"id": ids}, []
    for name, values in columns.items():
        if len(values) == len(ids):
            table[name] = values
        elif len(ids) and ids.min() >= 0 and len(values) > ids.max():
            table[name] = values[ids]
        else:
            notes.append(f"{name} has {len(values):,} values for {len(ids):,} units: left out")
    return pd.DataFrame(table), notes


def _holds(path: Path) -> bool:
    if not begins_with(b"PK\x03\x04")(path):
        return False
    try:
        names = _member_names(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    if "format" in names or "activity" in names:
        return False
    beside = {"xpos", "ypos"} <= names or bool(names & {"iprobe", "areas"})
    return (bool(names & {"sp", "spks"}) and beside) or {"clu", "st"} <= names


CRITICAL_NPZ = Format("critical-initialization npz", _holds, read_critical_npz, the_file)
