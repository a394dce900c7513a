"""Which hidden unit is which planted assembly."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment


def matched_correlations(weights: NDArray, truth: NDArray) -> NDArray[np.float64]:
    """Absolute Pearson correlation of each true assembly with the unit matched to it.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    truth : ndarray, (n_neurons, n_assemblies)

    Returns
    -------
    ndarray, (n_assemblies,)
        The one-to-one matching of greatest total correlation; 0 where hidden units run out or
        where either column is constant.
    """
    units, assemblies = (_standardised(each) for each in (weights, truth))
    correlation = np.abs(assemblies.T @ units)
    rows, columns = linear_sum_assignment(-correlation)
    matched = np.zeros(truth.shape[1])
    matched[rows] = correlation[rows, columns]
    return matched


def _standardised(columns: NDArray) -> NDArray[np.float64]:
    """Columns of mean 0 and norm 1, zeros where they are constant."""
    centred = columns - columns.mean(axis=0, dtype=np.float64)
    norms = np.linalg.norm(centred, axis=0)
    return centred / np.where(norms > 0, norms, 1)
