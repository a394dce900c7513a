"""Variance that two halves of the neurons share."""

import numpy as np

from popcode.dynamics.halves import Halves
from popcode.dynamics.spectra.decompositions import Search, of_cross_covariance
from popcode.dynamics.spectra.result import Spectrum
from popcode.dynamics.standardised import Standardised
from popcode.threads import Team


def first_half_first(activity: Standardised, halves: Halves) -> Standardised:
    """The neurons of the first half, then the others."""
    return activity.ordered(
        np.concatenate([np.flatnonzero(halves.first), np.flatnonzero(~halves.first)])
    )


def svca2(activity: Standardised, halves: Halves, search: Search) -> Spectrum:
    """Singular values of Z_I^T Z_J / n_bins between two halves I and J of the neurons.

    Noise that single neurons have by themselves is in no value but through the finite number of
    bins: all bins are used, and no time is held out. Halves do not hold the components of the
    whole, so that values fall too fast as ranks come near the size of a half, whatever the number
    of bins: fit ranks well below it, and hold a model's own value between halves against it.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026), where it is called SVCA2.
    """
    with Team() as team:
        n_first = int(np.count_nonzero(halves.first))
        found = of_cross_covariance(first_half_first(activity, halves), n_first, search, team)
    return Spectrum(
        values=np.asarray(found.values, dtype=np.float64),
        method="svca2",
        n_bins=activity.n_bins,
        neurons=activity.neurons,
        halves=halves.first,
        division=halves.rule,
        errors=found.errors,
        totals=None,
    )
