"""Seconds and memory of reading a session as large as those of the Allen Institute.

    python benchmarks/load_allen.py [--units 2000] [--hours 2.5] [--spikes 60000000]

Writes a simulated session in the layout of the Visual Behavior Neuropixels release (units,
electrodes, images, trials, running speed) to a temporary folder and reads it in bins of 20 ms.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

import popcode


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_units(file: h5py.File, n_units: int, n_spikes: int, seconds: float) -> None:
    """Units of log-normal rates, one after the other."""
    rng = np.random.default_rng(0)
    rates = rng.lognormal(0, 1, n_units)
    counts = np.rint(n_spikes * rates / rates.sum()).astype(np.int64)
    ends = np.cumsum(counts)
    units = file.create_group("units")
    units["id"] = np.arange(n_units) + 1_000_000
    units["peak_channel_id"] = rng.permutation(n_units)
    units["quality"] = rng.choice(["good", "noise"], n_units, p=[0.8, 0.2]).astype(object)
    for name, high in (("isi_violations", 0.6), ("amplitude_cutoff", 0.11), ("snr", 5.0)):
        units[name] = rng.uniform(0, high, n_units)
    units["presence_ratio"] = rng.uniform(0.88, 1, n_units)
    units["spike_times_index"] = ends
    times = units.create_dataset("spike_times", shape=(int(ends[-1]),), dtype="f8")
    for start, stop in zip(ends - counts, ends, strict=True):
        times[start:stop] = np.sort(rng.uniform(0, seconds, stop - start))


def write_electrodes(file: h5py.File, n_electrodes: int) -> None:
    rng = np.random.default_rng(1)
    table = file.create_group("general/extracellular_ephys/electrodes")
    table["id"] = np.arange(n_electrodes)
    areas = ["VISp2/3", "VISp5", "VISl6a", "CA1", "LGd-sh", "MRN", ""]
    table["location"] = rng.choice(areas, n_electrodes).astype(object)
    for axis in "xyz":
        table[axis] = rng.uniform(0, 10_000, n_electrodes)
    table["valid_data"] = rng.random(n_electrodes) < 0.95
    table["group_name"] = rng.choice(["probeA", "probeB"], n_electrodes).astype(object)


def write_behaviour(file: h5py.File, seconds: float) -> None:
    onsets = np.arange(10.0, seconds - 10, 0.75)
    name = "Natural_Images_Lum_Matched_set_ophys_G_2019"
    images = file.create_group(f"intervals/{name}_presentations")
    images["id"] = np.arange(len(onsets))
    images["start_time"], images["stop_time"] = onsets, onsets + 0.25
    images["stimulus_name"] = np.full(len(onsets), name).astype(object)
    images["image_name"] = np.resize(["im036", "im111", "omitted"], len(onsets)).astype(object)
    images["active"] = onsets < seconds / 2
    images["is_change"] = np.arange(len(onsets)) % 10 == 0
    trials = file.create_group("intervals/trials")
    trials["id"] = np.arange(len(onsets) // 10)
    trials["start_time"], trials["stop_time"] = onsets[:-10:10][: len(onsets) // 10], onsets[9::10]
    trials["go"] = np.arange(len(onsets) // 10) % 2 == 0
    times = np.arange(0, seconds, 1 / 60)
    file["processing/running/speed/timestamps"] = times
    file["processing/running/speed/data"] = np.sin(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--hours", type=float, default=2.5)
    parser.add_argument("--spikes", type=int, default=60_000_000)
    options = parser.parse_args()
    seconds = options.hours * 3600
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ecephys_session_1.nwb"
        with h5py.File(path, "w") as file:
            file.attrs["nwb_version"] = "2.6.0"
            write_units(file, options.units, options.spikes, seconds)
            write_electrodes(file, options.units)
            write_behaviour(file, seconds)
        print(f"file       {path.stat().st_size / 1e6:8.0f} MB, written at {peak_mb():.0f} MB")
        start = time.perf_counter()
        recording = popcode.load(path, bin_s=0.02)
        took = time.perf_counter() - start
    print(recording)
    raster = recording.activity.nbytes / 2**20
    covariates = sum(values.nbytes for values in recording.covariates.values()) / 2**20
    print(f"read in    {took:8.1f} s with its hash (30 allowed)")
    print(f"peak       {peak_mb():8.0f} MB (2,560 allowed)")
    print(f"raster     {raster:8.0f} MB, {recording.activity.itemsize} byte an entry")
    print(f"covariates {covariates:8.0f} MB")


if __name__ == "__main__":
    main()
