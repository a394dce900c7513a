"""Structural connectivity from files: a ready matrix, traced neurons by region, or SWC tracings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.connectivity.neurites import masks_of_labels, neurons_by_region
from popcode.analysis.connectivity.structure import TracedNeurons, mirrored, structural_matrix
from popcode.errors import InputError
from popcode.io.reading import checked_path, reading
from popcode.io.swc import read_swc
from popcode.io.volumes import READERS, read_volume

Float = NDArray[np.float64]
_TRACED = ("soma_regions", "lengths", "volumes", "region_names")
_LEAST_REGIONS = 3
_REMEDY = (
    "Give an npz file with a square matrix and the names of its regions, or with soma_regions, "
    "lengths, volumes and region_names; or a folder of .swc files with a volume of region numbers "
    "and regions.csv"
)


class Structure(NamedTuple):
    """Structural connectivity between regions.

    Attributes
    ----------
    names : tuple of str
    values : ndarray, (n_regions, n_regions)
        Symmetric, 0 and above; nan where unknown.
    source : str
        What it was made from, in words.
    notes : tuple of str
        What was done to it.
    """

    names: tuple[str, ...]
    values: Float
    source: str
    notes: tuple[str, ...]


def read_structure(path: str | Path, regions: Sequence[str], array: str | None = None) -> Structure:
    """Read structural connectivity, in the order of the functional regions.

    Parameters
    ----------
    path : str or Path
        An npz file with a square matrix and an array of as many names; an npz file of traced
        neurons: `soma_regions` (n_traced,) as names or numbers counted from 0 (-1 and "": none),
        `lengths` (n_traced, n_regions), `volumes` and `region_names` (n_regions,), perhaps
        `mirror` (n_regions,), the number of the region opposite each; or a folder of .swc files
        in micrometres, one volume of region numbers that says the size of its voxels, and
        regions.csv with number,name on every line.
    regions : sequence of str
        Of the functional matrix.
    array : str, optional
        Which matrix, where the file holds several and none is called `structure`.

    Returns
    -------
    Structure
        Of `regions`; nan for those that the structure does not know, and for regions with
        themselves, whose strengths say nothing of fibres between regions.

    Raises
    ------
    InputError
        Another kind of file, a damaged one, fewer than 3 regions in common.
    """
    path = Path(path)
    with reading(path):
        checked_path(path)
        found = _of_folder(path) if path.is_dir() else _of_file(path, regions, array)
        return _ordered(found, tuple(regions))


def _of_file(path: Path, regions: Sequence[str], array: str | None) -> Structure:
    if path.suffix.lower() != ".npz":
        raise InputError("no npz file", remedy=_REMEDY)
    with np.load(path, allow_pickle=False) as file:
        content = {name: file[name] for name in file}
    if all(name in content for name in _TRACED):
        return _of_traced(content)
    return _of_matrix(content, regions, array)


def _of_traced(content: dict[str, NDArray]) -> Structure:
    names = tuple(map(str, content["region_names"]))
    somata = content["soma_regions"]
    if somata.dtype.kind in "US":
        at = {name: k for k, name in enumerate(names)}
        somata = np.array([at.get(str(name), -1) for name in somata], np.int64)
    elif somata.dtype.kind not in "iu":
        raise InputError(
            f"soma_regions are {somata.dtype}, no whole numbers",
            remedy="Give names of regions, or their numbers counted from 0",
        )
    traced = TracedNeurons(somata.astype(np.int64), content["lengths"].astype(np.float64))
    notes = []
    if "mirror" in content:
        traced = mirrored(traced, content["mirror"])
        notes.append("every traced neuron counts with its mirror image")
    return _of_neurons(names, traced, content["volumes"], tuple(notes))


def _of_neurons(
    names: tuple[str, ...], traced: TracedNeurons, volumes: Float, notes: tuple[str, ...]
) -> Structure:
    n_placed = int((traced.soma_regions >= 0).sum())
    if n_placed == 0:
        raise InputError("no traced neuron has its soma in a region", remedy="Check the regions")
    n_lost = len(traced.soma_regions) - n_placed
    if n_lost:
        notes = (*notes, f"{n_lost:,} traced neurons without a soma in a region do not count")
    source = f"{n_placed:,} traced neurons (equation 20)"
    return Structure(names, structural_matrix(traced, volumes), source, notes)


def _of_folder(folder: Path) -> Structure:
    tracings = sorted(folder.glob("*.swc"))
    volumes = [each for each in sorted(folder.iterdir()) if each.name.lower().endswith(_ENDINGS)]
    if not tracings or len(volumes) != 1 or not (folder / "regions.csv").exists():
        raise InputError(
            f"{len(tracings)} .swc files, {len(volumes)} volumes of region numbers, "
            f"{'a' if (folder / 'regions.csv').exists() else 'no'} regions.csv",
            remedy=_REMEDY,
        )
    volume = read_volume(volumes[0])
    if volume.values.ndim != 3 or volume.voxel_um is None:
        raise InputError(
            "the volume is none of region numbers that says the size of its voxels",
            where=volumes[0].name,
            remedy="Save it as npz with `volume` (n_x, n_y, n_z) and `voxel_um`, three numbers",
        )
    names = _names_of(folder / "regions.csv")
    masks = masks_of_labels(np.asarray(volume.values), names, np.asarray(volume.voxel_um))
    traced = neurons_by_region(map(read_swc, tracings), masks)
    return _of_neurons(masks.names, traced, masks.volumes, ())


_ENDINGS = tuple(READERS)


def _names_of(path: Path) -> dict[int, str]:
    """Numbers and names of regions from lines of number,name; a heading is passed over."""
    lines = [line.split(",", 1) for line in path.read_text(encoding="utf-8").splitlines() if line]
    found = {
        int(line[0]): line[1].strip() for line in lines if len(line) == 2 and line[0].isdigit()
    }
    if not found:
        raise InputError("no line of number,name", where=path.name, remedy="Write one a region")
    return found


def _of_matrix(content: dict[str, NDArray], regions: Sequence[str], array: str | None) -> Structure:
    chosen = _chosen(content, array)
    values = content[chosen].astype(np.float64)
    names = _names_for(content, len(values), regions)
    if (values < 0).any() or np.isinf(values).any():
        raise InputError(
            f"{chosen} holds strengths below 0 or without end",
            remedy="Give finite ones, 0 and above; nan where unknown",
        )
    notes = []
    if not np.allclose(values, values.T, equal_nan=True):
        values = (values + values.T) / 2
        notes.append(f"{chosen} is directed: both directions are averaged")
    return Structure(names, values, f"the matrix {chosen}", tuple(notes))


def _chosen(content: dict[str, NDArray], array: str | None) -> str:
    square = [
        name
        for name, values in content.items()
        if values.ndim == 2 and len(values) == values.shape[1] > 1 and values.dtype.kind in "biuf"
    ]
    if array is not None and array not in square:
        raise InputError(
            f"no square matrix {array!r}", remedy=f"It holds: {', '.join(square) or 'none'}"
        )
    if array is not None:
        return array
    if "structure" in square:
        return "structure"
    if len(square) != 1:
        raise InputError(
            f"{len(square)} square matrices: {', '.join(square[:8]) or 'none'}",
            remedy="Name one: --structure-array NAME" if square else _REMEDY,
        )
    return square[0]


def _names_for(content: dict[str, NDArray], n: int, regions: Sequence[str]) -> tuple[str, ...]:
    """The array of `n` texts that has most of the functional regions."""
    texts = [
        tuple(map(str, values))
        for values in content.values()
        if values.shape == (n,) and values.dtype.kind in "US"
    ]
    if not texts:
        raise InputError(f"no array names the {n} regions of the matrix", remedy=_REMEDY)
    wanted = set(map(plain, regions))
    return max(texts, key=lambda names: len(wanted & set(map(plain, names))))


def plain(name: str) -> str:
    """A region's name without case, brackets, blanks and strokes, by which regions are matched."""
    return re.sub(r"[\W_]+", " ", name).strip().lower()


def _ordered(found: Structure, regions: tuple[str, ...]) -> Structure:
    """The structure of the functional regions; unknown where it does not name one."""
    if len({plain(name) for name in found.names}) < len(found.names):
        raise InputError("two regions of one name", remedy="Name each region once")
    at = {plain(name): k for k, name in enumerate(found.names)}
    places = [at.get(plain(name)) for name in regions]
    here = [k for k, place in enumerate(places) if place is not None]
    if len(here) < _LEAST_REGIONS:
        raise InputError(
            f"it names {len(here)} of the {len(regions)} regions of the recordings "
            f"({', '.join(regions[:4])}, ...); it has {', '.join(found.names[:4])}, ...",
            remedy="Name the regions alike in both",
        )
    there = [place for place in places if place is not None]
    values = np.full((len(regions), len(regions)), np.nan)
    values[np.ix_(here, here)] = found.values[np.ix_(there, there)]
    np.fill_diagonal(values, np.nan)  # as in the article: pairs of different regions
    notes = found.notes
    if missing := [name for k, name in enumerate(regions) if k not in set(here)]:
        notes = (*notes, f"regions that the structure does not have: {', '.join(missing)}")
    return Structure(regions, values, found.source, notes)
