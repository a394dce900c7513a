"""Shared variance on bins that found no component: cross-validated in neurons and in time."""

from typing import NamedTuple

import numpy as np

from popcode.dynamics.halves import Halves
from popcode.dynamics.spectra.decompositions import Decomposed, Search, of_cross_covariance
from popcode.dynamics.spectra.products import Values, projected
from popcode.dynamics.spectra.result import Spectrum
from popcode.dynamics.spectra.svca2 import first_half_first
from popcode.dynamics.standardised import Standardised
from popcode.threads import Team


class Scores(NamedTuple):
    """Along each component, (n_components,): the variance that halves share, and all of it."""

    reliable: Values
    total: Values


def svca(train: Standardised, test: Standardised, halves: Halves, search: Search) -> Spectrum:
    """Reliable variance of the components of two halves of the neurons.

    Singular vectors u_k, v_k of the covariance between the halves come from the bins of `train`;
    on those of `test`, value k is the mean of (Z_I u_k)(Z_J v_k), and its total the mean of
    ((Z_I u_k)^2 + (Z_J v_k)^2) / 2.

    References
    ----------
    Stringer et al., "Spontaneous behaviors drive multidimensional, brainwide activity", Science
    364, eaav7893 (2019).
    """
    n_first = int(np.count_nonzero(halves.first))
    with Team() as team:
        found = of_cross_covariance(first_half_first(train, halves), n_first, search, team)
        scores = _scores(first_half_first(test, halves), n_first, found, team)
    share = test.n_bins / (train.n_bins + test.n_bins)
    return Spectrum(
        values=scores.reliable,
        method="svca",
        n_bins=train.n_bins + test.n_bins,
        neurons=train.neurons,
        halves=halves.first,
        division=f"{halves.rule}; {share:.0%} of the bins held out",
        errors=found.errors,
        totals=scores.total,
    )


def _scores(activity: Standardised, n_first: int, found: Decomposed, team: Team) -> Scores:
    left, right = (np.ascontiguousarray(v, dtype=np.float32) for v in (found.left, found.right))
    reliable, total = np.zeros(left.shape[1]), np.zeros(left.shape[1])
    for _, z in activity.blocks(team):
        one = projected(team, z[:, :n_first], left)
        other = projected(team, z[:, n_first:], right)
        reliable += np.einsum("ij,ij->j", one, other, dtype=np.float64)
        total += (np.square(one, dtype=np.float64) + np.square(other, dtype=np.float64)).sum(0) / 2
    return Scores(reliable / activity.n_bins, total / activity.n_bins)
