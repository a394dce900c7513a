"""Eigenvalues of the correlation matrix."""

import numpy as np

from popcode.dynamics.spectra.decompositions import Search, of_covariance
from popcode.dynamics.spectra.result import Spectrum
from popcode.dynamics.standardised import Standardised
from popcode.threads import Team


def direct(activity: Standardised, search: Search) -> Spectrum:
    """Eigenvalues of Z^T Z / n_bins, largest first.

    Noise of single neurons, and of few bins, is in every value: it flattens the spectrum.
    """
    with Team() as team:
        found = of_covariance(activity, search, team)
    return Spectrum(
        values=np.asarray(found.values, dtype=np.float64),
        method="direct",
        n_bins=activity.n_bins,
        neurons=activity.neurons,
        halves=None,
        division="none",
        errors=found.errors,
        totals=None,
    )
