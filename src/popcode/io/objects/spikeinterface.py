"""Sortings of spikeinterface (0.95 on), with one or several segments.

Names and meaning of the methods: spikeinterface.readthedocs.io, "BaseSorting".
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from popcode.io.kilosort.labels import LABEL_COLUMNS
from popcode.io.objects.trains import SpikeTrains, plain_columns
from popcode.io.options import DEFAULT_BIN_S, ReadOptions
from popcode.io.units import Units, recording_of_units
from popcode.recording import Recording
from popcode.recording.text import plural

LOCATIONS = ("unit_locations", "location", "locations")
AXES = ("x_um", "y_um", "z_um")


def is_sorting(source: Any) -> bool:
    """Whether it hands out spike trains by unit and segment."""
    return all(hasattr(source, name) for name in ("get_unit_spike_train", "get_num_segments"))


def recording_of_sorting(sorting: Any, options: ReadOptions) -> Recording:
    """Counts of the units of a sorting; each of its segments is one, or more where it pauses.

    The segments of a sorting may each count time from 0. They are put one after the other to
    be binned; `segment_start_s` is by the clock of each.
    """
    ids = _unit_ids(sorting)
    n_segments = int(sorting.get_num_segments())
    notes: list[str] = []
    table = _table(sorting, ids, notes)
    if n_segments == 1:
        trains = [(unit, _train(sorting, unit_id, 0, 0.0)) for unit, unit_id in enumerate(ids)]
        return recording_of_units(Units(SpikeTrains(len(ids), trains), table), options, notes=notes)
    bin_s = DEFAULT_BIN_S if options.bin_s is None else options.bin_s
    spans, shifts = _one_clock(sorting, ids, n_segments, bin_s)
    if shifts.any():
        notes.append(f"{plural(n_segments, 'segment')}, each with a clock of its own")
    trains = [
        (unit, _train(sorting, unit_id, segment, shifts[segment]))
        for unit, unit_id in enumerate(ids)
        for segment in range(n_segments)
    ]
    recording = recording_of_units(
        Units(SpikeTrains(len(ids), trains), table),
        options,
        valid_s=spans[np.isfinite(spans[:, 0])],
        notes=notes,
    )
    return _by_the_clock_of_each(recording, spans, shifts)


def _unit_ids(sorting: Any) -> np.ndarray:
    ids = sorting.unit_ids if hasattr(sorting, "unit_ids") else sorting.get_unit_ids()
    return np.asarray(ids)


def _train(sorting: Any, unit_id: Any, segment: int, shift_s: float) -> Callable[[], np.ndarray]:
    def train() -> np.ndarray:
        times = sorting.get_unit_spike_train(unit_id, segment_index=segment, return_times=True)
        return np.asarray(times, dtype=np.float64) + shift_s

    return train


def _one_clock(
    sorting: Any, ids: np.ndarray, n_segments: int, bin_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """From the first spike of every segment to a bin after its last, and the shifts to get there.

    Returns
    -------
    spans : ndarray (n_segments, 2)
        In shifted seconds, disjoint and in order; nan where a segment has no spikes.
    shifts : ndarray (n_segments,)
        Whole seconds to add to the times of each segment.
    """
    spans, shifts = np.full((n_segments, 2), np.nan), np.zeros(n_segments)
    end = -math.inf
    for segment in range(n_segments):
        trains = [_train(sorting, unit_id, segment, 0.0)() for unit_id in ids]
        with_spikes = [times for times in trains if len(times)]
        if not with_spikes:
            continue
        first = min(float(times.min()) for times in with_spikes)
        last = max(float(times.max()) for times in with_spikes)
        if first <= end:
            shifts[segment] = math.ceil(end - first) + 1
        end = last + shifts[segment] + bin_s
        spans[segment] = first + shifts[segment], end
    return spans, shifts


def _by_the_clock_of_each(recording: Recording, spans: np.ndarray, shifts: np.ndarray) -> Recording:
    """Segment starts by the clocks that the sorting has."""
    used = np.isfinite(spans[:, 0])
    starts = np.asarray(recording.segment_start_s)
    segment = np.searchsorted(spans[used, 0], starts, side="right") - 1
    return replace(recording, segment_start_s=starts - shifts[used][segment])


def _table(sorting: Any, ids: np.ndarray, notes: list[str]) -> pd.DataFrame:
    """Properties that are one value a unit, and positions."""
    columns: dict[str, Any] = {"id": ids}
    keys = list(sorting.get_property_keys()) if hasattr(sorting, "get_property_keys") else []
    for key in keys:
        values = np.asarray(sorting.get_property(key))
        if key in LOCATIONS and values.ndim == 2 and values.dtype.kind == "f":
            columns.update(zip(AXES, values.T, strict=False))
        elif values.ndim == 1:
            columns.setdefault(str(key), values)
        else:
            notes.append(f"property {key!r} left out: not one value a unit")
    table = plain_columns(pd.DataFrame(columns), notes)
    label = next((name for name in LABEL_COLUMNS if name in table), None)
    if "quality" not in table and label is not None:
        table["quality"] = table[label]
    return table
