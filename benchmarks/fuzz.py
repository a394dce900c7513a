"""Damage files of every format thousands of times: a recording or one InputError must come out.

    python benchmarks/fuzz.py [--files 4000] [--seed 0] [--memory-gib 4] [--seconds 20]

Every file is cut short, has bytes changed, blocks zeroed, swapped or repeated. It is read by a
worker process under a memory limit and a time limit a file. Prints, for every format, how many
gave a recording, an InputError that names the file, anything else (printed whole), a crash of the
worker (which the command line reports as an InputError) or no answer in time.
"""

import argparse
import json
import resource
import select
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import scipy.io

import popcode

OUTCOMES = ("recording", "refused", "wrong", "crash", "too slow")


def counts(rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(0.3, (300, 12)).astype(np.uint8)


def write_native(path: Path, rng: np.random.Generator) -> None:
    neurons = {"region": ["CA1"] * 12, "x_um": np.arange(12.0)}
    recording = popcode.Recording(counts(rng), bin_s=0.1, neurons=neurons)
    popcode.save(recording, path)


def write_nwb(path: Path, rng: np.random.Generator) -> None:
    ends = np.cumsum(rng.integers(20, 60, 8))
    times = np.concatenate([np.sort(rng.random(n) * 30) for n in np.diff(ends, prepend=0)])
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        units = file.create_group("units")
        units["id"], units["spike_times"], units["spike_times_index"] = np.arange(8), times, ends
        units["peak_channel_id"] = np.arange(8) % 4
        electrodes = file.create_group("general/extracellular_ephys/electrodes")
        electrodes["id"] = np.arange(4)
        electrodes["location"] = np.array([b"VISp5", b"CA1", b"", b"LGd-sh"])
        file["intervals/invalid_times/start_time"] = [5.0]
        file["intervals/invalid_times/stop_time"] = [6.0]


def write_zebrafish(path: Path, rng: np.random.Generator) -> None:
    with h5py.File(path, "w") as file:
        brain = file.create_group("Data/Brain")
        spikes = (rng.random((400, 30)) < 0.1).astype(np.uint8)
        brain.create_dataset("Analysis/ThresholdedSpikes", data=spikes, compression="gzip")
        brain["ZBrainCoordinates"] = rng.random((3, 30))
        brain["Labels"] = (rng.random((5, 30)) < 0.3).astype(np.uint8)
        brain["Times"] = np.arange(400)[:, None] * 0.4 + np.zeros(3)


def write_matlab(path: Path, rng: np.random.Generator) -> None:
    scipy.io.savemat(path, {"spikes": counts(rng), "fs": 10.0}, do_compression=True)


def write_csv(path: Path, rng: np.random.Generator) -> None:
    np.savetxt(path, counts(rng), fmt="%d", delimiter=",", header="a,b,c,d,e,f,g,h,i,j,k,l")


def write_deposit(path: Path, rng: np.random.Generator) -> None:
    np.savez(path, sp=rng.random((12, 300), np.float32), xpos=np.arange(12.0), ypos=np.arange(12.0))


def write_suite2p(path: Path, rng: np.random.Generator) -> None:
    path.mkdir()
    np.save(path / "spks.npy", rng.random((12, 300), np.float32))
    np.save(path / "F.npy", rng.random((12, 300), np.float32))
    np.save(path / "iscell.npy", np.ones((12, 2)))


def write_kilosort(path: Path, rng: np.random.Generator) -> None:
    path.mkdir()
    np.save(path / "spike_times.npy", np.sort(rng.integers(0, 900_000, 3000)))
    np.save(path / "spike_clusters.npy", rng.integers(0, 9, 3000))
    (path / "params.py").write_text("sample_rate = 30000.0\ndat_path = 'x.bin'\n")
    (path / "cluster_group.tsv").write_text("cluster_id\tgroup\n0\tgood\n1\tmua\n")


SOURCES = {
    "a.npz": write_native,
    "a.h5": write_native,
    "a.nwb": write_nwb,
    "fish.h5": write_zebrafish,
    "a.mat": write_matlab,
    "a.csv": write_csv,
    "F_mouse_2025_01_01.npz": write_deposit,
    "suite2p": write_suite2p,
    "kilosort": write_kilosort,
}


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """One kind of damage, chosen at random."""
    data = np.frombuffer(content, np.uint8).copy()
    size, kind = data.size, rng.integers(6)
    if kind == 0:
        return content[: rng.integers(0, size)]
    if kind == 1:
        where = rng.integers(0, size, rng.integers(1, 8))
        data[where] ^= rng.integers(1, 256, where.size).astype(np.uint8)
    elif kind == 2:
        data[rng.integers(0, min(size, 512))] = rng.integers(0, 256)
    elif kind == 3:
        start = rng.integers(0, size)
        data[start : start + rng.integers(1, 64)] = rng.choice([0, 255])
    elif kind == 4:
        a, b = rng.integers(0, size, 2)
        length = min(rng.integers(1, 64), size - a, size - b)
        first, second = data[a : a + length].copy(), data[b : b + length].copy()
        data[a : a + length], data[b : b + length] = second, first
    else:
        start = rng.integers(0, size)
        return content[:start] + content[start : start + 40] * 3 + content[start:]
    return data.tobytes()


def make_damaged(source: Path, target: Path, rng: np.random.Generator) -> None:
    """A copy of a file, or of a folder with one file in it, that is damaged."""
    if source.is_file():
        target.write_bytes(damaged(source.read_bytes(), rng))
        return
    shutil.copytree(source, target)
    chosen = sorted(target.iterdir())[rng.integers(len(list(target.iterdir())))]
    chosen.write_bytes(damaged(chosen.read_bytes(), rng))


def serve(memory_gib: float) -> None:
    """Worker: read the paths that come in, and answer with what came of each."""
    limit = int(memory_gib * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for line in sys.stdin:
        path, outcome, detail = line.strip(), "recording", ""
        try:
            popcode.load(path)
        except popcode.InputError as error:
            outcome = "refused" if str(error).startswith(path) and error.remedy else "wrong"
            detail = str(error)
        except BaseException as error:
            outcome, detail = "wrong", repr(error)
        print(json.dumps([outcome, detail]), flush=True)


class Worker:
    """A process that reads files, replaced when it crashes or does not answer."""

    def __init__(self, memory_gib: float) -> None:
        self.command = [sys.executable, "-W", "ignore", __file__, "--serve", str(memory_gib)]
        self.start()

    def start(self) -> None:
        """Start a process in place of the one before."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def outcome(self, path: Path, seconds: float) -> tuple[str, str]:
        """What came of a file, and the message."""
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        answered, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if answered else ""
        if line:
            return tuple(json.loads(line))
        self.process.kill()
        code = self.process.wait()
        self.start()
        return ("crash", f"exit code {code}") if answered else ("too slow", f"{seconds} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory-gib", type=float, default=4.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--serve", type=float)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    rng = np.random.default_rng(options.seed)
    worker = Worker(options.memory_gib)
    print(f"{'':24s}" + "".join(f"{name:>11s}" for name in OUTCOMES))
    with tempfile.TemporaryDirectory() as folder:
        for name, write in SOURCES.items():
            source = Path(folder, name)
            write(source, rng)
            assert worker.outcome(source, 60)[0] == "recording", name
            found = Counter()
            for k in range(options.files // len(SOURCES)):
                target = Path(folder, f"{k}_{name}")
                make_damaged(source, target, rng)
                outcome, detail = worker.outcome(target, options.seconds)
                found[outcome] += 1
                if outcome in OUTCOMES[2:]:
                    print(f"  {outcome}: {detail}")
                shutil.rmtree(target) if target.is_dir() else target.unlink()
            print(f"{name:24s}" + "".join(f"{found[each]:11d}" for each in OUTCOMES), flush=True)
    worker.process.kill()


if __name__ == "__main__":
    main()
