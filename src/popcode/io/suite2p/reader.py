"""Folders that suite2p wrote: one plane, or several side by side."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from popcode.errors import InputError, PopcodeWarning
from popcode.io.formats import Format
from popcode.io.headers import memory_map
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.io.suite2p.pickled_values import StoredArray
from popcode.io.suite2p.safe_pickle import read_objects
from popcode.io.transposing import fill_transposed
from popcode.recording import Recording
from popcode.recording.kinds import row_blocks

NEUROPIL_FACTOR = 0.7
ARRAYS = ("spks", "F")
FILES = ("F.npy", "Fneu.npy", "iscell.npy", "ops.npy", "settings.npy", "spks.npy", "stat.npy")


class Plane(NamedTuple):
    """One imaging plane: its number, traces (n_rois, n_frames), which are cells, their table.

    is_cell (n_rois,) bool; columns (n_rois,) each.
    """

    name: str
    traces: Any
    is_cell: np.ndarray
    columns: dict[str, np.ndarray]


class _NeuropilCorrected:
    """F - 0.7 Fneu, taken when its rows are."""

    def __init__(self, fluorescence: np.ndarray, neuropil: np.ndarray) -> None:
        self.fluorescence, self.neuropil = fluorescence, neuropil
        self.shape, self.dtype = fluorescence.shape, np.dtype(np.float32)

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self.fluorescence[rows] - np.float32(NEUROPIL_FACTOR) * self.neuropil[rows]


def read_suite2p(path: Path, options: ReadOptions) -> Recording:
    """Recording of the cells that suite2p found.

    `options.array` is "spks" (default; deconvolved, kind "events") or "F" (fluorescence minus
    0.7 of the neuropil's, suite2p's default factor; kind "rate"). With `options.allow_pickle`
    the frame rate is read from ops.npy and positions, in pixels, from stat.npy.

    Raises
    ------
    InputError
        A file that is missing, not finite or of another shape than its neighbours; no cells.
    """
    array = options.array or "spks"
    if array not in ARRAYS:
        raise InputError(
            f"array is {array!r}", remedy=f"Choose one of {', '.join(ARRAYS)} of suite2p."
        )
    folders = plane_folders(path)
    notes: list[str] = []
    planes = [_plane(folder, array, options.allow_pickle, notes) for folder in folders]
    neurons = _table(planes)
    activity = _activity(planes, notes)
    bin_s = _frame_s(folders[0], options, notes)
    if array == "F":
        notes.append(f"fluorescence minus {NEUROPIL_FACTOR} of the neuropil's")
    step = {
        "step": "suite2p cells read",
        "array": array,
        "rois_found": sum(len(plane.is_cell) for plane in planes),
        "rois_kept": activity.shape[1],
        "notes": notes,
    }
    kind = "events" if array == "spks" else "rate"
    return Recording(activity, kind=kind, bin_s=bin_s, neurons=neurons, provenance=(step,))


def plane_folders(path: Path) -> list[Path]:
    """Folders of the planes in a folder of suite2p's, in their order.

    `path` is a plane, the folder with plane0, plane1, ..., or what holds a folder `suite2p`.
    What suite2p combined of several planes is left aside where the planes are there.
    """
    if not path.is_dir():
        return []
    if _is_plane(path):
        return [path]
    if (path / "suite2p").is_dir():
        path = path / "suite2p"
    numbered = [
        (int(folder.name.removeprefix("plane")), folder)
        for folder in path.glob("plane*")
        if folder.name.removeprefix("plane").isdecimal() and _is_plane(folder)
    ]
    combined = [path / "combined"] if _is_plane(path / "combined") else []
    return [folder for _, folder in sorted(numbered)] or combined


def _is_plane(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("spks.npy", "F.npy"))


def _files(path: Path) -> Sequence[Path]:
    return [
        folder / name
        for folder in plane_folders(path)
        for name in FILES
        if (folder / name).is_file()
    ]


def _plane(folder: Path, array: str, allow_pickle: bool, notes: list[str]) -> Plane:
    traces = _traces(folder, array)
    n_rois = traces.shape[0]
    is_cell, columns = _cells(folder, n_rois, notes)
    columns = {"roi": np.arange(n_rois), "plane": np.full(n_rois, folder.name), **columns}
    if allow_pickle and (folder / "stat.npy").is_file():
        columns |= _centres(folder / "stat.npy", n_rois)
        notes.append(f"{folder.name}: x_px, y_px are pixels; their size is not in the files")
    _refuse_not_finite(traces, is_cell, folder.name, array)
    return Plane(folder.name, traces, is_cell, columns)


def _traces(folder: Path, array: str) -> Any:
    traces = _matrix(folder, f"{array}.npy")
    if array == "spks":
        return traces
    neuropil = _matrix(folder, "Fneu.npy")
    if neuropil.shape != traces.shape:
        raise InputError(
            f"Fneu.npy has shape {neuropil.shape} and F.npy {traces.shape}",
            where=folder.name,
            remedy="Copy both from the same run of suite2p.",
        )
    return _NeuropilCorrected(traces, neuropil)


def _matrix(folder: Path, name: str) -> np.ndarray:
    path = folder / name
    if not path.is_file():
        raise InputError(
            f"{name} is missing",
            where=folder.name,
            remedy="Copy the whole folder that suite2p wrote, or choose another array: "
            f"{' or '.join(ARRAYS)}.",
        )
    matrix = memory_map(path, where=f"{folder.name}, {name}")
    if matrix.ndim != 2 or matrix.dtype.kind not in "buif":
        raise InputError(
            f"{name} has shape {matrix.shape} and type {matrix.dtype}; "
            "expected numbers, ROIs x frames",
            where=folder.name,
            remedy="Copy it again from the folder that suite2p wrote.",
        )
    return matrix


def _cells(folder: Path, n_rois: int, notes: list[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Which ROIs are cells (n_rois,), and the probability that they are."""
    if not (folder / "iscell.npy").is_file():
        note = f"{folder.name}: iscell.npy is missing, so all {n_rois:,} ROIs are taken as cells"
        warnings.warn(note, PopcodeWarning, stacklevel=2)
        notes.append(note)
        return np.ones(n_rois, dtype=bool), {}
    labels = _matrix(folder, "iscell.npy")
    if labels.shape != (n_rois, 2):
        raise InputError(
            f"iscell.npy has shape {labels.shape}; expected ({n_rois}, 2), one row a ROI",
            where=folder.name,
            remedy="Copy it from the same run of suite2p as the traces.",
        )
    is_cell = labels[:, 0] > 0
    notes.append(
        f"{folder.name}: {n_rois - is_cell.sum():,} of {n_rois:,} ROIs dropped, "
        "no cells after iscell.npy"
    )
    return is_cell, {"probability": np.array(labels[:, 1])}


def _centres(path: Path, n_rois: int) -> dict[str, np.ndarray]:
    """Pixel columns x_px, y_px of the middle of every ROI: `med` is (y, x)."""
    rois = read_objects(path)
    if len(rois) != n_rois or not all(isinstance(roi, dict) and "med" in roi for roi in rois):
        raise InputError(
            f"stat.npy describes {len(rois):,} ROIs by their `med`; expected {n_rois:,}",
            where=path.parent.name,
            remedy="Copy it from the same run of suite2p as the traces.",
        )
    middles = np.array([_middle(roi["med"]) for roi in rois])
    return {"x_px": middles[:, 1], "y_px": middles[:, 0]}


def _middle(med: Any) -> tuple[float, float]:
    """Two numbers, from a list, tuple or array; whatever else may be nested without end."""
    if isinstance(med, StoredArray):
        med = med.objects()
    if isinstance(med, list | tuple) and len(med) == 2:
        y, x = med
        if isinstance(y, int | float) and isinstance(x, int | float):
            return float(y), float(x)
    raise InputError(
        "the `med` of a ROI is not two numbers",
        where="stat.npy",
        remedy="Copy it from the same run of suite2p as the traces.",
    )


def _refuse_not_finite(traces: Any, is_cell: np.ndarray, plane: str, array: str) -> None:
    for rows in row_blocks(*traces.shape):
        bad = ~np.isfinite(traces[rows]) & is_cell[rows, None]
        if bad.any():
            row, frame = np.unravel_index(int(bad.argmax()), bad.shape)
            raise InputError(
                f"{array} is NaN or infinite",
                where=f"{plane}, ROI {rows.start + int(row)}, frame {int(frame)}",
                remedy="Mark the ROI as no cell in suite2p, or run its extraction again.",
            )


def _activity(planes: list[Plane], notes: list[str]) -> np.ndarray:
    """Activity (n_frames, n_cells) of the planes side by side, float32."""
    lengths = [plane.traces.shape[1] for plane in planes]
    counts = [int(plane.is_cell.sum()) for plane in planes]
    if not sum(counts):
        raise InputError(
            f"none of {sum(len(plane.is_cell) for plane in planes):,} ROIs is a cell",
            remedy="Look at iscell.npy in suite2p, and accept some.",
        )
    if len(set(lengths)) > 1:
        notes.append(
            f"planes have {min(lengths):,} to {max(lengths):,} frames: cut to {min(lengths):,}"
        )
    refuse_beyond_memory(min(lengths) * sum(counts) * 4)
    activity = np.empty((min(lengths), sum(counts)), dtype=np.float32)
    ends = np.cumsum([0, *counts])
    for plane, start, stop in zip(planes, ends, ends[1:], strict=False):
        fill_transposed(activity[:, start:stop], plane.traces, plane.is_cell)
    return activity


def _table(planes: list[Plane]) -> dict[str, np.ndarray]:
    """Columns of the cells of all planes; those that some planes lack are left out."""
    names = [name for name in planes[0].columns if all(name in p.columns for p in planes)]
    return {
        name: np.concatenate([plane.columns[name][plane.is_cell] for plane in planes])
        for name in names
    }


def _frame_s(folder: Path, options: ReadOptions, notes: list[str]) -> float:
    """Seconds a frame; nan where nothing that may be read says it."""
    if options.sampling_rate_hz is not None:
        return options.sample_s
    for name in ("ops.npy", "settings.npy") if options.allow_pickle else ():
        if (folder / name).is_file():
            settings = read_objects(folder / name)[0]
            rate = settings.get("fs") if isinstance(settings, dict) else None
            if isinstance(rate, int | float) and rate > 0 and np.isfinite(rate):
                notes.append(f"{rate:g} frames a second after {name}")
                return 1 / rate
    if options.bin_s is not None:
        notes.append(f"every frame is taken as {options.bin_s:g} s, as stated")
        return float("nan")  # which `load` replaces
    notes.append(
        "the frame rate is not known: durations are in frames. It is in ops.npy, a pickle, read "
        "with allow_pickle=True (--allow-pickle); or give sampling_rate_hz or bin_s"
    )
    return float("nan")


SUITE2P = Format("suite2p", lambda path: bool(plane_folders(path)), read_suite2p, _files)
