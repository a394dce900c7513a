"""One call from any supported file to a recording."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from popcode.errors import InputError
from popcode.io.hdf5 import read_h5
from popcode.io.npz import read_npy, read_npz
from popcode.io.reading import checked_file, reading, sha256_of
from popcode.recording import Recording

# What a file is, is told from its first bytes: suffixes lie.
READERS: dict[bytes, tuple[str, Callable[[Path], Recording]]] = {
    b"PK\x03\x04": ("npz", read_npz),
    b"PK\x05\x06": ("npz", read_npz),  # an archive without members
    b"\x89HDF\r\n\x1a\n": ("h5", read_h5),
    b"\x93NUMPY": ("npy", read_npy),
}


def load(path: str | Path, bin_s: float | None = None) -> Recording:
    """Read a recording from a file; what the file holds is told from its content.

    Parameters
    ----------
    path : str or Path
        A native .npz or .h5 file (format 1), a .npz with one matrix (or one called `activity`),
        or a .npy matrix. In plain matrices rows are bins and columns are neurons.
    bin_s : float, optional
        Bin width in seconds. Where the file does not know its width, this states it; where it
        does, whole bins are merged to reach it.

    Returns
    -------
    Recording
        Its provenance starts with the path and the sha256 of the file.

    Raises
    ------
    InputError
        No such file, a folder, empty, damaged, another format or version, NaN, parts that
        disagree, or a `bin_s` that is no multiple of the file's. Pickled content is never read.
    """
    path = Path(path)
    with reading(path):
        checked_file(path)
        name, read = sniff(path)
        recording = read(path)
        source = {
            "step": "load",
            "path": str(path.resolve()),
            "format": name,
            "sha256": sha256_of(path),
        }
        recording = replace(recording, provenance=(*recording.provenance, source))
        return recording if bin_s is None else _at_width(recording, bin_s)


def sniff(path: Path) -> tuple[str, Callable[[Path], Recording]]:
    """Name of the format of a file and its reader, from its first bytes."""
    with path.open("rb") as file:
        head = file.read(8)
    for magic, reader in READERS.items():
        if head.startswith(magic):
            return reader
    raise InputError(
        "it is none of the formats this version reads (.npz, .h5, .npy)",
        remedy="Save the activity as a (n_bins, n_neurons) array with numpy.save.",
    )


def _at_width(recording: Recording, bin_s: float) -> Recording:
    if np.isnan(recording.bin_s):
        step = {"step": "bin width stated by the user", "bin_s": float(bin_s)}
        return replace(recording, bin_s=bin_s, provenance=(*recording.provenance, step))
    if np.isclose(recording.bin_s, bin_s, rtol=1e-6, atol=0):
        return recording
    return recording.binned(bin_s=bin_s)
