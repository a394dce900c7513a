"""Spikes from fluorescence: agreement with recorded spikes beside OASIS, and time.

    python benchmarks/deconvolution.py [--data spikefinder_truth.npz] [--threads 2] [--neurons 1000]

Agreement is the Pearson correlation of the amplitudes with the recorded counts of spikes, a
frame at a time, on 56 neurons of four data sets of the spikefinder challenge (Berens et al. 2018).
Frames faster than 25 Hz are first averaged in whole numbers to the rate nearest to 25 Hz.
Every method gets the same traces, less their running baseline, and the same settings on all sets.
OASIS (Friedrich et al. 2017) is run where `oasis-deconv` can be imported (it is GPL: popcode does
not depend on it), or from an interpreter given by --oasis-python that has it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from popcode.preprocess import deconvolve, running_baseline
from popcode.preprocess.deconvolution.blocks import weighted_median
from popcode.preprocess.deconvolution.kernel import KERNELS, coefficients, convolve

SETS = (2, 4, 5, 9)
HIGHEST_RATE_HZ = 25.0
OASIS = """
import sys, warnings
import numpy as np
from oasis.functions import deconvolve
warnings.simplefilter("ignore")
traces, found = np.load(sys.argv[1]), {}
for name in traces.files:
    trace = traces[name] / traces[name].std()
    for order in (1, 2):
        found[f"AR({order}) {name}"] = deconvolve(trace, g=(None,) * order)[1]
np.savez(sys.argv[2], **found)
"""


def averaged(values: np.ndarray, n: int) -> np.ndarray:
    """Means of `n` frames."""
    return values[: len(values) // n * n].reshape(-1, n).mean(axis=1)


def neurons_of(data: Path) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    """Trace less its baseline, counts and seconds a frame of every neuron."""
    neurons = {}
    with np.load(data) as file:
        for k in SETS:
            starts = file[f"d{k}_start"]
            for i, dt in enumerate(file[f"d{k}_dt"]):
                frames = slice(starts[i], starts[i + 1])
                n = max(1, round(1 / HIGHEST_RATE_HZ / dt))
                trace = averaged(file[f"d{k}_F"][frames].astype(float), n)
                counts = n * averaged(file[f"d{k}_N"][frames].astype(float), n)
                trace = trace - running_baseline(trace[:, None], dt * n)[:, 0]
                neurons[f"{k}/{i}"] = trace, counts, float(dt * n)
    return neurons


def correlation(amplitudes: np.ndarray, counts: np.ndarray) -> float:
    """Pearson correlation, 0 where one of them is constant."""
    if amplitudes.std() == 0 or counts.std() == 0:
        return 0.0
    return float(np.corrcoef(amplitudes, counts)[0, 1])


def show(label: str, scores: dict[str, float]) -> None:
    """Median over all neurons, and of each set."""
    medians = [
        np.median([value for name, value in scores.items() if name.split("/")[0] == str(k)])
        for k in SETS
    ]
    cells = "".join(f"{value:9.3f}" for value in (np.median(list(scores.values())), *medians))
    print(f"{label:34s}{cells}", flush=True)


def ours(neurons: dict) -> tuple[dict[str, float], dict[str, float]]:
    """Scores with the kernel of each neuron, and with one of each data set.

    Frame times differ between the neurons of a set, so that the shared kernel is found here as
    `deconvolve` finds it for traces of one rate.
    """
    each, shared, kernels = {}, {}, {}
    for name, (trace, counts, dt) in neurons.items():
        found = deconvolve(trace[:, None], dt)
        each[name] = correlation(found.amplitudes[:, 0], counts)
        kernels[name] = found.kernel.rise_s[0], found.kernel.decay_s[0], found.explained[0]
    for k in SETS:
        names = [name for name in neurons if name.split("/")[0] == str(k)]
        rises, decays, weights = np.array([kernels[name] for name in names]).T
        rise, decay = weighted_median(rises, weights), weighted_median(decays, weights)
        print(f"  set {k}: rise {rise:.3f} s, decay {decay:.2f} s")
        for name in names:
            trace, counts, dt = neurons[name]
            found = deconvolve(trace[:, None], dt, rise, decay)
            shared[name] = correlation(found.amplitudes[:, 0], counts)
    return each, shared


def oasis(neurons: dict, python: str) -> dict[str, np.ndarray]:
    """Amplitudes by OASIS with its own choices, of both orders; empty where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        traces, found = Path(folder) / "traces.npz", Path(folder) / "found.npz"
        np.savez(
            traces, **{name.replace("/", "_"): trace for name, (trace, _, _) in neurons.items()}
        )
        run = subprocess.run(
            [python, "-c", OASIS, traces, found], check=False, capture_output=True, text=True
        )
        if run.returncode:
            print("OASIS did not run:", run.stderr.strip().splitlines()[-1])
            return {}
        with np.load(found) as file:
            return {name: file[name] for name in file.files}


def agreement(data: Path, oasis_python: str) -> None:
    neurons = neurons_of(data)
    each, shared = ours(neurons)
    print(
        f"{'median correlation with spikes':34s}      all" + "".join(f"    set {k}" for k in SETS)
    )
    show("popcode, one kernel a data set", shared)
    show("popcode, one kernel a neuron", each)
    found = oasis(neurons, oasis_python)
    for order in (1, 2) if found else ():
        scores = {
            name: correlation(found[f"AR({order}) {name.replace('/', '_')}"], counts)
            for name, (_, counts, _) in neurons.items()
        }
        show(f"OASIS AR({order})", scores)
        better = sum(shared[name] > scores[name] for name in scores)
        also = sum(each[name] > scores[name] for name in scores)
        print(f"  popcode is better on {better} (own kernels: {also}) of {len(scores)} neurons")
    show(
        "rectified derivative",
        {
            n: correlation(np.maximum(np.diff(t, prepend=t[0]), 0), c)
            for n, (t, c, _) in neurons.items()
        },
    )
    show("the trace itself", {n: correlation(t, c) for n, (t, c, _) in neurons.items()})
    show("constant", {n: correlation(np.ones_like(t), c) for n, (t, c, _) in neurons.items()})
    show("the spikes themselves", {n: correlation(c, c) for n, (_, c, _) in neurons.items()})
    rng = np.random.default_rng(0)
    late = {n: correlation(np.roll(c, 1), c) for n, (_, c, _) in neurons.items()}
    show("the spikes, one frame late", late)
    shuffled = {n: correlation(rng.permutation(c), c) for n, (_, c, _) in neurons.items()}
    show("the spikes, shuffled", shuffled)


def simulated(n_neurons: int, n_bins: int, bin_s: float) -> np.ndarray:
    """Traces of Poisson spikes of GCaMP6f with noise of 0.2, float32."""
    rng = np.random.default_rng(0)
    traces = np.empty((n_bins, n_neurons), np.float32)
    calcium = np.empty(n_bins)
    for neuron in range(n_neurons):
        counts = rng.poisson(0.03, n_bins).astype(float)
        convolve(counts, *coefficients(*KERNELS["gcamp6f"], bin_s), calcium)
        traces[:, neuron] = calcium + 0.2 * rng.standard_normal(n_bins)
    return traces


def speed(n_neurons: int, n_bins: int, n_threads: int) -> None:
    traces = simulated(n_neurons, n_bins, 0.1)
    for given in (KERNELS["gcamp6f"], (None, None)):
        deconvolve(traces[:100, :2], 0.1, *given)  # compiles, or loads what was compiled
    print(f"{n_neurons:,} neurons x {n_bins:,} frames on {n_threads} threads")
    for label, given, kernel in (
        ("fixed kernel", KERNELS["gcamp6f"], "shared"),
        ("one kernel found for all", (None, None), "shared"),
        ("a kernel found for each", (None, None), "each"),
    ):
        wall, used = time.perf_counter(), time.process_time()
        deconvolve(traces, 0.1, *given, kernel=kernel, n_threads=n_threads)
        wall, used = time.perf_counter() - wall, time.process_time() - used
        minutes = wall / n_neurons * 40_000 / 60
        print(
            f"  {label:26s}{wall:7.1f} s ({used:.1f} s of processor), "
            f"40,000 neurons: {minutes:.1f} min",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared / "spikefinder_truth.npz")
    parser.add_argument("--oasis-python", default=sys.executable)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--neurons", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=6000)
    arguments = parser.parse_args()
    agreement(arguments.data, arguments.oasis_python)
    speed(arguments.neurons, arguments.frames, arguments.threads)


if __name__ == "__main__":
    main()
