"""What a format is to `popcode.load`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from popcode.io.options import ReadOptions
from popcode.recording import Recording


class Format(NamedTuple):
    """One kind of source.

    Parameters
    ----------
    name : str
        As shown by `popcode info`.
    holds : callable
        Whether a path (a file that is not empty, or a folder) is of this format, from a quick look
        at its content: suffixes lie. Must not raise on damaged content of another format.
    read : callable
        The recording; the errors it raises need not name the path.
    files : callable
        The files that the recording is made of, in a fixed order, for its content hash.
    """

    name: str
    holds: Callable[[Path], bool]
    read: Callable[[Path, ReadOptions], Recording]
    files: Callable[[Path], Sequence[Path]]


def the_file(path: Path) -> Sequence[Path]:
    """The `files` of a format that is one file."""
    return (path,)


def begins_with(*magics: bytes) -> Callable[[Path], bool]:
    """A `holds` that looks at the first bytes."""

    def holds(path: Path) -> bool:
        if path.is_dir():
            return False
        with path.open("rb") as file:
            head = file.read(max(map(len, magics)))
        return head.startswith(magics)

    return holds
