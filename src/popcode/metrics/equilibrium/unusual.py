"""Bins that surprise a model more than bins with as many active neurons do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.equilibrium.models import Values

LEAST_ALIKE = 20


class Unusual(NamedTuple):
    """The most unusual bins, the most unusual first, each of shape (n_found,).

    Attributes
    ----------
    bins : ndarray of int64
    beyond : ndarray
        Surprise beyond that of bins with as many active neurons, nats.
    """

    bins: npt.NDArray[np.int64]
    beyond: Values


def beyond_activity(surprise: Values, active: npt.NDArray[np.int64]) -> Values:
    """Surprise less the mean of bins with as many active neurons, (n_bins,), in nats.

    A bin with many active neurons is rare, whichever they are. What is left says that these
    neurons do not belong together, or that some that belong with them are silent.

    Parameters
    ----------
    surprise : ndarray, shape (n_bins,)
    active : ndarray of int64, shape (n_bins,)
        Active neurons in each bin; numbers that fewer than 20 bins have are taken together
        with those next above.
    """
    group = _groups(np.bincount(active))[active]
    means = np.bincount(group, surprise) / np.maximum(np.bincount(group), 1)
    return surprise - means[group]


def most_unusual(beyond: Values, n: int, apart: int) -> Unusual:
    """The bins with the largest values, at least so many bins apart from one another."""
    left = np.where(np.isfinite(beyond), beyond, -np.inf)
    found: list[int] = []
    while len(found) < n and np.isfinite(best := left.max()) and best > 0:
        at = int(np.argmax(left))
        found.append(at)
        left[max(at - apart + 1, 0) : at + apart] = -np.inf
    bins = np.array(found, np.int64)
    return Unusual(bins, beyond[bins])


def _groups(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Group of each number of active neurons; what is left at the top joins the last group."""
    group, n_groups, filled = np.empty(counts.size, np.int64), 0, 0
    for k, count in enumerate(counts):
        group[k] = n_groups
        filled += count
        if filled >= LEAST_ALIKE:
            n_groups, filled = n_groups + 1, 0
    return np.minimum(group, max(n_groups - 1, 0))
