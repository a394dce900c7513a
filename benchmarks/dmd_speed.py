"""Lagged DMD of 1,000 neurons x 48,680 bins beside pydmd, and streamed from disk beside memory.

Usage: python benchmarks/dmd_speed.py [N_NEURONS] [N_BINS]

A symmetric critical network (20 runs of 2,434 bins of 46 ms, drawn mode by mode). Prints seconds,
processor seconds (which other work on the machine disturbs less) and memory growth of popcode
(lag 5, ridge 0.01, 1,000 components), the same with lag 1 and no ridge, and pydmd's exact DMD
(full rank and svd_rank=500); how far the eigenvalues at lag 1 are apart; the streamed covariances
beside those in memory; and the rotation statistics with their controls.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pydmd

import popcode
from popcode.dynamics.dmd import dmd, dmd_intervals, lagged_asymmetry, rotations
from popcode.dynamics.dmd.bin_pairs import first_bins
from popcode.dynamics.dmd.covariances import lagged_covariances
from popcode.dynamics.source import source_of

RUN, BIN_S, TAU_S, RADIUS = 2434, 0.046, 0.05, 0.999


def symmetric_network(n_neurons, n_bins, seed=0):
    """Activity sampled once a bin: each mode of the network is an AR(1) process."""
    rng = np.random.default_rng(seed)
    a = rng.uniform(-1, 1, size=(n_neurons, n_neurons))
    values, axes = np.linalg.eigh(np.tril(a, -1) + np.tril(a, -1).T)
    rates = (1 - RADIUS * values / values[-1]) / TAU_S
    rho, sd = np.exp(-rates * BIN_S), np.sqrt(0.5 / rates)
    modes = np.empty((n_bins, n_neurons), np.float32)
    for t in range(n_bins):
        fresh = rng.standard_normal(n_neurons) * sd
        modes[t] = fresh if t % RUN == 0 else rho * modes[t - 1] + np.sqrt(1 - rho**2) * fresh
    starts = np.arange(0, n_bins, RUN)
    return popcode.Recording(modes @ axes.T.astype(np.float32), bin_s=BIN_S, segment_starts=starts)


def measured(work):
    """Result, seconds, processor seconds and growth of the resident memory in MiB."""
    process, done, most = psutil.Process(), threading.Event(), [0]

    def watch():
        while not done.wait(0.01):
            most[0] = max(most[0], process.memory_info().rss)

    before = process.memory_info().rss
    watcher = threading.Thread(target=watch)
    watcher.start()
    began, spent = time.perf_counter(), time.process_time()
    result = work()
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    done.set()
    watcher.join()
    return result, seconds, spent, max(most[0] - before, 0) / 2**20


def show(name, found):
    _, seconds, spent, memory = found
    print(f"{name:48s} {seconds:8.2f} s {spent:8.2f} CPU s {memory:6.0f} MiB", flush=True)


def apart(one, other):
    gaps = np.abs(np.subtract.outer(one, other))
    return max(gaps.min(axis=0).max(), gaps.min(axis=1).max())


def beside_pydmd(recording):
    x = recording.activity.astype(np.float64)
    n = x.shape[1]
    lagged = measured(lambda: dmd(recording, 5, 1000, 0.01))
    show("popcode, lag 5, ridge 0.01, float32, segments", lagged)
    plain = measured(lambda: dmd(x, 1, n, 0.0, standardise=False))
    show("popcode, lag 1, no ridge, float64, uncentred", plain)
    full = measured(lambda: pydmd.DMD(svd_rank=-1, exact=True).fit(x.T))
    show("pydmd, full rank", full)
    rank = measured(lambda: pydmd.DMD(svd_rank=min(500, n), exact=True).fit(x.T))
    show("pydmd, svd_rank=500", rank)
    distance = apart(plain[0].eigenvalues, full[0].eigs)
    print(f"largest distance between eigenvalues at lag 1: {distance:.1e} (wanted below 1e-8)")
    for name, theirs in (("full rank", full), ("svd_rank=500", rank)):
        print(
            f"beside pydmd, {name}: {theirs[1] / plain[1]:.1f} times faster (wanted: 5), "
            f"{theirs[2] / plain[2]:.1f} times less processor time",
            flush=True,
        )
    return lagged[0]


def streamed(recording):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.h5"
        popcode.save(recording, path)
        on_disk = source_of(path)
        starts = first_bins(on_disk.segment_starts, on_disk.n_bins, 5)
        found = measured(
            lambda: lagged_covariances(on_disk.read, starts, 5, on_disk.n_neurons, rows=1000)
        )
    show("covariances streamed from .h5", found)
    x = recording.activity.astype(np.float64)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    now, later = z[starts], z[starts + 5]
    errors = [
        np.abs(ours - theirs.T @ now / starts.size).max()
        for ours, theirs in ((found[0].same, now), (found[0].lagged, later))
    ]
    print(f"largest difference from memory in float64: {max(errors):.1e} (wanted below 1e-6)")


def statistics(recording, fitted):
    print("rotations", rotations(fitted.eigenvalues))
    found = measured(lambda: dmd_intervals(recording, fitted, n_resamples=20))
    show("intervals and controls, 2 x 20 resamples", found)
    for name in ("value", "low", "high", "reversed_low", "reversed_high", "shuffled"):
        each = getattr(found[0], name)
        print(
            f"{name:14s} turns {np.round(each.turns, 3)}  n {each.n_eigenvalues:6.1f}  "
            f"real {each.real_share:.2f}  leading {np.round(each.leading_moduli[:3], 3)}"
        )
    print(lagged_asymmetry(recording, fitted))


def main():
    n_neurons, n_bins = (int(a) for a in (sys.argv[1:] + ["1000", "48680"][len(sys.argv) - 1 :]))
    recording = symmetric_network(n_neurons, n_bins)
    print(f"{recording!r}", flush=True)
    fitted = beside_pydmd(recording)
    streamed(recording)
    statistics(recording, fitted)


if __name__ == "__main__":
    main()
