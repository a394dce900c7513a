"""Time and memory of judging a Bernoulli RBM of many neurons beside independent ones.

    python benchmarks/evaluate_equilibrium.py [--neurons 1500] [--bins 200000] [--hidden 200]

The recording is driven by twelve slow sources; six regions share the neurons. The fit is short:
what is judged does not change what judging costs. Prints the seconds of each step, those of the
processors beside them, and the peak of the process above its size before; the target at the
default size is 300 s of one processor besides the samples, and 1 GB.
"""

import argparse
import os
import threading
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import popcode
from popcode.baselines import Independent
from popcode.metrics.equilibrium import judge_equilibrium
from popcode.recording import Recording

N_SOURCES, MEMORY, BLOCK = 12, 0.95, 4096


def size_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Peak:
    """The largest size of the process since it was last asked."""

    def __init__(self) -> None:
        self.base = self.largest = size_mb()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.largest = max(self.largest, size_mb())
            time.sleep(0.02)

    def above_base(self) -> float:
        """Megabytes above the size at the start."""
        found, self.largest = self.largest - self.base, size_mb()
        return found


def driven(n_bins: int, n_neurons: int, rng: np.random.Generator) -> Recording:
    """Neurons whose log-odds follow slow sources."""
    noise = rng.standard_normal((n_bins, N_SOURCES)).astype(np.float32)
    sources = np.zeros_like(noise)
    for t in range(1, n_bins):
        sources[t] = MEMORY * sources[t - 1] + np.sqrt(1 - MEMORY**2) * noise[t]
    loads = rng.standard_normal((N_SOURCES, n_neurons)) * (rng.random((N_SOURCES, n_neurons)) < 0.2)
    fields = rng.uniform(-4.5, -2.5, n_neurons).astype(np.float32)
    activity = np.empty((n_bins, n_neurons), np.uint8)
    for start in range(0, n_bins, BLOCK):
        rows = slice(start, min(start + BLOCK, n_bins))
        odds = sources[rows] @ loads.astype(np.float32) + fields
        activity[rows] = rng.random(odds.shape, dtype=np.float32) < 1 / (1 + np.exp(-odds))
    regions = np.array(list("ABCDEF"))[np.arange(n_neurons) % 6]
    table = pd.DataFrame({"id": np.arange(n_neurons), "region": regions})
    starts = np.linspace(0, n_bins, 20, endpoint=False).astype(int)
    return Recording(activity, kind="binary", bin_s=0.02, neurons=table, segment_starts=starts)


def print_steps(peak: Peak) -> Callable[[str], None]:
    """A listener that prints what each step took when the next begins."""
    state = {"at": time.perf_counter(), "busy": time.process_time(), "step": "start"}

    def tell(text: str) -> None:
        now, busy = time.perf_counter(), time.process_time()
        seconds = f"{now - state['at']:7.1f} s ({busy - state['busy']:.1f} busy)"
        print(f"{seconds}  {state['step']} (peak {peak.above_base():.0f} MB)", flush=True)
        state.update(at=now, busy=busy, step=text)

    return tell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=1500)
    parser.add_argument("--bins", type=int, default=200_000)
    parser.add_argument("--hidden", type=int, default=200)
    arguments = parser.parse_args()
    recording = driven(arguments.bins, arguments.neurons, np.random.default_rng(0))
    train, test = popcode.split(recording, 0.3, method="segments", seed=0)
    del recording
    model = popcode.BernoulliRBM(n_hidden=arguments.hidden, n_updates=500).fit(train)
    rivals = {"independent": Independent().fit(train)}
    peak, began = Peak(), time.process_time()
    tell = print_steps(peak)
    judge_equilibrium(model, train, test, rivals, 0, tell=tell)
    tell("end")
    print(f"{time.process_time() - began:.0f} s of the processors in all")


if __name__ == "__main__":
    main()
