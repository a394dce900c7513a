"""Files that a command is asked to make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.recording import Recording

SUFFIXES = (".npz", ".h5", ".hdf5")
_ENDING = "Choose .npz, or .h5 for large recordings"


def check_output(out: Path, force: bool, suffixes: tuple[str, ...] = SUFFIXES) -> None:
    """Refuse before the work what would be refused after it.

    Parameters
    ----------
    out : Path
    force : bool
    suffixes : tuple of str
        Endings that the file may have; by default those of a recording.

    Raises
    ------
    InputError
        Another ending, a file that is there without --force, a folder that is not.
    """
    where = os.fspath(out)
    if out.suffix.lower() not in suffixes:
        raise InputError(
            f"the ending {out.suffix!r} is none of {', '.join(suffixes)}",
            where=where,
            remedy=_ENDING if suffixes == SUFFIXES else f"Choose {suffixes[0]}",
        )
    if out.exists() and not force:
        raise InputError(
            "is there already; nothing was changed",
            where=where,
            remedy="Name another file, or add --force to replace it",
        )
    if not out.absolute().parent.is_dir():
        raise InputError(
            "cannot write: the folder does not exist",
            where=where,
            remedy="Make the folder first or name another",
        )


def save_recording(recording: Recording, out: Path) -> None:
    """Write a recording, whole or not at all, and say what it is."""
    from popcode.cli.console import show, tell
    from popcode.io import save

    save(recording, out)
    tell(f"wrote {recording!r}")
    show(str(out))
