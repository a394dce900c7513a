"""How far finitely many bins raise the spectrum of their covariance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from popcode.errors import InputError


def finite_sample_spectrum(values: ArrayLike, n_bins: float) -> NDArray[np.float64]:
    """Expected eigenvalues of a sample covariance, s_k + sum_{j > k} s_j / n_bins.

    The first order of the spiked model (Baik and Silverstein, J. Multivar. Anal. 97, 2006): every
    direction is raised by the noise that the ones below it put into n_bins bins. Right for ranks
    well below `n_bins`; neighbours in rank repel each other further. Bins that resemble the ones
    before them count for less than one.

    Parameters
    ----------
    values : array_like, (n_values,)
        All eigenvalues, largest first.
    n_bins : float
        Independent bins.

    Raises
    ------
    InputError
        Fewer than one bin, or values that are not in falling order.
    """
    spectrum = np.asarray(values, np.float64)
    if not n_bins >= 1:
        raise InputError(f"n_bins is {n_bins!r}", remedy="Give at least 1")
    if spectrum.ndim != 1 or (np.diff(spectrum) > 0).any():
        raise InputError("the eigenvalues do not fall", remedy="Give all of them, largest first")
    below = spectrum.sum() - np.cumsum(spectrum)
    return spectrum + np.maximum(below, 0) / n_bins
