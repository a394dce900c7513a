"""A simulated brain of overlapping assemblies in space.

Every assembly switches on and off as a two-state Markov chain. A neuron fires in a bin with the
logistic probability of its own log-odds plus one increment for every assembly of its that is on.
Assemblies are clusters of neurons around one or two (mirrored) centres in a brain-like ellipsoid
cut into regions along its long axis.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popcode.recording import Recording

_HALF_AXES_UM = np.array([150.0, 400.0, 120.0])
_REGIONS = ("telencephalon", "thalamus", "tectum", "cerebellum", "hindbrain")


class AssemblySettings(NamedTuple):
    """Settings of the simulated brain.

    Attributes
    ----------
    n_neurons, n_bins, n_assemblies : int
    assembly_share : float
        Share of all neurons in one assembly.
    on_probability : float
        Share of time an assembly is on.
    on_bins : float
        Mean bins that it stays on.
    base_rate, on_rate : float
        Mean firing probability of a neuron in no active assembly, and in one.
    bin_s : float
        Seconds a bin.
    """

    n_neurons: int = 5000
    n_bins: int = 5000
    n_assemblies: int = 50
    assembly_share: float = 0.03
    on_probability: float = 0.08
    on_bins: float = 8.0
    base_rate: float = 0.015
    on_rate: float = 0.3
    bin_s: float = 0.25


def simulate_assemblies(settings: AssemblySettings | None = None, seed: int = 0) -> Recording:
    """Simulate a brain; the truth is in `neuron_arrays["true_weights"]` and a covariate.

    Returns
    -------
    Recording
        Binary; positions in micrometres; `true_weights` (n_neurons, n_assemblies) log-odds;
        covariate `true_states` (n_bins, n_assemblies).
    """
    settings = settings or AssemblySettings()
    rng = np.random.default_rng(seed)
    positions = _positions(rng, settings.n_neurons)
    weights = _weights(rng, positions, settings)
    states = _states(rng, settings)
    base = np.log(settings.base_rate / (1 - settings.base_rate))
    fields = rng.normal(base, 0.5, settings.n_neurons)
    activity = np.empty((settings.n_bins, settings.n_neurons), np.uint8)
    for start in range(0, settings.n_bins, 500):
        odds = states[start : start + 500] @ weights.T + fields
        uniforms = rng.random(odds.shape)
        activity[start : start + 500] = uniforms < 1 / (1 + np.exp(-odds))
    neurons = pd.DataFrame(positions, columns=["x_um", "y_um", "z_um"])
    return Recording(
        activity,
        kind="binary",
        bin_s=settings.bin_s,
        neurons=neurons.assign(region=_regions(positions)),
        neuron_arrays={"true_weights": weights.astype(np.float32)},
        covariates={"true_states": states},
        provenance=({"step": "simulate assemblies", "seed": seed, **settings._asdict()},),
    )


def _positions(rng: np.random.Generator, n_neurons: int) -> NDArray[np.float64]:
    """Uniform in an ellipsoid, micrometres, (n_neurons, 3)."""
    directions = rng.normal(size=(n_neurons, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions * rng.random((n_neurons, 1)) ** (1 / 3) * _HALF_AXES_UM


def _regions(positions: NDArray[np.float64]) -> list[str]:
    along = (positions[:, 1] / _HALF_AXES_UM[1] + 1) / 2
    return [_REGIONS[min(int(share * len(_REGIONS)), len(_REGIONS) - 1)] for share in along]


def _weights(
    rng: np.random.Generator, positions: NDArray[np.float64], settings: AssemblySettings
) -> NDArray[np.float64]:
    """Log-odds that each assembly adds to each neuron: its nearest neurons, thinned by chance."""
    n_neurons = len(positions)
    size = max(2, round(settings.assembly_share * n_neurons))
    rise = np.log(settings.on_rate / (1 - settings.on_rate)) - np.log(
        settings.base_rate / (1 - settings.base_rate)
    )
    weights = np.zeros((n_neurons, settings.n_assemblies))
    for k in range(settings.n_assemblies):
        centre = positions[rng.integers(n_neurons)]
        centres = [centre, centre * [-1, 1, 1]] if rng.random() < 0.5 else [centre]
        distances = [np.linalg.norm(positions - each, axis=1) for each in centres]
        near = np.argsort(np.min(distances, axis=0))[: 2 * size]
        members = rng.choice(near, size, replace=False)
        weights[members, k] = rise * rng.uniform(0.7, 1.3, size)
    return weights


def _states(rng: np.random.Generator, settings: AssemblySettings) -> NDArray[np.uint8]:
    """Two-state Markov chains at equilibrium, (n_bins, n_assemblies)."""
    leave_on = 1 / settings.on_bins
    leave_off = leave_on * settings.on_probability / (1 - settings.on_probability)
    states = np.empty((settings.n_bins, settings.n_assemblies), np.uint8)
    now = rng.random(settings.n_assemblies) < settings.on_probability
    for t in range(settings.n_bins):
        now ^= rng.random(settings.n_assemblies) < np.where(now, leave_on, leave_off)
        states[t] = now
    return states
