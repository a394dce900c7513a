"""Which series of an NWB file may be the activity of a population, and which one is meant."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import h5py

from popcode.errors import InputError
from popcode.io.hdf5_tree import MAX_OBJECTS, address_of

PLACES = ("processing", "acquisition", "analysis")
DEEPEST = 5  # groups below a place that are looked through
MAX_LISTED = 12
# Words of a path, and the kind of values they stand for. Neuropil is no activity of cells.
TELLING = (
    ("neuropil", ("neuropil",)),
    ("events", ("deconv", "event", "spks", "spike")),
    ("dff", ("dff", "dfoverf", "df_over_f", "deltaf")),
)
FLUORESCENCE = ("fluorescence", "roiresponse", "trace", "raw")  # only where no other word is
PREFERENCE = ("events", "dff", "rate")


class Candidate(NamedTuple):
    """A series (n_samples, n_cells) or its transpose.

    path; kind, after its name ("" where that says nothing); of_rois, whether it has a table of
    regions of interest; shape, as stored.
    """

    path: str
    kind: str
    of_rois: bool
    shape: tuple[int, ...]


def candidates(file: h5py.File) -> list[Candidate]:
    """Every series of two dimensions."""
    found: list[Candidate] = []
    seen: set[Any] = set()
    for place in PLACES:
        group = file.get(place)
        if isinstance(group, h5py.Group):
            for path, series in _series_below(group, DEEPEST, seen):
                found.append(_candidate(path, series))
    return found


def chosen(file: h5py.File, array: str | None) -> tuple[Candidate, list[str]]:
    """The series to read, and what to say of the choice.

    Parameters
    ----------
    file : h5py.File
    array : str, optional
        Path of the series, or the end of it. Without it, the only series of regions of interest
        counts, or the only one of any kind; of several, the only one that is deconvolved, else
        the only dF/F, else the only fluorescence.

    Raises
    ------
    InputError
        None, or several that are equally good.
    """
    found = candidates(file)
    if array is not None:
        return _named(found, array), []
    if not found:
        raise InputError(
            "it holds no units with spike times and no series of two dimensions",
            remedy="Give the file that holds the sorting or the traces of the cells.",
        )
    of_rois = [candidate for candidate in found if candidate.of_rois] or found
    if len(of_rois) == 1:
        return of_rois[0], []
    return _preferred(of_rois)


def _preferred(found: Sequence[Candidate]) -> tuple[Candidate, list[str]]:
    for kind in PREFERENCE:
        best = [candidate for candidate in found if candidate.kind == kind]
        if len(best) == 1:
            others = _listed([candidate for candidate in found if candidate is not best[0]])
            return best[0], [f"{best[0].path} was read; array names another: {others}"]
        if best:
            break
    raise InputError(
        f"it holds {len(found)} series that may be meant: {_listed(found)}",
        remedy="Name one with array (--array).",
    )


def _named(found: Sequence[Candidate], array: str) -> Candidate:
    wanted = array.strip("/").lower()
    meant = [c for c in found if f"/{c.path.lower()}".endswith(f"/{wanted}")]
    if not meant:  # the container of a single series
        meant = [c for c in found if f"/{wanted}/" in f"/{c.path.lower()}/"]
    if len(meant) != 1:
        few = f"there are {len(meant)}" if meant else "there is none"
        listed = _listed(meant or found)
        raise InputError(
            f"array names the series {array!r}, and {few} of that name"
            + (f"; there are {listed}" if listed else ""),
            remedy="Give the path of one series.",
        )
    return meant[0]


def _series_below(
    group: h5py.Group, depth: int, seen: set[Any]
) -> Iterator[tuple[str, h5py.Group]]:
    """Series in groups that were not `seen` before; links may lead to one twice, or in circles."""
    for name in group:
        inner = group.get(name)
        if not isinstance(inner, h5py.Group) or (address := address_of(inner)) in seen:
            continue
        if len(seen) >= MAX_OBJECTS:
            return
        seen.add(address)
        if _is_matrix(inner.get("data")):
            yield inner.name.strip("/"), inner
        elif depth:
            yield from _series_below(inner, depth - 1, seen)


def _is_matrix(data: object) -> bool:
    return isinstance(data, h5py.Dataset) and data.ndim == 2 and data.dtype.kind in "biuf"


def _candidate(path: str, series: h5py.Group) -> Candidate:
    return Candidate(path, kind_of(path), "rois" in series, tuple(series["data"].shape))


def kind_of(path: str) -> str:
    """Kind of values after the path, its last part first; "" where nothing tells."""
    parts = path.lower().split("/")[::-1]
    told = [kind for part in parts for kind, words in TELLING if _any_in(words, part)]
    plain = ["rate" for part in parts if _any_in(FLUORESCENCE, part)]
    return next(iter([*told, *plain]), "")


def _any_in(words: Sequence[str], part: str) -> bool:
    return any(word in part for word in words)


def _listed(found: Sequence[Candidate]) -> str:
    shown = [f"{c.path} ({' x '.join(map(str, c.shape))})" for c in found[:MAX_LISTED]]
    more = f" and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
    return ", ".join(shown) + more
