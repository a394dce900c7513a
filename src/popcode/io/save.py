"""Recordings to native files."""

from collections.abc import Callable
from pathlib import Path

from popcode.errors import InputError
from popcode.files.atomic import atomic_write
from popcode.io.hdf5 import write_h5
from popcode.io.npz import write_npz
from popcode.recording import Recording

WRITERS: dict[str, Callable[[Recording, Path], None]] = {
    ".npz": write_npz,
    ".h5": write_h5,
    ".hdf5": write_h5,
}


def save(recording: Recording, path: str | Path) -> None:
    """Write a recording as native format 1; `popcode.load` gives it back whole.

    Parameters
    ----------
    recording : Recording
    path : str or Path
        Ends in .npz, or .h5 for recordings that are large: bit-packed when binary and chunked
        along time. An existing file is replaced at once, by the whole new one or not at all.

    Raises
    ------
    InputError
        Another ending, or a place that cannot be written.
    """
    path = Path(path)
    if not isinstance(recording, Recording):
        raise InputError(
            f"{type(recording).__name__} is not a Recording",
            where=str(path),
            remedy="Make one with popcode.Recording(array, bin_s=...).",
        )
    if path.suffix.lower() not in WRITERS:
        raise InputError(
            f"the ending {path.suffix!r} is none of {', '.join(WRITERS)}",
            where=str(path),
            remedy="Choose .npz, or .h5 for large recordings.",
        )
    with atomic_write(path) as temporary:
        WRITERS[path.suffix.lower()](recording, temporary)
