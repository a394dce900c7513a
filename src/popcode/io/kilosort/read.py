"""A Kilosort or Phy folder to a recording."""

from pathlib import Path

import numpy as np

from popcode.errors import InputError
from popcode.io.kilosort import folder
from popcode.io.kilosort.clusters import NumberedClusters, ids_of
from popcode.io.kilosort.labels import labels_of
from popcode.io.kilosort.positions import positions_of
from popcode.io.options import ReadOptions
from popcode.io.units import Units, recording_of_units
from popcode.recording import Recording
from popcode.recording.spike_times import LabelledSpikes
from popcode.recording.text import plural


def read_kilosort(path: Path, options: ReadOptions) -> Recording:
    """Counts of the clusters that have spikes, in the order of their ids.

    Raises
    ------
    InputError
        No sampling rate, arrays that are damaged or disagree, and what `recording_of_units`
        refuses.
    """
    rate_hz, notes = _sampling_rate(path, options)
    times = folder.one_a_spike(path / folder.SPIKE_TIMES)
    clusters = folder.one_a_spike(folder.clusters_file(path))
    _check_spikes(times, clusters, folder.clusters_file(path).name)
    ids, n_unassigned = ids_of(clusters)
    if n_unassigned:
        notes.append(f"{plural(n_unassigned, 'spike')} of negative clusters not counted")
    table, label_notes = labels_of(folder.label_files(path), ids)
    positions = positions_of(path, clusters, ids)
    if positions is not None:
        table["x_um"], table["y_um"] = positions.T
    spikes = LabelledSpikes(times, NumberedClusters(clusters, ids), len(ids), 1 / rate_hz)
    return recording_of_units(Units(spikes, table), options, notes=[*notes, *label_notes])


def _sampling_rate(path: Path, options: ReadOptions) -> tuple[float, list[str]]:
    stated = folder.sampling_rate_of(path)
    asked = options.sampling_rate_hz
    if asked is not None:
        differs = stated is not None and not np.isclose(stated, asked, rtol=1e-6)
        note = f"{asked:g} samples a second as asked, where params.py says {stated}"
        return asked, [note] if differs else []
    if stated is None:
        raise InputError(
            "the sampling rate is not known: no params.py states sample_rate as a number",
            remedy="Give the samples a second: sampling_rate_hz=30000.",
        )
    return stated, []


def _check_spikes(times: np.ndarray, clusters: np.ndarray, clusters_name: str) -> None:
    if len(times) != len(clusters):
        raise InputError(
            f"{folder.SPIKE_TIMES} holds {plural(len(times), 'spike')} and {clusters_name} "
            f"{len(clusters):,}",
            remedy="The files are of different sortings or cut short: copy the folder again.",
        )
    if len(times) == 0:
        raise InputError("there is not one spike", remedy="Sort the recording again.")
    head = times[:1000]
    if times.dtype.kind == "f" and np.isfinite(head).all() and (head != np.rint(head)).any():
        raise InputError(
            f"{folder.SPIKE_TIMES} holds fractions ({head[head != np.rint(head)][0]:g}); "
            "expected samples",
            remedy="Give the folder as the sorter wrote it.",
        )
