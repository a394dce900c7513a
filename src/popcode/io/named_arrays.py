"""Sources of several named arrays: which is the activity, and what the others say of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.io.cells import CELL_LABELS, cells_beside, labels_fit
from popcode.io.clock import NO_CLOCK, TIME_NAMES, Clock, clock_of
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.io.transposing import c_ordered, held_type
from popcode.recording import Recording

ACTIVITY_NAMES = ("activity", "spikes", "spks", "sp", "dff", "F")
RATE_NAMES = ("fs", "framerate", "frame_rate", "sampling_rate", "samplingrate", "rate_hz")
STEP_NAMES = ("dt", "bin_s")
TABLES_OF_POSITIONS = ("xy", "positions", "positions_um")
# May be where the animal was: beside more rows than columns they do not make rows neurons.
TRACKS = ("xy", "positions")
POSITION_NAMES = ("xpos", "ypos", "zpos", "x_um", "y_um", "z_um", *TABLES_OF_POSITIONS)
REGION_NAMES = ("regions", "region", "areas")
_COMPANIONS = {*TIME_NAMES, *RATE_NAMES, *STEP_NAMES, *POSITION_NAMES, *REGION_NAMES, CELL_LABELS}
MOST_COLUMNS_OF_A_COMPANION = 3  # of positions; what is wider is read as activity is
MAX_LISTED = 12
NARROWEST = 2  # side of a matrix: vectors of MATLAB have two dimensions too


class Entry(NamedTuple):
    """One array of a source, not read yet.

    `is_text`: text or cells of text, one a neuron; anything else holds numbers. `values` reads
    it, in the orientation of `shape`; `turned`, where there is one, reads its transpose at the
    cost of no further copy.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    is_text: bool
    values: Callable[[], Any]
    turned: Callable[[], np.ndarray] | None = None


class _Axes(NamedTuple):
    """Which side of the matrix the companions fit: the names that say so."""

    as_stored: list[str]
    turned: list[str]


def recording_of_arrays(
    arrays: Mapping[str, Entry], options: ReadOptions, narrowest: int = NARROWEST
) -> Recording:
    """Build the recording of the one matrix of activity and the companions that fit it.

    Rows are bins, unless the companions fit only the other way round: times (t, time, ...) have
    one value a bin; positions (xpos, x_um, xy, positions, ...), regions and suite2p's `iscell` one
    a neuron. Where `iscell` is there, only cells are kept.

    Parameters
    ----------
    arrays : mapping
        Name -> array, as far as its header says.
    options : ReadOptions
    narrowest : int
        Least rows and columns of what may be the activity where nothing else is there.

    Raises
    ------
    InputError
        No matrix or several; companions that contradict each other.
    """
    name = chosen(arrays, options.array, narrowest)
    shape = arrays[name].shape
    itemsize = held_type(arrays[name].dtype).itemsize
    refuse_beyond_memory(int(np.prod(shape, dtype=object)) * itemsize)
    companions = _companions(arrays, name)
    notes = _passed_over(arrays, name, options.array)
    turn = _is_turned(name, shape, companions, notes)
    activity = _activity(arrays[name], turn)
    clock = _clock(companions, activity.shape, options, notes)
    neurons = _neurons(companions, activity.shape[1], notes)
    cells = cells_beside(companions, activity.shape[1], notes)
    if cells is not None and _last(name) == "F" and f"{name}neu" in arrays:
        notes.append(f"{name!r} is read as it is: '{name}neu' is not subtracted")
    if cells is not None:
        activity = cells.of(activity)
        neurons = {key: column[cells.is_cell] for key, column in (neurons | cells.columns).items()}
    step = {"step": "array read", "what": f"the array {name!r}", "turned": turn}
    return Recording(
        activity,
        kind=_kind(name, activity) if cells is not None else None,
        bin_s=clock.bin_s,
        neurons=neurons or None,
        segment_starts=clock.segment_starts,
        segment_start_s=clock.segment_start_s,
        provenance=({**step, "notes": [*notes, *clock.notes]},),
    )


def _activity(entry: Entry, turn: bool) -> np.ndarray:
    if turn and entry.turned is not None:
        return entry.turned()
    matrix = np.asarray(entry.values())
    return c_ordered(matrix.T if turn else matrix)


def chosen(arrays: Mapping[str, Entry], wanted: str | None, narrowest: int = NARROWEST) -> str:
    """Name of the matrix to read: as wanted, of a usual name, or the only one."""
    if wanted is not None:
        return _wanted(arrays, wanted, _matrices(arrays, NARROWEST))
    allowed = _matrices(arrays, narrowest)
    for usual in ACTIVITY_NAMES:
        if usual in allowed:
            return usual
    unnamed = [name for name in allowed if _last(name).lower() not in _COMPANIONS]
    wide = [name for name in unnamed if name in _matrices(arrays, NARROWEST)]
    candidates = wide or unnamed
    if len(candidates) != 1:
        raise _not_one(arrays, len(candidates))
    return candidates[0]


def _not_one(arrays: Mapping[str, Entry], n_candidates: int) -> InputError:
    if n_candidates:
        return InputError(
            f"it holds {n_candidates} matrices of numbers, and none of a usual name: "
            f"{_listed(arrays)}",
            remedy="Name the one to read: array='...' (--array), of shape (n_bins, n_neurons).",
        )
    there = f"; there is {_listed(arrays)}" if arrays else ": it holds no arrays"
    return InputError(
        f"it holds no two-dimensional array of numbers that could be the activity{there}",
        remedy="Build an array of shape (n_bins, n_neurons) or a popcode.Recording, and save that.",
    )


def _passed_over(arrays: Mapping[str, Entry], taken: str, wanted: str | None) -> list[str]:
    """A note on the other matrices, where the name alone made the choice."""
    others = [
        name
        for name in _matrices(arrays, NARROWEST)
        if name != taken and _last(name).lower() not in _COMPANIONS
    ]
    if wanted is not None or not others:
        return []
    more = f" and {len(others) - MAX_LISTED:,} more" if len(others) > MAX_LISTED else ""
    listed = ", ".join(map(repr, others[:MAX_LISTED]))
    return [f"read {taken!r}; also there: {listed}{more}; array='...' (--array) reads another"]


def _wanted(arrays: Mapping[str, Entry], wanted: str, matrices: list[str]) -> str:
    name = wanted if wanted in arrays else wanted.strip("/")
    if name not in arrays:
        raise InputError(
            f"it holds no array {wanted!r}: {_listed(arrays)}",
            remedy=f"Choose one of {', '.join(matrices[:MAX_LISTED]) or 'another file'}.",
        )
    if arrays[name].is_text or len(arrays[name].shape) != 2:
        raise InputError(
            f"{wanted!r} has shape {arrays[name].shape}; expected a matrix of numbers",
            remedy=f"Choose one of {', '.join(matrices[:MAX_LISTED]) or 'another file'}.",
        )
    return name


def _matrices(arrays: Mapping[str, Entry], narrowest: int) -> list[str]:
    return [
        name
        for name, entry in arrays.items()
        if not entry.is_text and len(entry.shape) == 2 and min(entry.shape) >= narrowest
    ]


def _listed(arrays: Mapping[str, Entry]) -> str:
    shown = [f"{name} {entry.shape}" for name, entry in list(arrays.items())[:MAX_LISTED]]
    more = f" and {len(arrays) - MAX_LISTED} more" if len(arrays) > MAX_LISTED else ""
    return ", ".join(shown) + more


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _companions(arrays: Mapping[str, Entry], chosen_name: str) -> dict[str, Entry]:
    """The arrays of known names that stand beside the matrix (in the same group)."""
    group = chosen_name.removesuffix(_last(chosen_name))
    beside = {
        name.removeprefix(group): entry
        for name, entry in arrays.items()
        if name.startswith(group) and name != chosen_name
    }
    return {
        name: entry
        for name, entry in beside.items()
        if name.lower() in (REGION_NAMES if entry.is_text else _COMPANIONS)
    }


def _is_turned(
    name: str, shape: tuple[int, ...], companions: Mapping[str, Entry], notes: list[str]
) -> bool:
    """Whether rows are neurons, as told by companions that fit one side only."""
    axes = _Axes([], [])
    for other, entry in companions.items():
        n_bins_fits, n_neurons_fits = (_length(other, entry, side) for side in shape)
        if n_bins_fits == n_neurons_fits:
            continue
        if n_bins_fits and other.lower() in TRACKS and shape[0] > shape[1]:
            continue
        is_time = other.lower() in TIME_NAMES
        (axes.as_stored if is_time == n_bins_fits else axes.turned).append(other)
    if axes.as_stored and axes.turned:
        raise InputError(
            f"{name!r} has shape {shape}; {axes.as_stored[0]!r} says that its rows are bins and "
            f"{axes.turned[0]!r} that they are neurons",
            remedy="Keep in the file only what belongs to the activity.",
        )
    if axes.turned:
        notes.append(f"{name!r} was turned: it held neurons x bins, as {axes.turned[0]!r} tells")
    return bool(axes.turned)


def _length(name: str, entry: Entry, n: int) -> bool:
    """Whether the companion has one value for each of `n`."""
    if name.lower() in (*RATE_NAMES, *STEP_NAMES):
        return False
    if name.lower() == CELL_LABELS:
        return labels_fit(entry.shape, n)
    if name.lower() in TABLES_OF_POSITIONS:
        return len(entry.shape) == 2 and n in entry.shape and min(entry.shape) <= 3
    return int(np.prod(entry.shape)) == n == max(entry.shape, default=1)


def _clock(
    companions: Mapping[str, Entry],
    shape: tuple[int, ...],
    options: ReadOptions,
    notes: list[str],
) -> Clock:
    if options.sampling_rate_hz is not None:
        return NO_CLOCK._replace(bin_s=options.sample_s)
    for name, entry in companions.items():
        if name.lower() in TIME_NAMES:
            if _length(name, entry, shape[0]):
                return clock_of(np.ravel(entry.values()), name)
            notes.append(f"{name!r} fits no side of the activity: left out")
    for name, entry in companions.items():
        if name.lower() in (*RATE_NAMES, *STEP_NAMES):
            value = _number(entry)
            if np.isfinite(value) and value > 0:
                bin_s = 1 / value if name.lower() in RATE_NAMES else value
                return NO_CLOCK._replace(bin_s=bin_s, notes=(f"bins of {bin_s:.6g} s: {name!r}",))
            notes.append(f"{name!r} is not one number above 0: left out")
    return NO_CLOCK


def _number(entry: Entry) -> float:
    """The one value of an array; nan where there are several."""
    if math.prod(entry.shape) != 1:
        return float("nan")
    return float(np.ravel(entry.values())[0])


def _neurons(
    companions: Mapping[str, Entry], n_neurons: int, notes: list[str]
) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    for name, entry in companions.items():
        kind = name.lower()
        if kind not in (*POSITION_NAMES, *REGION_NAMES):
            continue
        if not _length(name, entry, n_neurons):
            notes.append(f"{name!r} fits no side of the activity: left out")
        elif kind in REGION_NAMES:
            columns["region"] = np.ravel(entry.values())
        elif kind in TABLES_OF_POSITIONS:
            columns |= _axes_of(np.asarray(entry.values()), n_neurons)
        else:
            columns[f"{kind[0]}_um"] = np.ravel(entry.values())
    if any(name.endswith("_um") for name in columns):
        notes.append("positions are taken as micrometres")
    return columns


def _kind(name: str, activity: np.ndarray) -> str | None:
    """What suite2p deconvolved is events; of all else the values tell."""
    return "events" if _last(name) == "spks" and activity.min() >= 0 else None


def _axes_of(values: np.ndarray, n_neurons: int) -> dict[str, np.ndarray]:
    rows = values if len(values) == n_neurons else values.T
    return dict(zip(("x_um", "y_um", "z_um"), rows.T, strict=False))
