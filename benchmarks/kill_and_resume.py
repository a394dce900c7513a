"""Kill fits at random moments, resume them, and count how many have the bits of a whole fit.

    python benchmarks/kill_and_resume.py --kills 30 --threads 2

The kills (SIGKILL) are spread evenly over the whole command, from the moment its run folder is
there: choosing the penalty, training, finishing and evaluating. Checkpoints are written every
0.1 s, so that most kills in training come after one, and some while one is written.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import popcode

# Processors are chosen inside: a fork that runs Python code is unsafe beside threads.
COMMAND = (
    "import os, sys; os.sched_setaffinity(0, map(int, sys.argv.pop(1).split(','))); "
    "import popcode.cli.training as training; training.CHECKPOINT_EVERY_S = 0.1; "
    "from popcode.cli.main import main; main()"
)
OPTIONS = ("--updates", "1500", "--hidden", "8")


def make_recording(path, seed=0):
    """Write 600 bins of 60 neurons in four assemblies, one neuron silent."""
    rng = np.random.default_rng(seed)
    assemblies = rng.random((600, 4)) < 0.2
    inputs = assemblies @ np.kron(np.eye(4), np.full(15, 2.5)) - 3
    activity = (rng.random(inputs.shape) < 1 / (1 + np.exp(-inputs))).astype(np.uint8)
    activity[:, 7] = 0
    popcode.save(popcode.Recording(activity, bin_s=0.02), path)


def start(threads, *arguments):
    """Start popcode on the first processors of those available."""
    processors = ",".join(map(str, sorted(os.sched_getaffinity(0))[:threads]))
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, processors, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Wait for a process that must succeed."""
    _, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"popcode failed ({process.returncode}):\n{errors}")


def wait_for_record(run, process):
    """Wait until the run folder holds its record."""
    while process.poll() is None and not (run / "run.json").exists():
        time.sleep(0.002)


def result(run):
    """Everything of a run that must not depend on kills."""
    metrics = json.loads((run / "metrics.json").read_text())
    del metrics["training"]["seconds"]
    record = json.loads((run / "run.json").read_text())
    kept = {name: record[name] for name in ("parameters", "seed", "input_hash", "finished")}
    files = [(run / name).read_bytes() for name in ("model.safetensors", "history.csv")]
    return *files, metrics, kept


def stage(run):
    """How far a killed run had come."""
    if not (run / "run.json").exists():
        return "not begun"
    record = json.loads((run / "run.json").read_text())
    if record["finished"]:
        return "finished"
    if (run / "model.safetensors").exists():
        return "evaluating"
    if (run / "checkpoint" / "state.safetensors").exists():
        return "training, with a checkpoint"
    chosen = record["parameters"]["l1"] != "auto"
    return "training, before a checkpoint" if chosen else "choosing the penalty, or before"


def kill_and_resume(source, run, threads, delay_s):
    """Kill a fit `delay_s` after its record appeared, resume it; give the stage it was in."""
    process = start(threads, "fit", "crbm", str(source), "--out", str(run), *OPTIONS)
    wait_for_record(run, process)
    time.sleep(delay_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    reached = stage(run)
    finish(start(threads, "resume", str(run)))
    return reached


def whole(source, run, threads):
    """Fit without a kill; give the seconds from its record to its end."""
    process = start(threads, "fit", "crbm", str(source), "--out", str(run), *OPTIONS)
    wait_for_record(run, process)
    began = time.perf_counter()
    finish(process)
    return time.perf_counter() - began


def main():
    """Kill, resume, compare, and say how many were equal; exit 1 unless all were."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        source, reference = Path(folder) / "recording.npz", Path(folder) / "whole"
        make_recording(source)
        whole(source, Path(folder) / "warm", options.threads)  # compiles what is not compiled yet
        # The shorter of two, for on a busy machine kills would come after the end.
        seconds = min(
            whole(source, Path(folder) / "again", options.threads),
            whole(source, reference, options.threads),
        )
        print(f"uninterrupted: {seconds:.1f} s on {options.threads} threads", flush=True)
        expected, n_equal = result(reference), 0
        for k in range(options.kills):
            delay_s = seconds * (k + rng.random()) / options.kills
            run = Path(folder) / f"killed_{k}"
            reached = kill_and_resume(source, run, options.threads, delay_s)
            equal = result(run) == expected
            n_equal += equal
            print(f"killed after {delay_s:5.2f} s ({reached}): {equal}", flush=True)
            shutil.rmtree(run)
    print(f"{n_equal} of {options.kills} resumed runs equal the uninterrupted one")
    sys.exit(n_equal != options.kills)


if __name__ == "__main__":
    main()
