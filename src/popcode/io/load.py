"""One call from any supported file to a recording."""

import math
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.io.critical_npz import CRITICAL_NPZ
from popcode.io.csv import CSV
from popcode.io.formats import Format
from popcode.io.hdf5 import H5
from popcode.io.hdf5_matrix import HDF5_MATRIX, MATLAB_73
from popcode.io.kilosort import KILOSORT
from popcode.io.matlab import MATLAB
from popcode.io.npz import NPY, NPZ
from popcode.io.nwb import NWB
from popcode.io.objects import load_object
from popcode.io.options import Quality, ReadOptions
from popcode.io.reading import checked_path, reading, sha256_of
from popcode.io.remote import is_url, read_url
from popcode.io.suite2p import SUITE2P
from popcode.io.zebrafish import ZEBRAFISH
from popcode.recording import Recording

# The first that a path holds is taken: what is special comes before what is general.
FORMATS: tuple[Format, ...] = (
    CRITICAL_NPZ,
    NPZ,
    NPY,
    NWB,
    ZEBRAFISH,
    H5,
    SUITE2P,
    KILOSORT,
    MATLAB,
    MATLAB_73,
    HDF5_MATRIX,
    CSV,
)
MAX_LISTED = 8  # entries of a folder named in an error


def load(
    source: Any,
    bin_s: float | None = None,
    *,
    quality: Quality = "all",
    min_rate_hz: float = 0.0,
    keep_layers: bool = False,
    array: str | None = None,
    sampling_rate_hz: float | None = None,
    allow_pickle: bool = False,
) -> Recording:
    """Read a recording; what a file or folder holds is told from its content.

    Parameters
    ----------
    source : str, Path or object
        An NWB file, or the address of one (https:// or s3://, with the extra `remote`);
        a native .npz or .h5 file (format 1), a .npz with one matrix (or one called `activity`,
        `spikes`, ...), or a .npy matrix. In plain matrices rows are bins and columns are neurons;
        in .npz, MATLAB and HDF5, arrays beside them (`bin_s`, `t`, `x_um`, `regions`, ...) say
        how wide the bins are, where neurons lie and which way round the matrix is.
        The HDF5 of a zebrafish brain (spikes, or dF/F with array="dff").
        A folder of suite2p, Kilosort or Phy. MATLAB files of any version and other HDF5 with one
        matrix. A table of text (csv, tsv). The .npz files of the critical-initialisation
        deposits. In memory: a pynapple TsGroup or TsdFrame, or a
        spikeinterface sorting.
    bin_s, quality, min_rate_hz, keep_layers, array, sampling_rate_hz, allow_pickle
        See `popcode.io.ReadOptions`.

    Returns
    -------
    Recording
        Its provenance starts with the path and the sha256 of what was read.

    Raises
    ------
    InputError
        No such file, empty, damaged, another format or version, NaN, parts that disagree, or a
        `bin_s` that is no multiple of the file's.
    """
    options = ReadOptions(
        bin_s, quality, min_rate_hz, keep_layers, array, sampling_rate_hz, allow_pickle
    )
    if not isinstance(source, str | PathLike):
        return _stated(load_object(source, options), bin_s)
    if is_url(source):
        with reading(str(source)):
            options.check()
            return _stated(read_url(str(source), options), bin_s)
    path = Path(source)
    with reading(path):
        options.check()
        return _stated(_read_path(path, options), bin_s)


def _read_path(path: Path, options: ReadOptions) -> Recording:
    checked_path(path)
    found = sniff(path)
    recording = found.read(path, options)
    files = found.files(path)
    step = {
        "step": "load",
        "path": str(path.resolve()),
        "format": found.name,
        "n_bytes": sum(file.stat().st_size for file in files),
        "sha256": sha256_of(files),
    }
    return replace(recording, provenance=(*recording.provenance, step))


def sniff(path: Path) -> Format:
    """Tell the format of a file or folder by looking into it.

    Raises
    ------
    InputError
        None of those that can be read.
    """
    for candidate in FORMATS:
        if candidate.holds(path):
            return candidate
    if path.is_dir():
        raise InputError(
            f"it is a folder of no kind that is known; {_listed(path)}",
            remedy="Give the folder that suite2p or Kilosort wrote, or a single file.",
        )
    raise InputError(
        f"it is none of the formats this version reads ({', '.join(f.name for f in FORMATS)})",
        remedy="Save the activity as a (n_bins, n_neurons) array with numpy.save.",
    )


def _listed(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return f"it holds {', '.join(names[:MAX_LISTED])}{more}" if names else "it is empty"


def _stated(recording: Recording, bin_s: float | None) -> Recording:
    """The recording at the width that the user gave, if any."""
    if bin_s is None:
        return recording
    if math.isnan(recording.bin_s):
        step = {"step": "bin width stated by the user", "bin_s": float(bin_s)}
        return replace(recording, bin_s=bin_s, provenance=(*recording.provenance, step))
    if np.isclose(recording.bin_s, bin_s, rtol=1e-6, atol=0):
        return recording
    return recording.binned(bin_s=bin_s)
