"""A sweep of 12 models on 2 local workers: a worker, then the client, killed with SIGKILL.

Usage: python benchmarks/sweep_kills.py [FOLDER]

Prints, after each kill, which processes are left; at the end how often every model was fitted and
finished, and its scores beside a perfect and an empty model (training bins, independent neurons).
"""

import contextlib
import csv
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import psutil

import popcode

MODELS = ("--hidden", "6,8", "--l1", "0.0002,0.0005,0.001", "--seeds", "2", "--updates", "1500")


def recording(path):
    """Five planted assemblies of 12 neurons, whose rates differ (else their score is all noise)."""
    rng = np.random.default_rng(0)
    active = rng.random((1500, 5)) < 0.15
    inputs = active @ np.kron(np.eye(5), np.full(12, 2.5)) + rng.normal(-3, 0.7, 60)
    activity = (rng.random(inputs.shape) < 1 / (1 + np.exp(-inputs))).astype(np.uint8)
    popcode.save(popcode.Recording(activity, bin_s=0.02), path)


def start(source, out):
    code = "from popcode.cli.main import main; main()"
    command = [sys.executable, "-c", code, "sweep", "crbm", source, *MODELS, "--out", out]
    return subprocess.Popen([*map(str, command), "--workers", "2"])


def metrics_of(out):
    return sorted(out.glob("trials/*/metrics.json"))


def finished(out):
    """Run folders that are whole, with the time at which their model was written."""
    whole = [path.parent for path in metrics_of(out)]
    return {run.name: (run / "model.safetensors").stat().st_mtime_ns for run in whole}


def until(true, process):
    while not true():
        if process.poll() is not None:
            raise SystemExit(f"the client ended early with {process.returncode}")
        time.sleep(0.05)


def fitting(process, out):
    """Workers in the middle of a fit, with the number of its trial."""
    found = []
    for worker in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.Error, IndexError):  # its fit has just ended
            found.append((worker, Path(worker.children()[0].cmdline()[-2]).stem))
    return [(worker, trial) for worker, trial in found if trial not in finished(out)]


def kill_worker(process, out):
    """Kill a worker in the middle of a fit, once three models are whole."""
    until(lambda: len(finished(out)) >= 3 and fitting(process, out), process)
    worker, trial = fitting(process, out)[0]
    worker.kill()
    print(f"worker {worker.pid} killed at trial {trial}; {len(finished(out))} models were whole")


def kill_client(process, out):
    until(lambda: len(finished(out)) >= 7 and fitting(process, out), process)
    everyone = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    before = finished(out)
    began = time.monotonic()
    _, alive = psutil.wait_procs(everyone, timeout=30)
    print(
        f"client killed with {len(before)} models whole; of its {len(everyone)} processes "
        f"{len(alive)} were left after {time.monotonic() - began:.1f} s"
    )
    return before


def go_on(source, out):
    """Type the same command again, and wait for its end."""
    began, process, everyone = time.monotonic(), start(source, out), set()
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            everyone |= set(psutil.Process(process.pid).children(recursive=True))
        time.sleep(0.5)
    seconds = time.monotonic() - began
    _, alive = psutil.wait_procs(everyone, timeout=30)
    print(
        f"the same command again: exit code {process.returncode} after {seconds:.0f} s; of its "
        f"{len(everyone)} processes {len(alive)} were left"
    )


def show(out, before):
    with (out / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    after = finished(out)
    cells = Counter((row["n_hidden"], row["l1"], row["seed"]) for row in rows)
    states = Counter(row["state"] for row in rows)
    print(f"{len(rows)} trials ({dict(states)}), {len(cells)} different models, most of one "
          f"{max(cells.values())}")  # fmt: skip
    refitted = [name for name, at in before.items() if after.get(name) != at]
    print(f"models written again that were whole before the client died: {len(refitted)}")
    starts = {path.stem: path.read_text().count("input: ") for path in out.glob("logs/*.log")}
    print(f"times each was begun: {starts}")
    print("trial  units      l1  seed  least score  perfect  independent   nLLH  alive")
    for row in rows:
        scores = (float(row[f"worst_score{which}"]) for which in ("", "_perfect", "_independent"))
        model, perfect, independent = scores
        print(
            f"{row['trial']:>5}  {row['n_hidden']:>5}  {float(row['l1']):6g}  {row['seed']:>4}  "
            f"{model:11.3f}  {perfect:7.3f}  {independent:11.3f}  {float(row['nllh_median']):.3f}  "
            f"{row['hidden_alive']:>5}"
        )


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    source, out = folder / "recording.npz", folder / "sweep"
    recording(source)
    process = start(source, out)
    try:
        kill_worker(process, out)
        before = kill_client(process, out)
    finally:
        process.kill()
    go_on(source, out)
    show(out, before)


if __name__ == "__main__":
    main()
