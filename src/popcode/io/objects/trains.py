"""Spike trains that an object hands out one unit at a time."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from popcode.errors import InputError
from popcode.recording.validation import plain_array

REGION_NAMES = ("region", "brain_area", "brain_region", "area", "location")


class SpikeTrains:
    """Spike trains asked for whenever the spikes are gone through.

    Parameters
    ----------
    n_units : int
    trains : sequence of (unit, callable)
        Each callable gives times of that unit in seconds, (n_spikes,).
    """

    def __init__(
        self, n_units: int, trains: Sequence[tuple[int, Callable[[], np.ndarray]]]
    ) -> None:
        self.n_units, self.trains = n_units, trains
        self.time_dtype = np.dtype(np.float64)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for unit, train in self.trains:
            times = np.asarray(train(), dtype=np.float64)
            yield times, np.full(len(times), unit, dtype=np.int64)


def plain_columns(table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Columns that a recording can keep, one text column of areas named `region`."""
    kept = {}
    for name in table.columns:
        try:
            values = plain_array(table[name], str(name))
        except InputError:
            notes.append(f"column {str(name)!r} left out: neither numbers nor text")
            continue
        kept[str(name).replace("/", "_") or "unnamed"] = values
    named = (name for name in REGION_NAMES if name in kept and kept[name].dtype.kind == "U")
    region = next(named, None)
    if region is not None:
        kept["region"] = kept.pop(region)
    return pd.DataFrame(kept, index=table.index)
