"""Autocorrelation of the activity of a population, within the stretches of a recording.

Products are kept by block of bins, so that the whole curve, those of two halves and those of
resampled blocks come from one pass. A block's products start in it and may end in the next block,
never in another segment.

What is subtracted is the mean over all bins, not that of each segment: a segment's own mean takes
with it every fluctuation slower than the segment, and bends the curve down by about 2 tau / length
of the segment. The mean of the whole still costs 2 tau / n_bins (tau the summed correlation in
bins): small for a recording of many tau, and the same for pooled chains.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft

from popcode.errors import InputError

Values = npt.NDArray[np.float64]


class LagSums(NamedTuple):
    """Sums over the pairs (t, t + lag) of each block, each of shape (n_blocks, max_lag + 1).

    Attributes
    ----------
    products : of d_t d_(t + lag), d the activity less its mean over all bins
    ends : of d_t + d_(t + lag)
    counts : number of pairs
    """

    products: Values
    ends: Values
    counts: Values


def lag_sums(
    activity: npt.NDArray, segment_starts: npt.NDArray, max_lag: int, n_blocks: int
) -> LagSums:
    """Sums behind the autocorrelation, block by block.

    Parameters
    ----------
    activity : ndarray, shape (n_bins,)
    segment_starts : ndarray of int, shape (n_segments,)
        First bin of every contiguous stretch.
    max_lag : int
        Bins.
    n_blocks : int
        Wanted; every segment is cut by itself, so that there are at least as many as segments.

    Returns
    -------
    LagSums

    Raises
    ------
    InputError
        No segment is longer than the largest lag.
    """
    n_bins = len(activity)
    stops = np.append(segment_starts[1:], n_bins)
    longest = int(np.max(stops - segment_starts))
    if not 1 <= max_lag < longest:
        raise InputError(
            f"a lag of {max_lag} bins, where the longest stretch has {longest}",
            remedy="Give a shorter lag, of at least one bin",
        )
    centred = np.asarray(activity, dtype=np.float64) - np.mean(activity, dtype=np.float64)
    size = -(-n_bins // n_blocks)
    found = [
        _block_sums(centred[a:end], min(size, end - a), max_lag)
        for start, end in zip(segment_starts, stops, strict=True)
        for a in range(start, end, size)
    ]
    return LagSums(*(np.array(sums) for sums in zip(*found, strict=True)))


def _block_sums(rest: Values, n_first: int, max_lag: int) -> tuple[Values, Values, Values]:
    """Sums of the pairs that start in the first bins of what is left of a segment."""
    lags = np.arange(max_lag + 1)
    reached = rest[: n_first + max_lag]
    n = next_fast_len(n_first + max(len(reached), max_lag + 1), real=True)
    products = irfft(np.conj(rfft(rest[:n_first], n)) * rfft(reached, n), n)[: max_lag + 1]
    counts = np.clip(len(rest) - lags, 0, n_first)
    totals = np.append(0.0, np.cumsum(reached))
    later = np.minimum(lags, len(reached))
    last = np.minimum(lags + counts, len(reached))
    ends = totals[counts] + totals[last] - totals[later]
    products = np.where(counts > 0, products, 0.0).astype(np.float64)
    return products, np.where(counts > 0, ends, 0.0), counts.astype(np.float64)


def curves(sums: LagSums, weights: npt.NDArray) -> Values:
    """Autocorrelation curves of weighted blocks, each about its own mean.

    Parameters
    ----------
    sums : LagSums
    weights : ndarray, shape (n_curves, n_blocks)
        How often each block is taken.

    Returns
    -------
    ndarray, shape (n_curves, max_lag + 1)
        1 at lag 0; nan where no pair is left, or nothing varies.
    """
    products, ends, counts = (np.asarray(weights, dtype=np.float64) @ each for each in sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = ends[:, :1] / (2 * counts[:, :1])
        covariances = (products - mean * ends) / counts + mean**2
        variances = covariances[:, :1]
        # The transform leaves rounding where nothing varies.
        variances[variances <= 1e-12 * (mean**2 + 1e-12)] = np.nan
        return covariances / variances


def resampled_weights(n_blocks: int, n_resamples: int, rng: np.random.Generator) -> Values:
    """How often each block is drawn in bootstrap resamples, shape (n_resamples, n_blocks)."""
    return rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), n_resamples).astype(float)
