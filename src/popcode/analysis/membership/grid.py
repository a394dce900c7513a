"""Assemblies against hidden units and penalty: sizes, time scales, empty and doubled units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from popcode.analysis.dynamics import fit_two_levels, hidden_time_constants
from popcode.analysis.membership.matching import same_weights
from popcode.analysis.membership.members import living_units, members_by_level
from popcode.analysis.membership.variance import TwoWay, two_way_variance


class FitFacts(NamedTuple):
    """One fit of a grid.

    Attributes
    ----------
    n_hidden : int
    l1 : float
    n_empty : int
        Units without a weight of 0.05.
    n_copies : int
        Living units beyond the first of every group whose weights correlate by more than 0.8.
    n_effective : int
        Assemblies: hidden units less empty ones and copies. It stops growing with `n_hidden`
        where the recording holds no more.
    mean_size : float
        Mean share of all neurons in an assembly, of the living units; nan where there is none.
    mean_period : float
        Mean over living units of the median time from one onset of activity to the next; nan
        where no unit switched often enough.
    unit : str
        Of `mean_period`: "s", or "bins" where the bin width is unknown.
    """

    n_hidden: int
    l1: float
    n_empty: int
    n_copies: int
    n_effective: int
    mean_size: float
    mean_period: float
    unit: str


class GridEffects(NamedTuple):
    """Analyses of variance by hidden units (first) and penalty (second); None where undefined."""

    mean_size: TwoWay | None
    mean_period: TwoWay | None
    n_effective: TwoWay | None


def describe_fit(
    weights: NDArray[np.floating],
    hidden: NDArray[np.floating],
    segment_starts: NDArray[np.int64],
    *,
    l1: float,
    bin_s: float = float("nan"),
) -> FitFacts:
    """Count and measure the assemblies of one fit.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    hidden : ndarray, (n_bins, n_hidden)
        E[h|v] of the bins.
    segment_starts : ndarray of int, (n_segments,)
        First bin of every contiguous stretch.
    l1 : float
    bin_s : float
        Seconds a bin; nan where unknown.

    Returns
    -------
    FitFacts
    """
    living = living_units(weights)
    n_living = int(living.sum())
    groups = connected_components(same_weights(weights[:, living]))[0] if n_living else 0
    sizes = members_by_level(weights[:, living]).mean(axis=0)
    traces = hidden[:, living]
    constants = hidden_time_constants(traces, fit_two_levels(traces), segment_starts, bin_s=bin_s)
    periods = constants.period[np.isfinite(constants.period)]
    return FitFacts(
        n_hidden=weights.shape[1],
        l1=l1,
        n_empty=weights.shape[1] - n_living,
        n_copies=n_living - int(groups),
        n_effective=int(groups),
        mean_size=float(sizes.mean()) if n_living else float("nan"),
        mean_period=float(periods.mean()) if periods.size else float("nan"),
        unit=constants.unit,
    )


def grid_effects(fits: Sequence[FitFacts]) -> GridEffects:
    """Say how sizes, time scales and numbers of assemblies follow hidden units and penalty.

    Parameters
    ----------
    fits : sequence of FitFacts
        At least two levels of each; several seeds a cell tell the interaction from noise.

    Returns
    -------
    GridEffects
        Fits without a value are left out of its analysis.
    """
    return GridEffects(
        _effects(fits, "mean_size"), _effects(fits, "mean_period"), _effects(fits, "n_effective")
    )


def _effects(fits: Sequence[FitFacts], name: str) -> TwoWay | None:
    known = [fit for fit in fits if np.isfinite(getattr(fit, name))]
    n_hidden, l1 = [fit.n_hidden for fit in known], [fit.l1 for fit in known]
    if len(set(n_hidden)) < 2 or len(set(l1)) < 2 or not _can_be_told_apart(n_hidden, l1):
        return None
    return two_way_variance([getattr(fit, name) for fit in known], n_hidden, l1)


def _can_be_told_apart(n_hidden: list[int], l1: list[float]) -> bool:
    """Whether fits share levels enough: a chain of fits with a level in common joins them all."""
    same = np.equal.outer(n_hidden, n_hidden) | np.equal.outer(l1, l1)
    return bool(connected_components(same)[0] == 1)
