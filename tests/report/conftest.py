"""Runs that were never fitted: everything a page is made from, of any size, in a moment."""

import numpy as np
import pytest

from popcode.files import RunRecord
from popcode.metrics.evidence import Density, Evidence, Population, Weights
from popcode.recording import Recording
from popcode.recording.checks import run_checks
from popcode.report import RunContents, Source, render_report

STATISTICS = ("mean_activity", "mean_hidden", "neuron_hidden", "neuron_neuron", "hidden_hidden")
SCORES = ("score", "score_independent", "score_perfect", "pearson", "slope")


def fake_density(seed, n_values=3000, n_squares=40):
    rng = np.random.default_rng(seed)
    edges = np.linspace(-0.002, 0.004, n_squares + 1)
    x = rng.normal(0, 0.001, n_values)

    def counted(y):
        inside = (np.clip(each, edges[0], edges[-1]) for each in (x, y))
        return np.histogram2d(*inside, [edges, edges])[0].astype(np.int64)

    noise = rng.normal(0, 0.0002, (3, n_values))
    return Density(edges, counted(x + noise[0]), counted(x + noise[1]), counted(noise[2]))


def fake_evidence(n_neurons=30, n_hidden=4, n_bins=120):
    rng = np.random.default_rng(1)
    statistics = {name: fake_density(k) for k, name in enumerate((*STATISTICS, "triplets"))}
    counts = [np.bincount(rng.binomial(n_neurons, 0.1, n_bins), minlength=n_neurons + 1)] * 4
    nllh = rng.normal(0.3, 0.1, n_neurons)
    nllh[0] = np.nan
    law = rng.integers(1, 50, (2, 30))
    degrees = rng.integers(0, 20, (3, n_hidden + 1))
    active = rng.uniform(0, n_hidden, (2, n_bins))
    weights = Weights(np.linspace(-4, 1, 31), *law, *degrees)
    return Evidence(statistics, nllh, Population(*counts), *active, weights)


def fake_metrics(n_hidden=4, scored=True):
    number = 0.9 if scored else None
    return {
        "statistics": {name: dict.fromkeys(SCORES, number) for name in STATISTICS},
        "reconstruction": dict.fromkeys(
            ("nllh_median", "nllh_mean", "nllh_p10", "nllh_p90", "n_neurons"), number
        ),
        "population_activity": {"kl": number},
        "triplets": {"pearson": number, "pearson_split_half": number},
        "training": {
            "updates": 100, "seconds": 12.0, "converged": True, "restarts": 0, "residual": 0.04,
            "hidden_alive": n_hidden, "n_hidden": n_hidden, "l1": 0.01, "l1_that_keeps": 0.01,
            "weight_nonzero": 0.5,
        },
        "n_samples": 1000 if scored else 0,
        "n_pairs": 435 if scored else 0,
        "protocol": {"seed": 0, "n_train_bins": 280, "n_test_bins": 120 if scored else 0},
        "compositional_phase": {"active_units_median": number, "n_hidden": n_hidden},
    }  # fmt: skip


def fake_history(n_hidden=4):
    update = np.arange(1, 51) * 2.0
    return {
        "update": update,
        "learning_rate": np.geomspace(5e-3, 1e-5, 50),
        "l1": np.full(50, 0.01),
        "chain_activity": np.full(50, 0.1),
        "data_activity": np.full(50, 0.1),
        "hidden_alive": np.full(50, float(n_hidden)),
        "weight_nonzero": np.linspace(1, 0.5, 50),
        "nllh_median": np.linspace(0, 0.3, 50),
    }


def fake_recording(n_neurons=30, n_bins=400, n_segments=2, positions=True, ids=None, bin_s=0.02):
    rng = np.random.default_rng(2)
    neurons = {"id": np.arange(n_neurons) if ids is None else ids}
    if positions:
        places = rng.uniform(0, [300, 800, 250], (n_neurons, 3)).T
        neurons |= dict(zip(("x_um", "y_um", "z_um"), places, strict=True))
        neurons["region"] = np.array(["CA1", "CA3", ""])[np.arange(n_neurons) % 3]
    return Recording(
        (rng.random((n_bins, n_neurons), np.float32) < 0.1).astype(np.uint8),
        kind="binary",
        bin_s=bin_s,
        neurons=neurons,
        segment_starts=np.linspace(0, n_bins, n_segments, endpoint=False).astype(int),
        provenance=[{"step": "load", "path": "x.npz", "format": "npz", "sha256": "0" * 64}],
    )


def fake_record(**changes):
    fields = {
        "command": "popcode fit crbm x.npz --out run",
        "parameters": {
            "n_hidden": 4, "hidden": "drelu", "l1": 0.01, "n_updates": 100, "holdout": 0.3,
            "split": "matched", "binarize": False, "bin_s": None, "chosen": ["l1"],
        },
        "seed": 0,
        "input_path": "/data/x.npz",
        "input_hash": "0" * 64,
        "versions": {"popcode": "0.1.0"},
        "created": "2026-01-01T00:00:00+00:00",
        "finished": True,
    }  # fmt: skip
    return RunRecord(**fields | changes)


def fake_contents(
    n_neurons=30, n_hidden=4, n_bins=400, n_segments=2, positions=True, ids=None, bin_s=0.02
):
    rng = np.random.default_rng(3)
    weights = np.where(
        rng.random((n_neurons, n_hidden)) < 0.3, rng.normal(0.5, 0.5, (n_neurons, n_hidden)), 0
    ).astype(np.float32)
    bins = np.arange(n_bins)
    recording = fake_recording(n_neurons, n_bins, n_segments, positions, ids, bin_s)
    return RunContents(
        folder="run",
        record=fake_record(),
        metrics=fake_metrics(n_hidden),
        history=fake_history(n_hidden),
        evidence=fake_evidence(n_neurons, n_hidden),
        weights=weights,
        hidden=rng.normal(0, 1, (n_bins, n_hidden)).astype(np.float32),
        source=Source(recording, bins[: 7 * n_bins // 10], bins[7 * n_bins // 10 :]),
        missing={},
        findings=tuple(run_checks(recording)),
    )


@pytest.fixture(scope="session")
def made():
    """Contents of a run, of the size and kind asked for."""
    return fake_contents


@pytest.fixture(scope="session")
def evidence_of():
    return fake_evidence


@pytest.fixture(scope="session")
def metrics_of():
    return fake_metrics


@pytest.fixture(scope="session")
def page(made):
    """The page of an ordinary run."""
    return render_report(made(), "today")
