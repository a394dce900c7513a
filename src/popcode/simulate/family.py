"""A simulated family: animals that share one planted circuit of regions, and nothing else.

The circuit says which regions take part in which assemblies, with what share of their neurons,
and how strongly an active assembly drives its members. Every animal has its own neurons, numbers
of neurons a region, members, rates, and times at which the assemblies are on. All laws are drawn
with numpy alone: nothing here is shared with the models that are tested on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.recording import Recording

Float = NDArray[np.float64]
_CIRCUIT_STREAM, _ANIMAL_STREAM, _DRIVE_STREAM = 61, 62, 63
_BINS_AT_ONCE = 500
_LEAST_NEURONS = 20  # of a region


class FamilySettings(NamedTuple):
    """Settings of a family; the defaults were fixed before any model saw one.

    Attributes
    ----------
    n_animals, n_bins, n_regions, n_assemblies : int
    fewest_neurons, most_neurons : int
        Of an animal; drawn uniformly between them.
    n_shared_regions : int
        Regions that take part in several assemblies; each of the others takes part in one.
    fewest_regions, most_regions : int
        Shared regions of an assembly.
    share, share_spread : float
        Median share of a region's neurons in an assembly it takes part in, and the standard
        deviation of its logarithm over regions and assemblies.
    base_rate, on_rate : float
        Firing probability of a median neuron in no active assembly, and in one.
    strength_spread : float
        Standard deviation of the logarithm of what an assembly adds to the log-odds.
    on_probability, on_bins : float
        Median share of time that an assembly is on, and mean bins that it stays on.
    neuron_spread, region_spread : float
        Standard deviation of the base log-odds over neurons, and over regions of an animal.
    animal_spread : float
        Standard deviation over animals of the logarithm of shares, of times and of sizes.
    size_spread : float
        Standard deviation over regions of the logarithm of their number of neurons.
    drive, drive_bins : float
        Standard deviation and correlation time in bins of a slow state of the whole brain, by
        whose exponential all assemblies switch on more often at once. 0: assemblies are
        independent, so that every correlation is a direct one.
    bin_s : float
        Seconds a bin.
    """

    n_animals: int = 4
    n_bins: int = 4000
    n_regions: int = 20
    n_assemblies: int = 24
    fewest_neurons: int = 2000
    most_neurons: int = 2600
    n_shared_regions: int = 12
    fewest_regions: int = 2
    most_regions: int = 5
    share: float = 0.2
    share_spread: float = 0.8
    base_rate: float = 0.012
    on_rate: float = 0.25
    strength_spread: float = 0.15
    on_probability: float = 0.06
    on_bins: float = 8.0
    neuron_spread: float = 0.6
    region_spread: float = 0.3
    animal_spread: float = 0.2
    size_spread: float = 0.4
    drive: float = 0.0
    drive_bins: float = 40.0
    bin_s: float = 0.25


class Circuit(NamedTuple):
    """What the animals of a family share.

    Attributes
    ----------
    names : tuple of str
        Of the regions.
    shares : ndarray, (n_regions, n_assemblies)
        Share of a region's neurons in each assembly; 0 where it does not take part.
    strengths : ndarray, (n_assemblies,)
        Log-odds that an active assembly adds to its members.
    sizes : ndarray, (n_regions,)
        Relative numbers of neurons.
    """

    names: tuple[str, ...]
    shares: Float
    strengths: Float
    sizes: Float

    @property
    def matrix(self) -> Float:
        """Circuit of regions, (n_regions, n_regions).

        sum_a strengths_a^2 shares_ka shares_la: the mean over pairs of neurons of two regions of
        the product of the log-odds that they receive from one assembly.
        """
        driven = self.shares * self.strengths
        return driven @ driven.T


def planted_circuit(settings: FamilySettings | None = None, seed: int = 0) -> Circuit:
    """Draw the circuit of a family.

    Raises
    ------
    InputError
        Settings that cannot be met.
    """
    settings = settings or FamilySettings()
    _check(settings)
    rng = np.random.default_rng((seed, _CIRCUIT_STREAM))
    taking_part = _taking_part(rng, settings)
    levels = settings.share * np.exp(settings.share_spread * rng.normal(size=taking_part.shape))
    rise = _log_odds(settings.on_rate) - _log_odds(settings.base_rate)
    return Circuit(
        tuple(f"region{k + 1:02d}" for k in range(settings.n_regions)),
        np.where(taking_part, np.clip(levels, 0.02, 0.8), 0.0),
        rise * np.exp(settings.strength_spread * rng.normal(size=settings.n_assemblies)),
        np.exp(settings.size_spread * rng.normal(size=settings.n_regions)),
    )


def simulate_animal(
    circuit: Circuit, animal: int, settings: FamilySettings | None = None, seed: int = 0
) -> Recording:
    """Simulate the recording of one animal of a family.

    Returns
    -------
    Recording
        Binary; `region` of every neuron; `true_weights` (n_neurons, n_assemblies) log-odds;
        covariate `true_states` (n_bins, n_assemblies).
    """
    settings = settings or FamilySettings()
    rng = np.random.default_rng((seed, _ANIMAL_STREAM, animal))
    regions = _regions_of_neurons(rng, circuit, settings)
    weights = _weights(rng, circuit, regions, settings)
    fields = _fields(rng, regions, settings)
    lift = _lift(np.random.default_rng((seed, _DRIVE_STREAM, animal)), settings)
    states = _states(rng, settings, lift)
    step = {"step": "simulate family", "animal": animal, "seed": seed, **settings._asdict()}
    return Recording(
        _activity(rng, states, weights, fields),
        kind="binary",
        bin_s=settings.bin_s,
        neurons=pd.DataFrame({"region": np.array(circuit.names)[regions]}),
        neuron_arrays={"true_weights": weights.astype(np.float32)},
        covariates={"true_states": states},
        provenance=(step,),
    )


def simulate_family(
    settings: FamilySettings | None = None, seed: int = 0
) -> tuple[tuple[Recording, ...], Circuit]:
    """Simulate the recordings of all animals of a family, and the circuit they share."""
    settings = settings or FamilySettings()
    circuit = planted_circuit(settings, seed)
    animals = range(settings.n_animals)
    return tuple(simulate_animal(circuit, k, settings, seed) for k in animals), circuit


def _log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def _taking_part(rng: np.random.Generator, settings: FamilySettings) -> NDArray[np.bool_]:
    """Which regions take part in which assemblies, (n_regions, n_assemblies)."""
    n_shared, n_assemblies = settings.n_shared_regions, settings.n_assemblies
    taking_part = np.zeros((settings.n_regions, n_assemblies), bool)
    for a in range(n_assemblies):
        size = rng.integers(settings.fewest_regions, settings.most_regions + 1)
        taking_part[rng.choice(n_shared, size, replace=False), a] = True
    for k in range(n_shared):
        missing = max(0, 2 - int(taking_part[k].sum()))
        taking_part[k, rng.choice(np.flatnonzero(~taking_part[k]), missing, replace=False)] = True
    alone = np.arange(n_shared, settings.n_regions)
    taking_part[alone, rng.choice(n_assemblies, alone.size, replace=False)] = True
    return taking_part


def _regions_of_neurons(
    rng: np.random.Generator, circuit: Circuit, settings: FamilySettings
) -> NDArray[np.int64]:
    """Region of every neuron of one animal, (n_neurons,)."""
    n_neurons = int(rng.integers(settings.fewest_neurons, settings.most_neurons + 1))
    sizes = circuit.sizes * np.exp(settings.animal_spread * rng.normal(size=circuit.sizes.size))
    free = n_neurons - _LEAST_NEURONS * sizes.size
    counts = _LEAST_NEURONS + rng.multinomial(free, sizes / sizes.sum())
    return np.repeat(np.arange(sizes.size), counts)


def _weights(
    rng: np.random.Generator,
    circuit: Circuit,
    regions: NDArray[np.int64],
    settings: FamilySettings,
) -> Float:
    """Log-odds that each assembly adds to each neuron, (n_neurons, n_assemblies)."""
    jitter = np.exp(settings.animal_spread * rng.normal(size=circuit.shares.shape))
    chances = np.minimum(circuit.shares * jitter, 1)[regions]
    members = rng.random(chances.shape) < chances
    return np.where(members, circuit.strengths * rng.uniform(0.7, 1.3, chances.shape), 0.0)


def _fields(
    rng: np.random.Generator, regions: NDArray[np.int64], settings: FamilySettings
) -> Float:
    """Base log-odds, (n_neurons,)."""
    of_region = settings.region_spread * rng.normal(size=settings.n_regions)
    of_neuron = settings.neuron_spread * rng.normal(size=regions.size)
    return _log_odds(settings.base_rate) + of_region[regions] + of_neuron


def _lift(rng: np.random.Generator, settings: FamilySettings) -> Float:
    """By how much assemblies switch on more often than on average, (n_bins,), of mean 1."""
    kept = np.exp(-1 / settings.drive_bins)
    slow = np.empty(settings.n_bins)
    now = rng.normal()
    for t in range(settings.n_bins):
        now = kept * now + np.sqrt(1 - kept**2) * rng.normal()
        slow[t] = now
    return np.exp(settings.drive * slow - settings.drive**2 / 2)


def _states(rng: np.random.Generator, settings: FamilySettings, lift: Float) -> NDArray[np.uint8]:
    """Two-state Markov chains, at equilibrium but for the slow drive, (n_bins, n_assemblies)."""
    spread = np.exp(settings.animal_spread * rng.normal(size=settings.n_assemblies))
    on = np.minimum(settings.on_probability * spread, 0.5)
    leave_on = 1 / settings.on_bins
    leave_off = leave_on * on / (1 - on)
    states = np.empty((settings.n_bins, settings.n_assemblies), np.uint8)
    now = rng.random(on.size) < on
    for t in range(settings.n_bins):
        now = now ^ (rng.random(on.size) < np.where(now, leave_on, leave_off * lift[t]))
        states[t] = now
    return states


def _activity(
    rng: np.random.Generator, states: NDArray[np.uint8], weights: Float, fields: Float
) -> NDArray[np.uint8]:
    """Which neurons fire in which bin, (n_bins, n_neurons)."""
    activity = np.empty((len(states), fields.size), np.uint8)
    for start in range(0, len(states), _BINS_AT_ONCE):
        odds = states[start : start + _BINS_AT_ONCE] @ weights.T + fields
        activity[start : start + _BINS_AT_ONCE] = rng.random(odds.shape) < 1 / (1 + np.exp(-odds))
    return activity


def _check(settings: FamilySettings) -> None:
    n_alone = settings.n_regions - settings.n_shared_regions
    if not 0 <= n_alone <= settings.n_assemblies or settings.n_assemblies < 2:
        raise InputError(
            f"{n_alone} regions of one assembly each, of {settings.n_assemblies} assemblies",
            remedy="Give at least 2 assemblies, and as many as there are regions of one",
        )
    if not 1 <= settings.fewest_regions <= settings.most_regions <= settings.n_shared_regions:
        raise InputError(
            f"assemblies of {settings.fewest_regions} to {settings.most_regions} regions, of "
            f"{settings.n_shared_regions} shared ones",
            remedy="Give at least 1, and at most all of the shared regions",
        )
    if not settings.n_regions * _LEAST_NEURONS <= settings.fewest_neurons <= settings.most_neurons:
        raise InputError(
            f"{settings.fewest_neurons} to {settings.most_neurons} neurons",
            remedy=f"Give at least {_LEAST_NEURONS} neurons a region",
        )
