"""Which data set of a file holds what, told from the last part of its path."""

from collections.abc import Mapping
from pathlib import PurePosixPath

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.hdf5_tree import datasets_below
from popcode.io.hollow import refuse_hollow

# Lower case, the usual name first. Source: the table of names of zf-rbm, and those of the deposit.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "spikes": ("thresholdedspikes", "spikes", "spike", "spike_data"),
    "dff": ("dff", "df/f", "df", "calcium", "calcium_data", "values"),
    "dff_aligned": ("dff_align", "dff_aligned", "df_aligned"),
    "times": ("times", "time", "time_vector"),
    "sampling_rate": ("sampling_rate", "sr"),
    "zbrain": ("zbraincoordinates", "zbrain_coordinates", "zbraincoords", "zbrain_coords"),
    "raw": ("coordinates", "coords", "coordinates_raw"),
    "reference": (
        "refcoordinates",
        "ref_coordinates",
        "refcoords",
        "ref_coords",
        "reference_coordinates",
        "coordinates_registered",
    ),
    "labels": ("labels", "region_labels", "zbrainatlas_labels"),
    "region_names": ("region_names", "regionnames", "label_names", "labelnames", "labels_names"),
    "stimulus": ("stimulus", "stim", "stimuli", "stimulus_trace", "tiltangle"),
    "behaviour": ("behavior", "behaviour", "behav"),
    "not_neuropil": ("not_neuropil", "no_neuropil"),
    "neuropil": ("neuropil", "neuropil_neurons"),
}
ACTIVITY = ("spikes", "dff_aligned", "dff")  # the first that is there is read by default
COMPANIONS = ("times", "zbrain", "raw", "labels")

Found = dict[str, list[str]]


def find(file: h5py.File) -> Found:
    """Paths of the data sets of every role, the usual name first, then by path."""
    paths = [path for path, _ in datasets_below(file)]
    found = {role: _of_names(paths, names) for role, names in SYNONYMS.items()}
    return {role: named for role, named in found.items() if named}


def nearest(found: Found, role: str, activity: str) -> str | None:
    """The data set of a role that shares most of its path with the activity."""
    paths = found.get(role, [])
    return max(paths, key=lambda path: _n_shared(path, activity), default=None)


def last_part(path: str) -> str:
    """Name of a data set without its groups."""
    return PurePosixPath(path).name


def read_whole(data: h5py.Dataset) -> np.ndarray:
    """Whole of a small data set; text comes back as str."""
    refuse_hollow(data)
    if h5py.check_string_dtype(data.dtype) is not None:
        return np.asarray(data.asstr()[()], dtype=str)
    return np.asarray(data[()])


def read_numbers(data: h5py.Dataset) -> np.ndarray:
    """Whole of a small data set of numbers.

    Raises
    ------
    InputError
        Text, or anything else that is no number.
    """
    if data.dtype.kind not in "buif":
        raise InputError(
            f"it is of type {data.dtype}, not numbers",
            where=data.name,
            remedy="Write it as real numbers.",
        )
    return read_whole(data)


def _of_names(paths: list[str], names: tuple[str, ...]) -> list[str]:
    def has(path: str, name: str) -> bool:
        return f"/{path.lower()}".endswith(f"/{name}")

    return [path for name in names for path in sorted(paths) if has(path, name)]


def _n_shared(path: str, other: str) -> int:
    """Number of groups that two paths share."""
    pairs = zip(PurePosixPath(path).parts[:-1], PurePosixPath(other).parts[:-1], strict=False)
    n_shared = 0
    for one, two in pairs:
        if one != two:
            break
        n_shared += 1
    return n_shared
