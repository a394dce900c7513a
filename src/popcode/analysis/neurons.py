"""Where neurons lie, and how a group of them is spread over regions and over space."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.recording import Recording

_UNLABELLED = {"", "nan", "none", "<na>"}


class NeuronFacts(NamedTuple):
    """What is known of the neurons of a recording besides their activity.

    Attributes
    ----------
    ids : tuple of str
    positions_um : ndarray, (n_neurons, n_dimensions), or None
        Only the axes along which neurons are known to differ: two columns for a plane.
    axes : tuple of str
        Their names: "x", "y", "z".
    region_names : tuple of str
        Empty when no neuron is labelled.
    in_region : ndarray of bool, (n_neurons, n_regions)
        Regions may overlap.
    """

    ids: tuple[str, ...]
    positions_um: NDArray[np.float64] | None
    axes: tuple[str, ...]
    region_names: tuple[str, ...]
    in_region: NDArray[np.bool_]


class RegionShare(NamedTuple):
    """How much of a group of neurons lies in a region.

    Attributes
    ----------
    name : str
    n_members : int
    share : float
        Of the group's neurons, those in the region.
    expected : float
        The same of all neurons.
    enrichment : float
        share / expected; 1 where the group is spread as all neurons are.
    """

    name: str
    n_members: int
    share: float
    expected: float
    enrichment: float


def neuron_facts(recording: Recording) -> NeuronFacts:
    """Ids, positions and regions of a recording, in the form that analyses take.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    NeuronFacts
    """
    positions, axes = known_axes(recording.positions_um)
    names, member = _regions(recording)
    ids = tuple(map(str, recording.neurons["id"]))
    return NeuronFacts(ids, positions, axes, names, member)


def known_axes(
    positions_um: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """Keep the axes along which positions are known and differ.

    Parameters
    ----------
    positions_um : ndarray, (n_neurons, 3), or None
        Unknown coordinates are nan.

    Returns
    -------
    positions : ndarray, (n_neurons, n_axes), or None
        None where fewer than two axes are left: no map can be drawn.
    axes : tuple of str
    """
    if positions_um is None:
        return None, ()
    kept = [k for k in range(positions_um.shape[1]) if _differ(positions_um[:, k])]
    if len(kept) < 2:
        return None, ()
    return positions_um[:, kept], tuple("xyz"[k] for k in kept)


def region_shares(members: NDArray[np.int64], neurons: NeuronFacts) -> tuple[RegionShare, ...]:
    """Regions of a group of neurons, those with most of its members first.

    Parameters
    ----------
    members : ndarray of int
        The group.
    neurons : NeuronFacts

    Returns
    -------
    tuple of RegionShare
        Only regions that hold a member.
    """
    counts = neurons.in_region[members].sum(axis=0)
    expected = neurons.in_region.mean(axis=0) if len(neurons.in_region) else counts * 0.0
    order = np.argsort(-counts, kind="stable")
    shares = counts / max(1, len(members))
    return tuple(
        RegionShare(
            neurons.region_names[k],
            int(counts[k]),
            float(shares[k]),
            float(expected[k]),
            float(shares[k] / expected[k]),
        )
        for k in order
        if counts[k] > 0
    )


def spread_um(members: NDArray[np.int64], positions_um: NDArray[np.float64] | None) -> float | None:
    """Root mean square distance of a group's neurons from their centre, in micrometres.

    Parameters
    ----------
    members : ndarray of int
    positions_um : ndarray, (n_neurons, n_axes), or None

    Returns
    -------
    float or None
        None where fewer than two of them have a position.
    """
    if positions_um is None:
        return None
    placed = positions_um[members]
    placed = placed[np.isfinite(placed).all(axis=1)]
    if len(placed) < 2:
        return None
    return float(np.sqrt(((placed - placed.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _differ(values: NDArray[np.float64]) -> bool:
    known = values[np.isfinite(values)]
    return len(known) > 1 and bool(np.ptp(known) > 0)


def _regions(recording: Recording) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    if recording.region_labels is not None:
        return tuple(map(str, recording.region_names)), recording.region_labels.astype(bool)
    if "region" not in recording.neurons:
        return (), np.zeros((recording.n_neurons, 0), bool)
    labels = recording.neurons["region"].astype(object).where(recording.neurons["region"].notna())
    texts = np.array(["" if label is None else str(label) for label in labels])
    names = sorted(name for name in set(texts.tolist()) if name.lower() not in _UNLABELLED)
    member = np.array([texts == name for name in names], bool).reshape(len(names), len(texts))
    return tuple(names), member.T
