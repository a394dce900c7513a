"""The parts of a file put together to a recording."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.formats import Format, begins_with
from popcode.io.options import ReadOptions
from popcode.io.zebrafish import clock, places
from popcode.io.zebrafish.activity import bins_come_first, is_matrix, read_spikes, read_traces
from popcode.io.zebrafish.names import (
    ACTIVITY,
    COMPANIONS,
    Found,
    find,
    last_part,
    nearest,
    read_numbers,
    read_whole,
)
from popcode.recording import Recording
from popcode.recording.checks.values import SPARSE
from popcode.recording.kinds import INTEGER_KINDS

_IS_HDF5 = begins_with(b"\x89HDF\r\n\x1a\n")


class Source(NamedTuple):
    """An open file, its data sets by role, the one that is read and which way round it lies."""

    file: h5py.File
    found: Found
    role: str
    activity: str
    bins_first: bool

    def numbers(self, role: str) -> np.ndarray | None:
        """Numbers of the data set of a role, where there is one."""
        path = nearest(self.found, role, self.activity)
        return None if path is None else read_numbers(self.file[path])


def holds(path: Path) -> bool:
    """Whether a file has a matrix of activity and what goes with it, by the names of the deposit.

    Not native files, NWB, or variables of MATLAB 7.3, which may have such names by chance.
    """
    if path.is_dir() or not _IS_HDF5(path):
        return False
    try:
        with h5py.File(path, "r") as file:
            if "format" in file or "nwb_version" in file.attrs:
                return False
            found = find(file)
            matrices = _matrices(file, found)
            if any("MATLAB_class" in file[name].attrs for name in matrices):
                return False
            return bool(matrices) and any(role in found for role in COMPANIONS)
    except Exception:  # h5py raises many types on damaged files, which other readers report
        return False


def read(path: Path, options: ReadOptions) -> Recording:
    """Recording of a file: spikes by default, dF/F with the option array="dff"."""
    with h5py.File(path, "r") as file:
        source = _opened(file, options.array)
        recording = _with_activity(source, options)
        return _with_places(recording, source, path)


def files(path: Path) -> Sequence[Path]:
    """The file, and that of the region names where it is needed."""
    with h5py.File(path, "r") as file:
        found = find(file)
    names = places.names_file_of(path)
    needed = names is not None and "labels" in found and "region_names" not in found
    return (path, names) if needed and names is not None else (path,)


def _matrices(file: h5py.File, found: Found) -> dict[str, str]:
    """Paths of the data sets that could be activity -> their role, the default first."""
    return {p: role for role in ACTIVITY for p in found.get(role, []) if is_matrix(file[p])}


def _opened(file: h5py.File, array: str | None) -> Source:
    found = find(file)
    role, activity = _chosen(_matrices(file, found), array)
    of_role = {name: nearest(found, name, activity) for name in COMPANIONS}
    shapes = {name: file[path].shape for name, path in of_role.items() if path is not None}
    return Source(
        file, found, role, activity, bins_come_first(activity, file[activity].shape, shapes)
    )


def _chosen(matrices: dict[str, str], array: str | None) -> tuple[str, str]:
    """Role and path of the activity to read: `array` is "spikes", "dff", a name or a path."""
    wanted = {"spikes": ("spikes",), "dff": ("dff_aligned", "dff"), None: ACTIVITY}.get(array, ())
    for path, role in matrices.items():
        if role in wanted or array in (last_part(path), path, f"/{path}"):
            return role, path
    raise InputError(
        f"it holds no activity {array!r}",
        remedy=f"Give array='spikes', 'dff' or one of {', '.join(matrices)}.",
    )


def _with_activity(source: Source, options: ReadOptions) -> Recording:
    """The activity with all that goes along time."""
    is_spikes = source.role == "spikes"
    read_values = read_spikes if is_spikes else read_traces
    activity = read_values(source.file[source.activity], source.bins_first)
    timing = _clock(source, options, len(activity))
    covariates, left_out = _covariates(source, len(activity))
    recording = Recording(
        activity,
        kind=_kind(activity) if is_spikes else "dff",
        bin_s=timing.bin_s,
        segment_starts=timing.segment_starts,
        segment_start_s=timing.segment_start_s,
        covariates=covariates,
    )
    notes = [*_about(source), *_about_activity(recording), *timing.notes, *left_out]
    step = {"step": "zebrafish file read", "array": source.activity, "notes": notes}
    return replace(recording, provenance=(step,))


def _kind(spikes: np.ndarray) -> str | None:
    """Amplitudes of deconvolved spikes are events however many there are; else it is told."""
    return "events" if spikes.dtype != np.uint8 and spikes.min() >= 0 else None


def _with_places(recording: Recording, source: Source, path: Path) -> Recording:
    """The recording with all that goes along neurons."""
    positions = _positions(source, recording.n_neurons)
    regions = _regions(source, path, recording.n_neurons)
    (step,) = recording.provenance
    about_regions = [] if regions is None else regions.notes
    step["notes"] = [*step["notes"], *positions.notes, *about_regions]
    return replace(
        recording,
        neurons=(positions.columns | _masks(source, recording.n_neurons)) or None,
        region_labels=None if regions is None else regions.labels,
        region_names=() if regions is None else regions.names,
        provenance=(step,),
    )


def _clock(source: Source, options: ReadOptions, n_bins: int) -> clock.Clock:
    times = source.numbers("times")
    if times is not None and n_bins > 1:
        return clock.clock_of_times(times, n_bins)
    rate = source.numbers("sampling_rate")
    if rate is not None and rate.size == 1:
        return clock.clock_of_rate(float(rate.item()), "sampling rate in the file")
    if options.sampling_rate_hz is not None:
        return clock.clock_of_rate(options.sampling_rate_hz, "sampling rate that was given")
    return clock.no_clock()


def _positions(source: Source, n_neurons: int) -> places.Positions:
    given = {name: source.numbers(name) for name in places.WHAT}
    there = {name: values for name, values in given.items() if values is not None}
    return places.positions_of(there, n_neurons)


def _regions(source: Source, path: Path, n_neurons: int) -> places.Regions | None:
    values = source.numbers("labels")
    if values is None:
        return None
    labels = places.labels_of(values, n_neurons, source.bins_first)
    inside = nearest(source.found, "region_names", source.activity)
    beside = places.names_file_of(path)
    if inside is not None:
        names = read_whole(source.file[inside]).ravel()
        return places.named_regions(labels, [str(name).strip() for name in names], inside)
    if beside is not None:
        return places.named_regions(labels, places.names_in(beside), beside.name)
    return places.named_regions(labels, [], "the file")


def _covariates(source: Source, n_bins: int) -> tuple[dict[str, np.ndarray], list[str]]:
    """Stimulus and behaviour with a value a bin, and a note on each of another length."""
    kept: dict[str, np.ndarray] = {}
    left_out = []
    for path in [p for role in ("stimulus", "behaviour") for p in source.found.get(role, [])]:
        data = source.file[path]
        if n_bins not in data.shape[:2]:
            left_out.append(f"{path} of shape {data.shape} has no value a bin: left out")
            continue
        values = read_whole(data)
        by_bin = values if values.shape[0] == n_bins else values.swapaxes(0, 1)
        name = last_part(path) if last_part(path) not in kept else path.replace("/", "_")
        kept[name] = by_bin[:, 0] if by_bin.shape[1:] == (1,) else by_bin
    return kept, left_out


def _masks(source: Source, n_neurons: int) -> dict[str, np.ndarray]:
    """What the file says of which neurons lie in neuropil."""
    given = {role: source.numbers(role) for role in ("neuropil", "not_neuropil")}
    return {
        role: values.ravel()
        for role, values in given.items()
        if values is not None and values.size == n_neurons
    }


def _about(source: Source) -> list[str]:
    shape = source.file[source.activity].shape
    order = "bins x neurons" if source.bins_first else "neurons x bins, transposed"
    others = [path for path in _matrices(source.file, source.found) if path != source.activity]
    more = [f"array= reads {', '.join(others)} instead"] if others else []
    return [f"activity: {source.activity}, {shape[0]:,} x {shape[1]:,} ({order})", *more]


def _about_activity(recording: Recording) -> list[str]:
    """Say where a recording is too quiet for the article."""
    if recording.kind not in INTEGER_KINDS:
        return []
    mean = float(recording.activity.sum(dtype=np.int64)) / recording.activity.size
    if mean >= SPARSE:
        return []
    return [
        f"mean activity {mean:.2g} spikes a neuron and bin, below the {SPARSE} "
        "at which van der Plas et al. (2023) leave a recording out"
    ]


ZEBRAFISH = Format("zebrafish h5", holds, read, files)
