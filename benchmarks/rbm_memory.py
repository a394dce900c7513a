"""Memory of a Bernoulli RBM's fit to 2,000 neurons in 480,000 bins: 2 GB are allowed to training.

    python benchmarks/rbm_memory.py [--bins 480000] [--neurons 2000] [--updates 200] [--evaluate]

Writes binary activity that follows a few common signals in pieces (0.96 GB at one byte an entry),
then prints the largest resident size of processes of their own: BernoulliRBM.fit on the file
mapped into memory and on the file read; with --evaluate also `popcode fit rbm` with all that it
says about the fit.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

PIECE = 4000
FIT = """
import resource, sys
import numpy as np
from popcode import BernoulliRBM
path, mode, n_hidden, n_updates = sys.argv[1:]
activity = np.load(path, mmap_mode="r" if mode == "mapped" else None)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
print(f"with everything imported and the file opened: {before:.2f} GB", flush=True)
BernoulliRBM(n_hidden=int(n_hidden), n_updates=int(n_updates)).fit(activity)
"""


def write_activity(path: Path, n_bins: int, n_neurons: int) -> None:
    """Write binary activity of about 5 %, correlated by ten common signals."""
    rng = np.random.default_rng(0)
    fields = rng.normal(-3.5, 0.8, n_neurons).astype(np.float32)
    loadings = rng.normal(0, 0.25, (10, n_neurons)).astype(np.float32)
    header = {"descr": "|u1", "fortran_order": False, "shape": (n_bins, n_neurons)}
    # Not through a memory map: a child's largest size is at least its parent's when it started.
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, n_bins, PIECE):
            n_here = min(PIECE, n_bins - start)
            drive = rng.standard_normal((n_here, 10), np.float32) @ loadings + fields
            uniform = rng.random(drive.shape, np.float32)
            file.write((uniform * (1 + np.exp(-drive)) < 1).astype(np.uint8).tobytes())


def peak_of(command: list[str]) -> tuple[float, float]:
    """Largest resident size of a command in GB, and its seconds."""
    began = time.perf_counter()
    child = subprocess.Popen(command)
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command[:6])} ...")
    return used.ru_maxrss * 1024 / 1e9, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bins", type=int, default=480_000)
    parser.add_argument("--neurons", type=int, default=2000)
    parser.add_argument("--hidden", type=int, default=200)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--evaluate", action="store_true")
    options = parser.parse_args()
    numbers = [str(options.hidden), str(options.updates)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "activity.npy"
        write_activity(path, options.bins, options.neurons)
        print(f"activity {path.stat().st_size / 1e9:.2f} GB", flush=True)
        for mode in ("mapped", "read"):
            peak, took = peak_of([sys.executable, "-c", FIT, str(path), mode, *numbers])
            print(f"BernoulliRBM.fit, file {mode}: {peak:.2f} GB, {took:.0f} s", flush=True)
        if options.evaluate:
            popcode = [str(Path(sys.executable).parent / "popcode"), "fit", "rbm", str(path)]
            sizes = ["--hidden", numbers[0], "--updates", numbers[1], "--baselines", "none"]
            peak, took = peak_of([*popcode, *sizes, "--out", str(Path(folder) / "run")])
            print(f"popcode fit rbm: {peak:.2f} GB, {took:.0f} s", flush=True)


if __name__ == "__main__":
    main()
