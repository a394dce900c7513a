"""What pynapple holds in memory: groups of spike trains, and frames of traces.

Names and meaning of the attributes: pynapple.org, "TsGroup" and "TsdFrame".
"""

from typing import Any

import numpy as np
import pandas as pd

from popcode.errors import InputError
from popcode.io.clock import clock_of
from popcode.io.objects.trains import SpikeTrains, plain_columns
from popcode.io.options import ReadOptions
from popcode.io.units import Units, recording_of_units
from popcode.recording import Recording


def is_group(source: Any) -> bool:
    """Whether it is a group of spike trains by unit, with the time they are valid in."""
    return all(hasattr(source, name) for name in ("keys", "__getitem__", "time_support"))


def is_frame(source: Any) -> bool:
    """Whether it is a matrix of traces with times and columns."""
    return all(hasattr(source, name) for name in ("t", "columns", "values", "time_support"))


def recording_of_group(group: Any, options: ReadOptions) -> Recording:
    """Counts of the spike trains of a TsGroup; each epoch of its time support is a segment.

    A support from the first spike to the last is the one that pynapple makes up where none is
    given: it says nothing of when the recording ran, and is not used.
    """
    keys = list(group.keys())
    notes: list[str] = []
    table = plain_columns(_metadata(group, keys), notes)
    if "id" not in table:
        table.insert(0, "id", keys)
    trains = [(unit, lambda key=key: group[key].t) for unit, key in enumerate(keys)]
    spikes = SpikeTrains(len(keys), trains)
    epochs = _epochs(group)
    known = () if _is_made_up(epochs, spikes) else epochs
    return recording_of_units(Units(spikes, table), options, valid_s=known, notes=notes)


def recording_of_frame(frame: Any) -> Recording:
    """Activity of a TsdFrame; a jump of its times or a new epoch starts a segment."""
    times = np.asarray(frame.t, dtype=np.float64)
    clock = clock_of(times, "time_s")
    starts = np.union1d(clock.segment_starts, _epoch_starts(frame, times))
    notes = list(clock.notes)
    columns = list(frame.columns)
    table = plain_columns(_metadata(frame, columns), notes)
    if "id" not in table:
        table.insert(0, "id", columns)
    return Recording(
        np.asarray(frame.values),
        bin_s=clock.bin_s,
        neurons=table,
        segment_starts=starts,
        segment_start_s=times[starts],
        provenance=({"step": "samples read", "notes": notes},),
    )


def _metadata(source: Any, keys: list) -> pd.DataFrame:
    """One row a unit or column; empty where the version of pynapple has no metadata."""
    table = getattr(source, "metadata", None)
    if table is None:
        return pd.DataFrame(index=pd.Index(keys))
    return pd.DataFrame(table).reindex(keys)


def _epochs(source: Any) -> np.ndarray:
    """Start and stop of every epoch of the time support, (n_epochs, 2) in seconds."""
    epochs = np.asarray(source.time_support.values, dtype=np.float64)
    if len(epochs) == 0:
        raise InputError("its time support is empty", remedy="Give the time it is valid in.")
    return epochs


def _is_made_up(epochs: np.ndarray, spikes: SpikeTrains) -> bool:
    ends = [(times.min(), times.max()) for times, _ in spikes if len(times)]
    if len(epochs) != 1 or not ends:
        return False
    first, last = np.array(ends).T
    return bool(epochs[0, 0] == first.min() and epochs[0, 1] == last.max())


def _epoch_starts(frame: Any, times: np.ndarray) -> np.ndarray:
    """First sample of every epoch."""
    first = np.searchsorted(times, _epochs(frame)[:, 0])
    return np.unique(first[first < len(times)])
