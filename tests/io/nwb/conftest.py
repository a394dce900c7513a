"""Sessions with planted spike counts, and files that pynwb or plain HDF5 writes of them."""

from datetime import UTC, datetime
from typing import NamedTuple

import h5py
import numpy as np
import pytest


class Planted(NamedTuple):
    """Counts (n_bins, n_units), and spike times of every unit that give just these."""

    counts: np.ndarray
    times: list[np.ndarray]
    bin_s: float
    start_s: float


def plant(n_bins=300, n_units=6, bin_s=0.02, start_s=3021.37, seed=0) -> Planted:
    """Spikes well inside their bins, but for the first of all, which starts the first bin."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.4, (n_bins, n_units)).astype(np.uint8)
    counts[0, 0] = counts[-1, -1] = 1
    times = []
    for unit in range(n_units):
        bins = np.repeat(np.arange(n_bins), counts[:, unit])
        shifts = rng.uniform(0.2, 0.8, len(bins))
        shifts[(bins == 0) & (unit == 0)] = 0.0
        times.append(np.sort(start_s + (bins + shifts) * bin_s))
    return Planted(counts, times, bin_s, start_s)


def new_file():
    pynwb = pytest.importorskip("pynwb")
    return pynwb.NWBFile(
        session_description="planted",
        identifier="planted-1",
        session_start_time=datetime(2025, 1, 1, tzinfo=UTC),
        session_id="session-7",
        subject=pynwb.file.Subject(subject_id="mouse-3", species="Mus musculus", age="P90D"),
    )


def written(nwb, path):
    import pynwb

    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(nwb)
    return path


def write_units(path, times, ids=None, **columns):
    """A bare NWB file of units in plain HDF5, as small as the layout allows."""
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.8.0"
        units = file.create_group("units")
        units["id"] = np.arange(len(times)) if ids is None else ids
        units["spike_times"] = np.concatenate([np.empty(0), *times])
        units["spike_times_index"] = np.cumsum([len(t) for t in times], dtype=np.uint32)
        for name, values in columns.items():
            units[name] = values
    return path


@pytest.fixture
def planted():
    return plant()


@pytest.fixture
def tools():
    """The functions of this file, which a test module cannot import by name."""

    class Tools:
        plant = staticmethod(plant)
        new_file = staticmethod(new_file)
        written = staticmethod(written)
        write_units = staticmethod(write_units)

    return Tools
