"""Which bins have a partner one lag later: in the same segment, both valid."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.recording.segments import segment_lengths, segment_of_bins

Int = NDArray[np.int64]
Mask = NDArray[np.bool_]


def first_bins(segment_starts: Int, n_bins: int, lag: int, valid: Any = None) -> Int:
    """Bins t for which t and t + lag lie in one segment and are both valid, (n_pairs,).

    Parameters
    ----------
    segment_starts : ndarray of int, (n_segments,)
    n_bins : int
    lag : int
        In bins.
    valid : array-like of bool, (n_bins,), optional
        Bins that may be used; the bins between the two of a pair are not asked.

    Returns
    -------
    ndarray of int, increasing

    Raises
    ------
    InputError
        No segment longer than the lag, a mask of another length, no valid pair.
    """
    longest = int(segment_lengths(segment_starts, n_bins).max())
    if longest <= lag:
        raise InputError(
            f"the longest segment is {longest:,} bins and the lag {lag:,}: no pair of bins is left",
            remedy="Give a shorter lag, or longer segments",
        )
    starts = np.arange(n_bins - lag)
    segments = segment_of_bins(segment_starts, np.arange(n_bins))
    kept = segments[: n_bins - lag] == segments[lag:]
    if valid is not None:
        mask = _checked_mask(valid, n_bins)
        kept &= mask[: n_bins - lag] & mask[lag:]
    if not kept.any():
        raise InputError(
            f"no two valid bins are {lag:,} bins apart in one segment",
            remedy="Give a shorter lag, or more valid bins",
        )
    return starts[kept]


def units_of_pairs(starts: Int, segment_starts: Int, n_units: int) -> Int:
    """Stretch of time that each pair belongs to, for resampling, (n_pairs,) from 0 up.

    Whole segments where there are at least `n_units` of them with pairs (several together where
    there are more), else equal shares of the pairs in order of time.
    """
    segment = segment_of_bins(segment_starts, starts)
    used, inverse = np.unique(segment, return_inverse=True)
    if used.size >= n_units:
        return inverse * n_units // used.size
    n_units = min(n_units, starts.size)
    return np.arange(starts.size) * n_units // starts.size


def _checked_mask(valid: Any, n_bins: int) -> Mask:
    mask = np.asarray(valid)
    if mask.dtype != np.bool_ or mask.shape != (n_bins,):
        raise InputError(
            f"valid has shape {mask.shape} and type {mask.dtype} for {n_bins:,} bins",
            remedy="Give one True or False a bin",
        )
    return mask
