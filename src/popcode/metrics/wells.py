"""The two levels of a signal that switches between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Wells(NamedTuple):
    """Means of the two groups that values fall into, and the number of values in each."""

    low: float
    high: float
    n_low: int
    n_high: int


def two_wells(values: npt.NDArray) -> Wells:
    """Split values where the squared distance from the two groups' means is least (two-means).

    Found exactly from the sorted values, so that it depends on no start and no seed.

    Parameters
    ----------
    values : ndarray, shape (n,)

    Returns
    -------
    Wells
        Both means the value itself, and all values in the lower, where all are equal; nan where a
        value is not finite, or where there is none.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    if not ordered.size or not np.isfinite(ordered[[0, -1]]).all():
        return Wells(float("nan"), float("nan"), ordered.size, 0)
    if ordered[0] == ordered[-1]:
        return Wells(float(ordered[0]), float(ordered[0]), ordered.size, 0)
    n_low = np.arange(1, ordered.size)
    # Centred sums of the two groups cancel: the variance between them takes one of the two.
    sums = np.cumsum(ordered - ordered.mean())[:-1]
    between = sums**2 / (n_low * (ordered.size - n_low))
    between[ordered[1:] == ordered[:-1]] = -1.0  # equal values stay together
    cut = 1 + int(np.argmax(between))
    low, high = ordered[:cut], ordered[cut:]
    return Wells(float(low.mean()), float(high.mean()), low.size, high.size)
