"""Sources of several named arrays: which is the activity, and what the others say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.io.clock import NO_CLOCK, TIME_NAMES, Clock, clock_of
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.io.transposing import c_ordered, held_type
from popcode.recording import Recording

ACTIVITY_NAMES = ("activity", "spikes", "spks", "sp", "dff", "F")
RATE_NAMES = ("fs", "framerate", "frame_rate", "sampling_rate", "samplingrate", "rate_hz")
STEP_NAMES = ("dt", "bin_s")
POSITION_NAMES = ("xpos", "ypos", "zpos", "xy", "positions")
REGION_NAMES = ("regions", "region", "areas")
MAX_LISTED = 12


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


def recording_of_arrays(arrays: Mapping[str, Entry], options: ReadOptions) -> Recording:
    """Build the recording of the one matrix of activity and the companions that fit it.

    Rows are bins, unless the companions fit only the other way round: times (t, time, ...) have
    one value a bin; positions (xpos, ypos, xy, positions) and regions one a neuron.

    Raises
    ------
    InputError
        No matrix or several; companions that contradict each other.
    """
    name = chosen(arrays, options.array)
    shape = arrays[name].shape
    itemsize = held_type(arrays[name].dtype).itemsize
    refuse_beyond_memory(int(np.prod(shape, dtype=object)) * itemsize)
    companions = _companions(arrays, name)
    turn = _is_turned(name, shape, companions)
    activity = _activity(arrays[name], turn)
    notes = [f"{name!r} was turned: it held neurons x bins"] if turn else []
    clock = _clock(companions, activity.shape, options, notes)
    neurons = _neurons(companions, activity.shape[1], notes)
    step = {"step": "array read", "what": f"the array {name!r}", "turned": turn}
    return Recording(
        activity,
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


def chosen(arrays: Mapping[str, Entry], wanted: str | None) -> str:
    """Name of the matrix to read: as wanted, of a usual name, or the only one."""
    matrices = [name for name, entry in arrays.items() if _is_matrix(entry)]
    if wanted is not None:
        return _wanted(arrays, wanted, matrices)
    for usual in ACTIVITY_NAMES:
        if usual in matrices:
            return usual
    others = [name for name in matrices if _last(name) not in POSITION_NAMES]
    if len(others) != 1:
        raise InputError(
            f"it holds {len(others)} matrices of numbers, and none of a usual name: "
            f"{_listed(arrays)}",
            remedy="Name the one to read: array='...' (--array), of shape (n_bins, n_neurons).",
        )
    return others[0]


def _wanted(arrays: Mapping[str, Entry], wanted: str, matrices: list[str]) -> str:
    name = wanted.strip("/")
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


def _is_matrix(entry: Entry) -> bool:
    return not entry.is_text and len(entry.shape) == 2 and min(entry.shape) > 1


def _listed(arrays: Mapping[str, Entry]) -> str:
    shown = [f"{name} {entry.shape}" for name, entry in list(arrays.items())[:MAX_LISTED]]
    more = f" and {len(arrays) - MAX_LISTED} more" if len(arrays) > MAX_LISTED else ""
    return ", ".join(shown) + more if shown else "it holds no arrays"


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _companions(arrays: Mapping[str, Entry], chosen_name: str) -> dict[str, Entry]:
    """The arrays of known names that stand beside the matrix (in the same group)."""
    group = chosen_name.removesuffix(_last(chosen_name))
    known = {*TIME_NAMES, *RATE_NAMES, *STEP_NAMES, *POSITION_NAMES, *REGION_NAMES}
    beside = {
        name.removeprefix(group): entry
        for name, entry in arrays.items()
        if name.startswith(group) and name != chosen_name
    }
    return {name: entry for name, entry in beside.items() if name.lower() in known}


def _is_turned(name: str, shape: tuple[int, ...], companions: Mapping[str, Entry]) -> bool:
    """Whether rows are neurons, as told by companions that fit one side only."""
    axes = _Axes([], [])
    for other, entry in companions.items():
        n_bins_fits, n_neurons_fits = (_length(other, entry, side) for side in shape)
        if n_bins_fits == n_neurons_fits:
            continue
        is_time = other.lower() in TIME_NAMES
        (axes.as_stored if is_time == n_bins_fits else axes.turned).append(other)
    if axes.as_stored and axes.turned:
        raise InputError(
            f"{name!r} has shape {shape}; {axes.as_stored[0]!r} says that its rows are bins and "
            f"{axes.turned[0]!r} that they are neurons",
            remedy="Keep in the file only what belongs to the activity.",
        )
    return bool(axes.turned)


def _length(name: str, entry: Entry, n: int) -> bool:
    """Whether the companion has one value for each of `n`."""
    if name.lower() in (*RATE_NAMES, *STEP_NAMES):
        return False
    if name.lower() in ("xy", "positions"):
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
        if name.lower() in (*RATE_NAMES, *STEP_NAMES) and np.prod(entry.shape) == 1:
            value = float(np.ravel(entry.values())[0])
            if np.isfinite(value) and value > 0:
                bin_s = 1 / value if name.lower() in RATE_NAMES else value
                return NO_CLOCK._replace(bin_s=bin_s, notes=(f"bins of {bin_s:.6g} s: {name!r}",))
    return NO_CLOCK


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
        elif kind in ("xy", "positions"):
            columns |= _axes_of(np.asarray(entry.values()), n_neurons)
        else:
            columns[f"{kind[0]}_um"] = np.ravel(entry.values())
    if any(name.endswith("_um") for name in columns):
        notes.append("positions are taken as micrometres")
    return columns


def _axes_of(values: np.ndarray, n_neurons: int) -> dict[str, np.ndarray]:
    rows = values if len(values) == n_neurons else values.T
    return dict(zip(("x_um", "y_um", "z_um"), rows.T, strict=False))
