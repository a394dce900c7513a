"""Time and memory of binning the spikes of a Neuropixels session.

    python benchmarks/bin_spikes.py [--layout ragged|labelled] [--spikes 60] [--units 2000]

Makes uniform spike times (millions of them), unit after unit in seconds as NWB holds them or all
units in order of time in samples as Kilosort does, and prints seconds and the peak of the memory
beyond the times and the raster.
"""

import argparse
import resource
import time
from itertools import pairwise

import numpy as np

from popcode.recording.spike_times import LabelledSpikes, RaggedSpikes, Spikes, count_spikes


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(name: str, spikes: Spikes, n_spikes: int, bin_s: float) -> None:
    before = peak_mb()
    start = time.perf_counter()
    counted = count_spikes(spikes, bin_s)
    seconds = time.perf_counter() - start
    raster = counted.counts.nbytes / 2**20
    assert counted.counts.sum(dtype=np.int64) + counted.n_outside == n_spikes
    print(
        f"{name:<22} {seconds:5.1f} s, {n_spikes / seconds / 1e6:5.1f} million spikes/s, "
        f"raster {raster:,.0f} MB, {peak_mb() - before - raster:,.0f} MB beyond it"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spikes", type=float, default=60.0)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--hours", type=float, default=2.5)
    parser.add_argument("--bin-ms", type=float, default=20.0)
    parser.add_argument("--layout", choices=("ragged", "labelled"), default="ragged")
    options = parser.parse_args()
    bin_s = options.bin_ms / 1000
    count_spikes(RaggedSpikes(np.array([0.5, 0.7]), [1, 2]), 0.1)  # compiles
    n_spikes = int(options.spikes * 1e6)
    rng = np.random.default_rng(0)
    if options.layout == "ragged":
        times = rng.random(n_spikes)
        times *= options.hours * 3600
        ends = np.linspace(0, n_spikes, options.units + 1).astype(np.int64)
        for start, stop in pairwise(ends):
            times[start:stop].sort()
        report("one unit after another", RaggedSpikes(times, ends[1:]), n_spikes, bin_s)
        return
    samples = rng.integers(0, int(options.hours * 3600 * 30_000), n_spikes)
    samples.sort()
    units = rng.integers(0, options.units, n_spikes, dtype=np.int32)
    spikes = LabelledSpikes(samples, units, options.units, 1 / 30_000)
    report("all units in order", spikes, n_spikes, bin_s)


if __name__ == "__main__":
    main()
