"""A small recording, and popcode run on it in this process or in one of its own."""

import json
import os
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

import popcode
from popcode.cli import main

FIT = ("--hidden", "5", "--updates", "200", "--l1", "0.002")
# The first argument says which processors, the second how often a checkpoint is written.
IN_A_PROCESS = """
import os, sys
processors, every_s = sys.argv.pop(1), float(sys.argv.pop(1))
if processors:
    os.sched_setaffinity(0, map(int, processors.split(",")))
import popcode.cli.training as training
training.CHECKPOINT_EVERY_S = every_s
from popcode.cli.main import main
main()
"""


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def message(self):
        """What was said last on stderr."""
        return self.err.rstrip("\n").rsplit("\n", 1)[-1]


def assemblies(n_bins=400, n_neurons=40, seed=0):
    """Four assemblies; neuron 7 is silent."""
    rng = np.random.default_rng(seed)
    active = rng.random((n_bins, 4)) < 0.2
    inputs = active @ np.kron(np.eye(4), np.full(n_neurons // 4, 2.5)) - 3
    activity = (rng.random(inputs.shape) < 1 / (1 + np.exp(-inputs))).astype(np.uint8)
    activity[:, 7] = 0
    return activity


@pytest.fixture(scope="session")
def activity():
    return assemblies()


@pytest.fixture(scope="session")
def source(tmp_path_factory, activity):
    path = tmp_path_factory.mktemp("source") / "recording.npz"
    neurons = {"id": np.arange(100, 140), "region": ["CA1", "CA3"] * 20}
    popcode.save(popcode.Recording(activity, bin_s=0.02, neurons=neurons), path)
    return path


@pytest.fixture
def cli(capsys):
    """Run a command in this process."""

    def call(*tokens):
        capsys.readouterr()
        code = main.run([str(token) for token in tokens])
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture
def fit(cli, source):
    """Fit the small recording into a folder."""

    def call(out, *options):
        outcome = cli("fit", "crbm", source, "--out", out, *FIT, *options)
        assert outcome.code == 0, outcome.err
        return outcome

    return call


@pytest.fixture(scope="session")
def whole(tmp_path_factory, source):
    """A finished run of the small recording, not to be changed."""
    run = tmp_path_factory.mktemp("whole") / "run"
    assert main.run(["fit", "crbm", str(source), "--out", str(run), *FIT]) == 0
    return run


@pytest.fixture
def start():
    """Start a command in a process of its own."""
    started = []

    def call(*tokens, n_processors=None, checkpoint_every_s=30.0, stderr=subprocess.PIPE):
        processors = sorted(os.sched_getaffinity(0))[:n_processors] if n_processors else []
        arguments = [",".join(map(str, processors)), str(checkpoint_every_s), *map(str, tokens)]
        process = subprocess.Popen(
            [sys.executable, "-c", IN_A_PROCESS, *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        started.append(process)
        return process

    yield call
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def content():
    """All of a run that must not depend on when it was killed."""

    def of(run):
        metrics = json.loads((run / "metrics.json").read_text())
        assert metrics["training"].pop("seconds") >= 0
        record = json.loads((run / "run.json").read_text())
        kept = {name: record[name] for name in ("parameters", "seed", "input_hash", "finished")}
        names = ("model.safetensors", "history.csv", "evaluation.npz")
        files = [(run / name).read_bytes() for name in names]
        return *files, metrics, kept

    return of
