"""Correlations between all neurons of a recording."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.dmd.covariances import covariance
from popcode.dynamics.source import source_of
from popcode.recording.memory import refuse_beyond_memory


def correlations_of(x: Any) -> NDArray[np.float64]:
    """Correlation matrix, in one pass over blocks of bins.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), numpy.memmap, or path of a .npy or .h5 file

    Returns
    -------
    ndarray, (n_neurons, n_neurons)

    Raises
    ------
    InputError
        NaN or infinite values, neurons that never change, not enough memory.
    """
    source = source_of(x)
    refuse_beyond_memory(2 * 8 * source.n_neurons**2)
    return covariance(source.read, source.n_bins, source.n_neurons)
