"""Time of one gradient update of the compositional RBM, beside the machine's matrix peak.

    python benchmarks/update_speed.py [--threads 2] [--neurons 1000 5000 20000] [--repeats 7]

The update is that of the published figures: 15 sweeps of 100 chains, a batch of 100, 100 hidden
units, on assemblies that are active in 5 % of bins, after 150 updates. PGM's best on two cores
took 18.6, 66 and 286 ms where the float32 matrix peak was 234 GFLOP/s; its times are scaled to
the peak of this machine, measured between the repeats of every size in the same run.
"""

import argparse
import time

import numpy as np
from threadpoolctl import threadpool_limits

from popcode.rbm.backend import make_backend
from popcode.rbm.fitting import start_fit
from popcode.rbm.settings import Settings
from popcode.rbm.training import Batches, make_update
from popcode.simulate import AssemblySettings, simulate_assemblies
from popcode.threads import Team

PGM_MS = {1000: 18.6, 5000: 66.0, 20_000: 286.0}
PGM_PEAK = 234.0


def matrix_peak(n_threads: int) -> float:
    """GFLOP/s of a large float32 product on `n_threads`."""
    a = np.ones((3000, 3000), np.float32)
    with threadpool_limits(n_threads, user_api="blas"):
        started = time.perf_counter()
        a @ a
        return 2 * 3000**3 / (time.perf_counter() - started) / 1e9


def time_updates(n_neurons: int, n_threads: int, repeats: int) -> tuple[list[float], list[float]]:
    """Milliseconds an update in every repeat, and the matrix peak measured after each."""
    recording = simulate_assemblies(AssemblySettings(n_neurons=n_neurons, n_bins=4000))
    activity, bins = recording.activity, np.arange(recording.n_bins)
    settings = Settings(100, "drelu", 0.005, 2000, 100, 15, 100, 5e-3, 0, "cpu")
    trainer = start_fit(activity, bins, settings)
    with Team(n_threads) as team:
        backend = make_backend("cpu", activity, trainer.mean_activity, trainer.state, 0, team)
        batches = Batches(bins, settings.batch_size, 0)
        for _ in range(150):
            make_update(backend, batches, trainer.schedule)
        n_updates = max(3, 60_000 // n_neurons)
        times, peaks = [], []
        for _ in range(repeats):
            started = time.perf_counter()
            for _ in range(n_updates):
                make_update(backend, batches, trainer.schedule)
            times.append((time.perf_counter() - started) / n_updates * 1e3)
            peaks.append(matrix_peak(n_threads))
    return times, peaks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--neurons", type=int, nargs="+", default=list(PGM_MS))
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    for n_neurons in options.neurons:
        times, peaks = time_updates(n_neurons, options.threads, options.repeats)
        # The two are measured in turn, so that a slow spell of the machine slows both.
        ratios = np.array(times) * np.array(peaks) / PGM_PEAK / PGM_MS.get(n_neurons, np.nan)
        print(
            f"{n_neurons:6d} neurons: {np.median(times):7.2f} ms an update "
            f"({min(times):.2f} to {max(times):.2f}), matrix peak {np.median(peaks):.0f} GFLOP/s, "
            f"{np.median(ratios):.2f} of PGM's best scaled to this peak "
            f"({ratios.min():.2f} to {ratios.max():.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
