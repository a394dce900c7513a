"""Units of many fits grouped by whom they connect: average linkage of |correlation|."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from popcode.analysis.membership.matching import standard_units
from popcode.errors import InputError

Float = NDArray[np.float64]
# Distances of all pairs of so many units are 1.6 GB.
MOST_UNITS = 20_000


def grouped_units(units: Float, same: float) -> NDArray[np.int64]:
    """Group columns whose |correlation| averages at least `same` between groups that are joined.

    Average linkage, and not single linkage, by which a unit that merges two assemblies would
    join both into one group.

    Parameters
    ----------
    units : ndarray, (n_neurons, n_units)
        Columns of mean 0 and norm 1.
    same : float

    Returns
    -------
    ndarray of int, (n_units,)
        Group of each unit, from 0.

    Raises
    ------
    InputError
        More than 20,000 units.
    """
    n_units = units.shape[1]
    if n_units > MOST_UNITS:
        raise InputError(
            f"{n_units:,} living units of all fits together",
            remedy=f"Compare fewer fits at once: at most {MOST_UNITS:,} units",
        )
    if n_units < 2:
        return np.zeros(n_units, np.int64)
    distances = 1 - np.abs(units.T @ units)
    condensed = squareform(np.clip(distances, 0, None), checks=False)
    return fcluster(linkage(condensed, "average"), 1 - same, "distance").astype(np.int64) - 1


def joined_groups(units: Float, groups: NDArray[np.int64], same: float) -> NDArray[np.int64]:
    """Join groups until no two of their means correlate by `same` or more in size.

    A mean lies closer to another mean than single units do, so groups that average linkage keeps
    apart may still be one assembly.

    Parameters
    ----------
    units : ndarray, (n_neurons, n_units)
        Columns of mean 0 and norm 1.
    groups : ndarray of int, (n_units,)
    same : float

    Returns
    -------
    ndarray of int, (n_units,)
    """
    while groups.size:
        means = standard_units(group_means(units, groups))
        alike = np.abs(np.triu(means.T @ means, 1))
        one, other = np.unravel_index(int(alike.argmax()), alike.shape)
        if alike[one, other] < same:
            break
        merged = np.where(groups == other, one, groups)
        groups = np.unique(merged, return_inverse=True)[1].astype(np.int64)
    return groups


def group_means(units: Float, groups: NDArray[np.int64]) -> Float:
    """Mean of every group, its units turned alike, (n_neurons, n_groups)."""
    means = [
        (units[:, groups == group] * common_signs(units[:, groups == group])).mean(axis=1)
        for group in range(groups.max() + 1)
    ]
    return np.stack(means, axis=1)


def common_signs(units: Float) -> Float:
    """Signs by which columns point along their first principal direction, (n_units,).

    The sign of a hidden unit is arbitrary: h and -h with -w are the same model.
    """
    leading = np.linalg.eigh(units.T @ units)[1][:, -1]
    return np.where(leading < 0, -1.0, 1.0)
