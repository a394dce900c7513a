"""A file of Neurodata Without Borders, read through HDF5 alone.

Neither pynwb nor the schemas that a file caches are needed: extension types (those of the Allen
Institute among them) are groups like any other. Source: NWB schema 2.x, hdmf-common 1.x.
"""

from dataclasses import replace
from pathlib import Path

import h5py

from popcode.errors import InputError
from popcode.io.formats import Format, begins_with, the_file
from popcode.io.nwb.candidates import candidates
from popcode.io.nwb.covariates import bin_centres, with_covariates
from popcode.io.nwb.series import read_series
from popcode.io.nwb.tables import text_at
from popcode.io.nwb.units import has_units, read_units
from popcode.io.options import ReadOptions
from popcode.recording import Recording

SIGNATURE = b"\x89HDF\r\n\x1a\n"
LAYOUT = ("general", "file_create_date", "session_start_time", "identifier")
SESSION = {
    "identifier": "identifier",
    "session_id": "general/session_id",
    "subject_id": "general/subject/subject_id",
    "species": "general/subject/species",
    "start": "session_start_time",
}
_begins_as_hdf5 = begins_with(SIGNATURE)


def holds_nwb(path: Path) -> bool:
    """Whether it is HDF5 with the version, or else the groups, of NWB."""
    if not _begins_as_hdf5(path):
        return False
    try:
        with h5py.File(path, "r") as file:
            return is_nwb(file)
    except Exception:  # damaged HDF5 raises at least four types
        return False


def is_nwb(file: h5py.File) -> bool:
    """Whether an open file has the version, or else the groups, of NWB."""
    return "nwb_version" in file.attrs or all(name in file for name in LAYOUT)


def read_nwb(path: Path, options: ReadOptions) -> Recording:
    """Recording of an .nwb file (see `recording_of_nwb`)."""
    with h5py.File(path, "r") as file:
        return recording_of_nwb(file, options)


def recording_of_nwb(file: h5py.File, options: ReadOptions) -> Recording:
    """Spike counts of /units; where there are none, or `array` names another, a series.

    Stimuli, trials, epochs and running speed become covariates.

    Raises
    ------
    InputError
        Neither units nor series, several series, and whatever their readers refuse.
    """
    if "nwb_version" in file:
        raise InputError(
            "it is of NWB version 1", remedy="Convert it to NWB 2, the format since 2019."
        )
    table = file.get(options.array or "units")
    if _means_units(file, table, options):
        recording = read_units(file, table, options)
        return with_covariates(_with_session(recording, file), file, bin_centres(recording))
    recording, times_s = read_series(file, options)
    return with_covariates(_with_session(recording, file), file, times_s)


def _means_units(file: h5py.File, table: object, options: ReadOptions) -> bool:
    """Whether units are to be read; a table without any, where nothing else could be."""
    if not isinstance(table, h5py.Group) or "data" in table:
        return False
    if has_units(table):
        return True
    return table.name == "/units" and (options.array is not None or not candidates(file))


def _with_session(recording: Recording, file: h5py.File) -> Recording:
    """Who was recorded, and when, for the provenance."""
    told = {name: text_at(file, path) for name, path in SESSION.items()}
    step = {"step": "session", **{name: text for name, text in told.items() if text}}
    return replace(recording, provenance=(step, *recording.provenance))


NWB = Format("nwb", holds_nwb, read_nwb, the_file)
