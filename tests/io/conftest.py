"""Recordings with every part that a file can hold."""

import numpy as np
import pytest

from popcode.recording import Recording

VALUES = {
    "binary": lambda rng, shape: rng.integers(0, 2, shape),
    "counts": lambda rng, shape: rng.poisson(2, shape),
    "rate": lambda rng, shape: rng.random(shape) + 1,
    "dff": lambda rng, shape: rng.normal(size=shape),
    "events": lambda rng, shape: np.maximum(rng.normal(size=shape), 0),
}


def build(kind: str = "binary", n_bins: int = 23, n_neurons: int = 11, seed: int = 0) -> Recording:
    rng = np.random.default_rng(seed)
    return Recording(
        VALUES[kind](rng, (n_bins, n_neurons)),
        kind=kind,
        bin_s=0.05,
        neurons={
            "quality": ["good", "", "mua"] * (n_neurons // 3) + ["é"] * (n_neurons % 3),
            "x_um": rng.normal(size=n_neurons).astype(np.float32),
            "region": ["CA1"] * n_neurons,
            "y_um": np.full(n_neurons, np.nan, dtype=np.float32),
            "z_um": np.arange(n_neurons, dtype=np.float32),
            "id": np.arange(100, 100 + n_neurons),
            "depth": rng.normal(size=n_neurons),
            "kept": rng.random(n_neurons) < 0.5,
        },
        neuron_arrays={"waveform": rng.normal(size=(n_neurons, 4, 2))},
        region_labels=rng.random((n_neurons, 3)) < 0.5,
        region_names=["left", "right", "both"],
        segment_starts=[0, 7, 20],
        segment_start_s=[0.0, 100.5, 200.25],
        covariates={
            "speed": rng.normal(size=n_bins),
            "place": rng.normal(size=(n_bins, 2)).astype(np.float32),
            "cue": np.array(["go", "stop"])[rng.integers(0, 2, n_bins)],
        },
        provenance=[{"step": "made", "seed": seed, "nested": {"a": [1, 2.5, None]}}],
    )


@pytest.fixture
def recording() -> Recording:
    return build()


@pytest.fixture
def make():
    return build
