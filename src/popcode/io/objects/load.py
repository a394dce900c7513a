"""Which object of which library it is, and its recording."""

import hashlib
from dataclasses import replace
from typing import Any

from popcode.errors import InputError
from popcode.io.objects import pynapple, spikeinterface
from popcode.io.options import ReadOptions
from popcode.recording import Recording
from popcode.recording.kinds import row_blocks


def load_object(source: Any, options: ReadOptions) -> Recording:
    """Recording of a pynapple TsGroup or TsdFrame, or of a spikeinterface sorting.

    Raises
    ------
    InputError
        Anything else, and whatever its reader refuses.
    """
    name = f"{type(source).__module__}.{type(source).__qualname__}"
    try:
        options.check()
        recording = _read(source, options, name)
    except InputError as error:
        where = f"{name}, {error.where}" if error.where else name
        raise InputError(error.what, where=where, remedy=error.remedy) from None
    step = {
        "step": "load",
        "path": name,
        "format": "object in memory",
        "n_bytes": recording.activity.nbytes,
        "sha256": _sha256_of_activity(recording),
    }
    return replace(recording, provenance=(*recording.provenance, step))


def _read(source: Any, options: ReadOptions, name: str) -> Recording:
    if spikeinterface.is_sorting(source):
        return spikeinterface.recording_of_sorting(source, options)
    if pynapple.is_frame(source):
        return pynapple.recording_of_frame(source)
    if pynapple.is_group(source):
        return pynapple.recording_of_group(source, options)
    raise InputError(
        "it is no path and no object that can be read",
        remedy="Give a path, a pynapple TsGroup or TsdFrame or a spikeinterface sorting; "
        "of an array (n_bins, n_neurons) make popcode.Recording(array, bin_s=...).",
    )


def _sha256_of_activity(recording: Recording) -> str:
    digest = hashlib.sha256()
    for rows in row_blocks(*recording.shape):
        digest.update(recording.activity[rows].tobytes())
    return digest.hexdigest()
