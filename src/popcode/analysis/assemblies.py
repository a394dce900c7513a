"""Hidden units as assemblies: who belongs to them, when they are active, where they lie."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.membership.matching import same_weights
from popcode.analysis.membership.members import excitatory_signs, membership_threshold
from popcode.analysis.neurons import NeuronFacts, RegionShare, region_shares, spread_um
from popcode.metrics.wells import two_wells


class Assembly(NamedTuple):
    """One hidden unit read as a cell assembly; turned so that its members' weights sum up.

    Attributes
    ----------
    unit : int
        The hidden unit.
    members : ndarray of int, (size,)
        Its neurons, the largest |weight| first; empty for a unit without weights.
    weights : ndarray, (size,)
        Their weights.
    threshold : float
        |weight| from which a neuron is a member.
    share : float
        Of all neurons, the members.
    n_positive, n_negative : int
        Members that fire more, and less, when the assembly is active.
    importance : float
        Variance that the unit gives the inputs of its neurons, in squared log-odds.
    trace : ndarray, (n_bins,)
        E[h|v] of every bin.
    active_above : float
        Value of the trace above which the assembly is called active.
    active_share : float
        Of all bins, those in which it is active.
    regions : tuple of RegionShare
        Where its members lie.
    spread_um : float or None
        Root mean square distance of its members from their centre.
    duplicates : tuple of int
        Units whose weights correlate with its own by more than 0.8 in size.
    """

    unit: int
    members: NDArray[np.int64]
    weights: NDArray[np.float64]
    threshold: float
    share: float
    n_positive: int
    n_negative: int
    importance: float
    trace: NDArray[np.float64]
    active_above: float
    active_share: float
    regions: tuple[RegionShare, ...]
    spread_um: float | None
    duplicates: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of members."""
        return len(self.members)


def find_assemblies(
    weights: NDArray[np.floating], hidden: NDArray[np.floating], neurons: NeuronFacts
) -> list[Assembly]:
    """Read every hidden unit as an assembly, the most important first.

    Units are ranked by ``sum_i w_i^2 Var(E[h|v])``: a unit adds w_i h to the log-odds of neuron
    i, so this is the variance that it gives the inputs of all neurons. A unit with large weights
    that never changes, or that changes without moving anyone, ranks low.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    hidden : ndarray, (n_bins, n_hidden)
        E[h|v] of the bins.
    neurons : NeuronFacts

    Returns
    -------
    list of Assembly
        One a hidden unit; those without members last.
    """
    twins, signs = same_weights(weights), excitatory_signs(weights)
    found = [
        _assembly(
            unit, signs[unit] * weights[:, unit], signs[unit] * hidden[:, unit], neurons
        )._replace(duplicates=tuple(np.flatnonzero(twins[unit]).tolist()))
        for unit in range(weights.shape[1])
    ]
    return sorted(found, key=lambda each: (each.size == 0, -each.importance, each.unit))


def members_of(weights: NDArray[np.floating]) -> NDArray[np.int64]:
    """Neurons of a unit, the largest |weight| first.

    Parameters
    ----------
    weights : ndarray, (n_neurons,)

    Returns
    -------
    ndarray of int
        Empty for a unit without weights.
    """
    sizes = np.abs(weights)
    order = np.argsort(-sizes, kind="stable")
    return order[sizes[order] >= membership_threshold(weights)]


def _assembly(
    unit: int, weights: NDArray[np.float64], trace: NDArray[np.float64], neurons: NeuronFacts
) -> Assembly:
    members = members_of(weights)
    strong = weights[members]
    wells = two_wells(trace)
    border = (wells.low + wells.high) / 2
    alive = len(members) > 0 and np.ptp(trace) > 0
    return Assembly(
        unit=unit,
        members=members,
        weights=strong,
        threshold=membership_threshold(weights),
        share=len(members) / len(weights),
        n_positive=int((strong > 0).sum()),
        n_negative=int((strong < 0).sum()),
        importance=float(weights @ weights * trace.var()),
        trace=trace,
        active_above=border,
        active_share=float((trace > border).mean()) if alive else 0.0,
        regions=region_shares(members, neurons),
        spread_um=spread_um(members, neurons.positions_um),
        duplicates=(),
    )
