"""Stretches of the training bins that a baseline sets apart to choose something by."""

import numpy as np
from numpy.typing import NDArray

_STRETCHES, _APART = 10, (2, 5, 8)


def apart_bins(n_bins: int) -> NDArray[np.bool_]:
    """Three of ten stretches of equal length, (n_bins,): whole ones, since neighbours are alike."""
    return np.isin(np.arange(n_bins) * _STRETCHES // n_bins, _APART)
