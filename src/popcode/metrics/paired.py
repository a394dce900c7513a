"""Two models on the same bins: the mean difference of their scores, with an interval.

What makes a bin easy or hard is common to both models and cancels. Neighbouring bins are not
independent, so whole stretches of the recording are drawn with replacement (the block bootstrap:
Künsch, Annals of Statistics 17, 1217, 1989).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from popcode.errors import InputError

# Segments longer than this share of the recording are cut, so that there are draws enough.
_LEAST_BLOCKS = 40
_N_DRAWS = 4000
_NORMAL_95 = 1.96
_FEWEST_BINS = 10
_STREAM = 41


class PairedDifference(NamedTuple):
    """Mean of a - b over bins.

    Attributes
    ----------
    mean, low, high : float
        With its 95 % interval; the difference is told from 0 where that leaves 0 out.
    standard_error : float
    n_blocks : int
        Stretches of the recording behind the interval.
    """

    mean: float
    low: float
    high: float
    standard_error: float
    n_blocks: int


def paired_difference(
    a: npt.NDArray[np.float64],
    b: npt.NDArray[np.float64],
    segment_starts: npt.NDArray[np.int64],
    seed: int,
) -> PairedDifference:
    """Compare the scores of two models on the same bins.

    Parameters
    ----------
    a, b : ndarray of float64, shape (n_bins,)
        Score of every bin, such as its log-likelihood in nats.
    segment_starts : ndarray of int, shape (n_segments,)
        First bin of every contiguous stretch, from 0. Segments are drawn whole, but for those
        longer than a fortieth of the recording, which are cut evenly.
    seed : int

    Returns
    -------
    PairedDifference
        Its unit is that of the scores.

    Raises
    ------
    InputError
        Scores of different lengths, fewer than ten bins, scores that are not finite, or segments
        that do not begin at 0 and increase.
    """
    difference = _checked_difference(a, b)
    edges = block_edges(segment_starts, difference.size)
    n_blocks = edges.size - 1
    mean, means = float(difference.mean()), _drawn_means(difference, edges, seed)
    error = float(means.std())
    # Neighbouring blocks that are alike make the error too small: pairs of them then say more.
    doubled = float(_drawn_means(difference, edges[::2], seed).std()) if n_blocks >= 20 else error
    wider = max(doubled / error, 1.0) if error > 0 else 1.0
    # The error is itself known from so many blocks: Student's law has wider tails than the draws.
    reach = wider * float(stdtrit(n_blocks - 1, 0.975)) / _NORMAL_95
    low, high = mean + reach * (np.quantile(means, (0.025, 0.975)) - mean)
    return PairedDifference(mean, float(low), float(high), wider * error, n_blocks)


def _drawn_means(
    difference: npt.NDArray[np.float64], edges: npt.NDArray[np.int64], seed: int
) -> npt.NDArray[np.float64]:
    """Means over blocks drawn with replacement, spread as means of independent blocks are."""
    edges = edges if edges[-1] == difference.size else np.append(edges, difference.size)
    sums, sizes = np.add.reduceat(difference, edges[:-1]), np.diff(edges)
    rng = np.random.default_rng((seed, _STREAM))
    counts = rng.multinomial(sizes.size, np.full(sizes.size, 1 / sizes.size), _N_DRAWS)
    means = (counts @ sums) / (counts @ sizes)
    # Between n blocks the spread is that of n - 1: the draws alone would make it too small.
    return difference.mean() + np.sqrt(sizes.size / (sizes.size - 1)) * (means - difference.mean())


def block_edges(segment_starts: npt.NDArray[np.int64], n_bins: int) -> npt.NDArray[np.int64]:
    """Cut a recording into the blocks that are drawn, (n_blocks + 1,) from 0 to `n_bins`.

    Raises
    ------
    InputError
        Segments that do not begin at 0 and increase below `n_bins`.
    """
    starts = np.asarray(segment_starts, np.int64)
    lengths = np.diff(np.append(starts, n_bins))
    if starts.size == 0 or starts[0] != 0 or (lengths <= 0).any():
        raise InputError(
            f"segment_starts {starts[:5].tolist()}... of {n_bins} bins",
            remedy="Give the first bin of every segment, increasing from 0",
        )
    longest = max(-(-n_bins // _LEAST_BLOCKS), 1)
    parts = -(-lengths // longest)
    cuts = [
        start + length * np.arange(n) // n
        for start, length, n in zip(starts, lengths, parts, strict=True)
    ]
    return np.append(np.concatenate(cuts), n_bins)


def _checked_difference(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape or a.ndim != 1 or a.size < _FEWEST_BINS:
        raise InputError(
            f"scores of shapes {a.shape} and {b.shape}",
            remedy=f"Score both models on the same bins, at least {_FEWEST_BINS}",
        )
    bad = ~(np.isfinite(a) & np.isfinite(b))
    if bad.any():
        raise InputError(
            f"{bad.sum()} scores are not finite", where=f"bin {bad.argmax()}",
            remedy="A model that finds a bin impossible cannot be compared in the mean",
        )  # fmt: skip
    return a - b
