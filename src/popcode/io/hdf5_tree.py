"""The data sets of an HDF5 file, however its groups are nested or linked in circles."""

from collections.abc import Iterator
from typing import Any

import h5py

MAX_OBJECTS = 10_000  # a recording has some dozens; a damaged file may have any number
DEEPEST = 64  # groups in one another


def datasets_below(group: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    """Path and data set of all that lies in `group`, each once, groups in the order of names.

    Soft and external links are not followed. After `MAX_OBJECTS` objects it stops, and groups
    below `DEEPEST` others are left out.
    """
    seen = {address_of(group)}
    waiting = [iter(_members(group, ""))]
    while waiting and len(seen) < MAX_OBJECTS:
        path, item = next(waiting[-1], ("", None))
        if item is None:
            waiting.pop()
        elif (address := address_of(item)) not in seen:
            seen.add(address)
            if isinstance(item, h5py.Dataset):
                yield path, item
            elif isinstance(item, h5py.Group) and len(waiting) < DEEPEST:
                waiting.append(iter(_members(item, f"{path}/")))


def address_of(item: Any) -> tuple[int, Any]:
    """What two paths to one object have in common: its file and its address in it."""
    info = h5py.h5o.get_info(item.id)
    return info.fileno, info.addr


def _members(group: h5py.Group, prefix: str) -> Iterator[tuple[str, Any]]:
    for name in group:
        if isinstance(group.get(name, getlink=True), h5py.HardLink):
            yield f"{prefix}{name}", group[name]
