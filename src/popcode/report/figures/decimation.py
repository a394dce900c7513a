"""Fewer points of a long trace, with its peaks kept."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def min_max(
    values: NDArray[np.floating], most: int = 2000
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    """Lowest and highest value of every window, in their order.

    Parameters
    ----------
    values : ndarray, (n,)
    most : int
        Points at the most.

    Returns
    -------
    index : ndarray of int
        Where the values kept stand; all of them when they are few.
    values : ndarray
    """
    n = len(values)
    if n <= most:
        return np.arange(n), values
    starts = np.linspace(0, n, most // 2 + 1).astype(np.int64)
    windows = pairwise(starts.tolist())
    pairs = [(a + int(values[a:b].argmin()), a + int(values[a:b].argmax())) for a, b in windows]
    kept = np.unique(np.array(pairs).ravel())
    return kept, values[kept]
