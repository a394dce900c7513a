"""Memory and time of the leading spectrum of a recording on disk.

    python benchmarks/spectrum_memory.py FOLDER [--neurons 100000] [--bins 100000]
        [--components 600] [--method direct] [--generated]

Writes FOLDER/recording.npy (uint8, n_bins x n_neurons bytes) block by block, unless it is there,
and takes its spectrum from a memory map. Neurons fire by chance, at rates driven by 5,000 modes
(cosines over the neurons) whose variance falls as rank ** -0.7. With --generated no file is
written: blocks are made again whenever they are read, from a counter, for disks that are too small
(the time then includes making them).

Prints seconds, the highest resident memory of the process less the
pages of the file (which the system takes back at will), and the estimated errors.
"""

import argparse
import threading
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from scipy.fft import idct

from popcode.dynamics.spectra.decompositions import Search
from popcode.dynamics.spectra.measure import divided_stream, spectrum_of
from popcode.dynamics.streams import as_stream
from popcode.errors import PopcodeWarning

ROWS, N_MODES = 250, 5000


class Generated(NamedTuple):
    """Rows of 0 and 1 that are a function of their number."""

    n_bins: int
    n_neurons: int
    segment_starts = np.zeros(1, dtype=np.int64)
    bin_s = 0.05
    positions_um = None

    def block(self, number: int) -> np.ndarray:
        """Rows from ROWS * number on."""
        rng = np.random.default_rng((1, number))
        strength = np.arange(1, N_MODES + 1, dtype=np.float32) ** -0.35
        modes = rng.standard_normal((ROWS, N_MODES), dtype=np.float32) * strength
        drive = idct(modes, n=self.n_neurons, axis=1, norm="ortho")
        drive *= np.float32(np.sqrt(self.n_neurons / np.square(strength).sum()))
        chance = np.clip(40 + 25 * drive, 2, 250).astype(np.uint8)
        return (rng.integers(0, 256, chance.shape, dtype=np.uint8) < chance).astype(np.uint8)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Rows `start` to `stop`."""
        numbers = range(start // ROWS, (stop - 1) // ROWS + 1)
        rows = np.concatenate([self.block(number) for number in numbers])
        return rows[start - numbers[0] * ROWS :][: stop - start]


def write(path: Path, source: Generated) -> None:
    shape = (source.n_bins, source.n_neurons)
    out = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    for start in range(0, source.n_bins, ROWS):
        out[start : start + ROWS] = source.block(start // ROWS)[: source.n_bins - start]
    out.flush()


def peak_memory(stop: threading.Event, found: list[int]) -> None:
    """Highest resident memory less pages of files, looked at every half second."""
    process = psutil.Process()
    while not stop.wait(0.5):
        memory = process.memory_info()
        found[0] = max(found[0], memory.rss - memory.shared)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--neurons", type=int, default=100_000)
    parser.add_argument("--bins", type=int, default=100_000)
    parser.add_argument("--components", type=int, default=600)
    parser.add_argument("--method", default="direct", choices=["direct", "svca2"])
    parser.add_argument("--generated", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("always", PopcodeWarning)
    made = Generated(options.bins, options.neurons)
    if not options.generated:
        path = options.folder / f"recording_{options.neurons}_{options.bins}.npy"
        if not path.exists():
            write(path, made)
    stop, found = threading.Event(), [0]
    watch = threading.Thread(target=peak_memory, args=(stop, found))
    watch.start()
    started, cpu = time.perf_counter(), time.process_time()
    divided = divided_stream(made if options.generated else as_stream(path), options.method, seed=0)
    search = Search(options.components, exact_up_to=0)
    spectrum = spectrum_of(divided, divided.parts, search)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    stop.set()
    watch.join()
    print(f"{options.method} of {options.bins:,} bins x {options.neurons:,} neurons")
    print(f"{seconds:.0f} s ({cpu:.0f} s of processor), at most {found[0] / 2**30:.2f} GiB")
    print(f"largest values {np.round(spectrum.values[:5], 3)}")
    print(f"estimated relative errors: median {np.median(spectrum.errors):.1e}, ", end="")
    print(f"largest {spectrum.errors.max():.1e}")


if __name__ == "__main__":
    main()
