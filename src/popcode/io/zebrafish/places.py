"""Where the neurons of a file lie: coordinates in micrometres, atlas regions that overlap."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.recording.text import plural

# A larval brain is some 1 mm long: of coordinates in micrometres, most are far above this.
USUAL_MM = 10.0
NAMES_FILE = "ZbrainRegions.txt"
NAMES_FOLDER = "AtlasBrainRegions"  # of the deposit, beside the folder of the recordings
WHAT = {
    "zbrain": "ZBrain atlas coordinates",
    "raw": "coordinates of the microscope, of no atlas",
    "reference": "coordinates of the reference brain",
}


class Positions(NamedTuple):
    """Columns of the neuron table, each (n_neurons,) float64, and what to know of them."""

    columns: dict[str, np.ndarray]
    notes: list[str]


class Regions(NamedTuple):
    """labels bool (n_neurons, n_regions), their names, and what to know of them."""

    labels: np.ndarray
    names: tuple[str, ...]
    notes: list[str]


def positions_of(given: dict[str, np.ndarray], n_neurons: int) -> Positions:
    """Columns of the coordinates of a file.

    Parameters
    ----------
    given : dict
        Any of `zbrain`, `raw` and `reference`: arrays (3, n_neurons) or (n_neurons, 3), in
        millimetres or micrometres. The first that is there gives x_um, y_um and z_um, the
        others <name>_x_um and so on.
    n_neurons : int

    Raises
    ------
    InputError
        Another shape.
    """
    columns: dict[str, np.ndarray] = {}
    notes: list[str] = []
    main = next((name for name in WHAT if name in given), None)
    for name, values in given.items():
        prefix = "" if name == main else f"{name}_"
        by_neuron = _by_neuron(values, n_neurons, name)
        scale, unit = _unit(by_neuron)
        where = "positions" if name == main else f"{prefix}x_um, {prefix}y_um, {prefix}z_um"
        notes.append(f"{where}: {WHAT[name]}, {unit}")
        n_missing = int((~np.isfinite(by_neuron)).any(axis=1).sum())
        if n_missing:
            notes.append(f"{n_missing:,} of {plural(n_neurons, 'neuron')} without {where}")
        columns |= {f"{prefix}{axis}_um": by_neuron[:, k] * scale for k, axis in enumerate("xyz")}
    return Positions(columns, notes)


def labels_of(values: np.ndarray, n_neurons: int, bins_first: bool) -> np.ndarray:
    """Boolean (n_neurons, n_regions) of a matrix of zeros and ones in either orientation.

    Where both sides have n_neurons entries, the labels lie as the activity does: in a file
    written from MATLAB both have a neuron a column.

    Raises
    ------
    InputError
        No side has n_neurons entries, or other values.
    """
    if values.ndim != 2 or n_neurons not in values.shape:
        raise InputError(
            f"labels of shape {values.shape} for {plural(n_neurons, 'neuron')}",
            where="labels",
            remedy="Expected (n_regions, n_neurons) or (n_neurons, n_regions), of zeros and ones.",
        )
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        raise InputError(
            f"labels hold the value {values[wrong][0]}",
            where="labels",
            remedy="Expected zeros and ones: whether a neuron lies in a region.",
        )
    square = values.shape[0] == values.shape[1]
    neurons_first = not bins_first if square else values.shape[0] == n_neurons
    return np.ascontiguousarray(values if neurons_first else values.T).astype(bool)


def named_regions(labels: np.ndarray, names: list[str], source: str) -> Regions:
    """Labels with the names of `source` where they fit, else region_0, region_1, ..."""
    n_neurons, n_regions = labels.shape
    if len(names) == n_regions:
        chosen, notes = _distinct(names), [f"region names of {source}"]
    else:
        chosen = tuple(f"region_{k}" for k in range(n_regions))
        notes = [f"{source} has {len(names)} names for {n_regions} regions: numbered instead"]
        if not names:
            notes = [f"no names of the {n_regions} regions: put {NAMES_FILE} beside the file"]
    n_bare = n_neurons - int(labels.any(axis=1).sum())
    if n_bare:
        notes.append(
            f"{n_bare:,} of {plural(n_neurons, 'neuron')} carry no label (the article drops them)"
        )
    return Regions(labels, chosen, notes)


def names_file_of(path: Path) -> Path | None:
    """The file of region names beside a recording, or where the deposit has it."""
    above = path.resolve().parents
    folders = [above[0], *(folder / NAMES_FOLDER for folder in above[:3])]
    return next((f / NAMES_FILE for f in folders if (f / NAMES_FILE).is_file()), None)


def names_in(path: Path) -> list[str]:
    """Names of a text file, one a line; blank lines at its end are none."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return [line.strip() for line in text.rstrip().splitlines()]


def _by_neuron(values: np.ndarray, n_neurons: int, name: str) -> np.ndarray:
    if values.shape == (3, n_neurons):
        values = values.T
    if values.shape != (n_neurons, 3):
        raise InputError(
            f"coordinates of shape {values.shape} for {plural(n_neurons, 'neuron')}",
            where=WHAT[name],
            remedy="Expected (3, n_neurons) or (n_neurons, 3).",
        )
    return values.astype(np.float64)


def _unit(coordinates: np.ndarray) -> tuple[float, str]:
    """Micrometres a unit, told from the median size of the numbers, and words for it."""
    finite = np.abs(coordinates[np.isfinite(coordinates)])
    if finite.size == 0 or np.median(finite) > USUAL_MM:
        return 1.0, "given in um"
    return 1000.0, "given in mm"


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Names with a number after those that came before, or that are empty."""
    distinct: list[str] = []
    for k, name in enumerate(names):
        wanted = name or f"region_{k}"
        taken = wanted in distinct
        distinct.append(f"{wanted} ({k})" if taken else wanted)
    return tuple(distinct)
