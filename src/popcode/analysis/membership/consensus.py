"""Assemblies that return: a consensus set of several fits, none of them twice.

The fits may differ in seed, in hidden units and in penalty, but not in neurons. Units are grouped
by whom they connect; a group's assembly returns in a fit that has a unit in it, however many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.membership.grouping import common_signs, grouped_units, joined_groups
from popcode.analysis.membership.matching import standard_units
from popcode.analysis.membership.members import living_units, members_by_level
from popcode.errors import InputError

Float = NDArray[np.float64]
SAME = 0.7
_STREAM = 74


class Consensus(NamedTuple):
    """Assemblies found in enough of the fits, those that return most often first.

    Attributes
    ----------
    weights : ndarray, (n_neurons, n_assemblies)
        Mean over the fits in which it returned, turned so that its members' weights sum up.
    deviations : ndarray, (n_neurons, n_assemblies)
        Standard deviation over these fits.
    member_share : ndarray, (n_neurons, n_assemblies)
        Of these fits, those in which the neuron is a member.
    returned : ndarray of int, (n_assemblies,)
        In how many fits it returned, of `n_fits`.
    agreement : ndarray, (n_assemblies,)
        Mean correlation between its units of different fits.
    units : ndarray of int, (n_assemblies, n_fits)
        Its unit in each fit, the one closest to the group; -1 where it did not return.
    copies : ndarray of int, (n_assemblies,)
        Further units of the same fits in the group.
    n_fits : int
    n_living : ndarray of int, (n_fits,)
        Units with a weight of at least 0.05.
    """

    weights: Float
    deviations: Float
    member_share: Float
    returned: NDArray[np.int64]
    agreement: Float
    units: NDArray[np.int64]
    copies: NDArray[np.int64]
    n_fits: int
    n_living: NDArray[np.int64]

    @property
    def n_assemblies(self) -> int:
        """Number of assemblies."""
        return len(self.returned)


class _Pool(NamedTuple):
    """Living units of all fits side by side: which fit and unit, weights as fitted and scaled."""

    fit: NDArray[np.int64]
    unit: NDArray[np.int64]
    weights: Float
    standard: Float


class _Assembly(NamedTuple):
    """One row of `Consensus`."""

    weights: Float
    deviations: Float
    member_share: Float
    returned: int
    agreement: float
    units: NDArray[np.int64]
    copies: int


def find_consensus(
    fits: Sequence[NDArray[np.floating]], *, same: float = SAME, least_share: float = 0.5
) -> Consensus:
    """Find the assemblies that return across fits.

    Parameters
    ----------
    fits : sequence of ndarray, (n_neurons, n_hidden)
        Weights of each fit; the numbers of hidden units may differ.
    same : float
        |Correlation| of weights from which two units are one assembly. The same unit found twice
        correlates by .9 and more, and a unit that merges two assemblies by about .7 with each.
    least_share : float
        Of the fits, those in which an assembly must return, and at least two.

    Returns
    -------
    Consensus

    Raises
    ------
    InputError
        Fewer than two fits, different numbers of neurons, `same` or `least_share` out of range.
    """
    _check(fits, same, least_share)
    pool = _pool(fits)
    groups = joined_groups(pool.standard, grouped_units(pool.standard, same), same)
    least = max(2, least_share * len(fits))
    members = [np.flatnonzero(groups == group) for group in range(groups.max(initial=-1) + 1)]
    kept = [
        _assembly(pool, group, len(fits))
        for group in members
        if len(np.unique(pool.fit[group])) >= least
    ]
    kept.sort(key=lambda each: (-each.returned, -each.agreement))
    n_living = np.bincount(pool.fit, minlength=len(fits))
    return _consensus(kept, len(fits[0]), n_living)


def shuffled_fits(fits: Sequence[NDArray[np.floating]], seed: int = 0) -> list[NDArray]:
    """Fits whose units connect shuffled neurons: the control of a consensus.

    Parameters
    ----------
    fits : sequence of ndarray, (n_neurons, n_hidden)
    seed : int

    Returns
    -------
    list of ndarray, (n_neurons, n_hidden)
        Every fit keeps its weights and how its units overlap; what returns across them is chance.
    """
    rng = np.random.default_rng((seed, _STREAM))
    return [np.asarray(weights)[rng.permutation(len(weights))] for weights in fits]


def _check(fits: Sequence[NDArray], same: float, least_share: float) -> None:
    if len(fits) < 2:
        raise InputError(f"{len(fits)} fit", remedy="Give two fits or more, of other seeds")
    sizes = [len(weights) for weights in fits]
    if len(set(sizes)) > 1:
        raise InputError(
            f"fits of {min(sizes):,} and {max(sizes):,} neurons",
            remedy="Compare fits to the same neurons",
        )
    for name, value in (("same", same), ("least_share", least_share)):
        if not 0 <= value <= 1:
            raise InputError(f"{name} is {value!r}", remedy="It must be between 0 and 1")


def _pool(fits: Sequence[NDArray[np.floating]]) -> _Pool:
    living = [np.flatnonzero(living_units(weights)) for weights in fits]
    weights = np.hstack(
        [np.asarray(w, np.float64)[:, k] for w, k in zip(fits, living, strict=True)]
    )
    fit = np.repeat(np.arange(len(fits)), [len(each) for each in living])
    return _Pool(fit, np.concatenate(living), weights, standard_units(weights))


def _assembly(pool: _Pool, group: NDArray[np.int64], n_fits: int) -> _Assembly:
    """Of every fit the unit closest to the group, turned like the others."""
    signs = common_signs(pool.standard[:, group])
    turned = pool.standard[:, group] * signs
    closeness = turned.T @ turned.mean(axis=1)
    chosen = [
        max(np.flatnonzero(pool.fit[group] == fit), key=lambda k: closeness[k])
        for fit in np.unique(pool.fit[group])
    ]
    columns = group[chosen]
    units = np.full(n_fits, -1)
    units[pool.fit[columns]] = pool.unit[columns]
    weights = pool.weights[:, columns] * signs[chosen]
    member = members_by_level(weights)
    mean = weights.mean(axis=1)
    sign = -1.0 if mean[member.mean(axis=1) >= 0.5].sum() < 0 else 1.0
    n = len(columns)
    deviations = weights.std(axis=1, ddof=1)
    between = turned[:, chosen].T @ turned[:, chosen]
    agreement = (between.sum() - np.trace(between)) / (n * (n - 1))
    return _Assembly(
        sign * mean, deviations, member.mean(axis=1), n, float(agreement), units, len(group) - n
    )


def _consensus(kept: list[_Assembly], n_neurons: int, n_living: NDArray[np.int64]) -> Consensus:
    n_fits = len(n_living)

    def columns(name: str) -> Float:
        each = [getattr(assembly, name) for assembly in kept]
        return np.stack(each, axis=1) if each else np.zeros((n_neurons, 0))

    return Consensus(
        columns("weights"),
        columns("deviations"),
        columns("member_share"),
        np.array([each.returned for each in kept], np.int64),
        np.array([each.agreement for each in kept], np.float64),
        np.array([each.units for each in kept], np.int64).reshape(len(kept), n_fits),
        np.array([each.copies for each in kept], np.int64),
        n_fits,
        n_living,
    )
