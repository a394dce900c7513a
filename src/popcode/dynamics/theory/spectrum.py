"""The spectrum of a symmetric network of which the leading eigenvalues are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.ensemble import semicircle_quantiles
from popcode.dynamics.schedule import Schedule
from popcode.dynamics.theory.modes import binned_variance

Float = NDArray[np.floating]


def spectrum_from_leading(
    leading: Float, n_neurons: int, bulk_edge: float, schedule: Schedule
) -> Float:
    """Eigenvalues of the covariance of binned activity, largest first, of mean 1.

    Parameters
    ----------
    leading : ndarray, (n_leading,)
        Largest eigenvalues of the connectivity, largest first; all of them or some.
    n_neurons : int
    bulk_edge : float
        Edge of the semicircle that the others are taken from, at its quantiles. Eigenvalues of
        large matrices stand still: their sum is right far beyond what single ones are.
    schedule : Schedule

    Returns
    -------
    ndarray of float64, (n_neurons,)
    """
    rest = semicircle_quantiles(n_neurons)[len(leading) :] * bulk_edge
    values = np.concatenate((leading, np.minimum(rest, leading[-1])))
    variances = binned_variance(values, schedule)
    return variances / variances.mean()
