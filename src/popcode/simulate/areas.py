"""A simulated Neuropixels session of several areas with planted couplings."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.simulate.area_network import Network, PlantedCouplings, planted_network
from popcode.simulate.area_places import neuron_table
from popcode.simulate.network_kernels import sample_stretch
from popcode.threads import Team

_CHAIN_STREAM = 4
_BURN_IN = 300  # sweeps; the slowest mode of the default network lasts about three
_MOST_PROBES = 26  # they have letters
# Times the rate aimed at: the default network is within 0.02 of it, a frozen one far above.
_FROZEN = 1.5


def simulate_areas(
    n_neurons: int = 1500,
    n_areas: int = 6,
    n_bins: int = 200_000,
    bin_s: float = 0.02,
    seed: int = 0,
    *,
    n_segments: int = 8,
    sweeps_per_bin: int = 2,
    areas_per_probe: int = 2,
    planted: PlantedCouplings | None = None,
) -> tuple[Recording, Network]:
    """Simulate a session whose couplings are known: stronger within areas, which have an order.

    The states of long Gibbs chains of a pairwise network, `sweeps_per_bin` sweeps apart; every
    segment is a chain of its own at equilibrium. `couplings` of the truth are what a model's
    effective couplings of {0, 1} variables are to recover.

    Parameters
    ----------
    n_neurons, n_areas, n_bins : int
    bin_s : float
        Seconds a bin, for the record only.
    seed : int
        The same seed gives the same session, whatever the number of threads.
    n_segments : int
        Stretches that share no time.
    sweeps_per_bin : int
        Sweeps of the chain in a bin: with fewer, neighbouring bins are more alike.
    areas_per_probe : int
        Areas that a probe passes through; with 1, areas and probes cannot be told apart.
    planted : PlantedCouplings, optional

    Returns
    -------
    recording : Recording
        Binary; the neurons have `region`, `probe`, `probe_vertical_position` and positions.
    truth : Network

    Raises
    ------
    InputError
        Fewer than 2 neurons an area, fewer bins than segments, more areas a probe than areas,
        couplings so strong that the activity froze.
    """
    _check(n_neurons, n_areas, n_bins, n_segments, sweeps_per_bin, areas_per_probe)
    truth = planted_network(n_neurons, n_areas, planted or PlantedCouplings(), seed)
    starts = np.arange(n_segments) * n_bins // n_segments
    activity = _activity(truth, n_bins, starts, sweeps_per_bin, seed)
    _refuse_frozen(activity, truth)
    step = {"step": "simulate areas", "seed": seed, "sweeps_per_bin": sweeps_per_bin}
    return Recording(
        activity,
        kind="binary",
        bin_s=bin_s,
        neurons=neuron_table(truth.areas, truth.assemblies, areas_per_probe, seed),
        segment_starts=starts,
        provenance=({**step, **(planted or PlantedCouplings())._asdict()},),
    ), truth


def _activity(
    truth: Network, n_bins: int, starts: NDArray[np.int64], sweeps_per_bin: int, seed: int
) -> NDArray[np.uint8]:
    """States of one chain a segment, (n_bins, n_neurons)."""
    activity = np.empty((n_bins, truth.fields.size), np.uint8)
    couplings = truth.couplings
    calls = []
    for k, stretch in enumerate(np.split(activity, starts[1:])):
        rng = np.random.default_rng((seed, _CHAIN_STREAM, k))
        calls.append(
            partial(
                sample_stretch, rng, np.zeros(truth.fields.size, np.uint8), truth.fields,
                couplings.indptr, couplings.indices, couplings.data, _BURN_IN, sweeps_per_bin,
                stretch,
            )
        )  # fmt: skip
    with Team() as team:
        team.run(calls)
    return activity


def _refuse_frozen(activity: NDArray[np.uint8], truth: Network) -> None:
    rate, aimed_at = float(activity.mean()), float(truth.rates.mean())
    spikes = aimed_at * activity.size
    # A short recording may exceed by chance: by four standard deviations at most.
    if rate > _FROZEN * aimed_at + 4 * aimed_at / np.sqrt(spikes):
        raise InputError(
            f"the neurons fire in {rate:.2g} of bins, not in {aimed_at:.2g}: activity froze",
            remedy="Plant weaker couplings, smaller assemblies or fewer areas",
        )


def _check(
    n_neurons: int,
    n_areas: int,
    n_bins: int,
    n_segments: int,
    sweeps_per_bin: int,
    areas_per_probe: int,
) -> None:
    if not 1 <= n_areas <= _MOST_PROBES or n_neurons < 2 * n_areas:
        raise InputError(
            f"{n_neurons} neurons in {n_areas} areas",
            remedy=f"Give 1 to {_MOST_PROBES} areas, each of 2 neurons at least",
        )
    if not 1 <= n_segments <= n_bins:
        raise InputError(
            f"{n_bins} bins in {n_segments} segments", remedy="Give at least a bin a segment"
        )
    if sweeps_per_bin < 1:
        raise InputError(f"sweeps_per_bin is {sweeps_per_bin}", remedy="Give at least 1")
    if not 1 <= areas_per_probe <= n_areas:
        raise InputError(
            f"{areas_per_probe} areas a probe, of {n_areas}",
            remedy="Give at least 1 and at most all",
        )
