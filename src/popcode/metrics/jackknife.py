"""Errors of statistics of bins that depend on their neighbours in time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError

N_BLOCKS = 20
NORMAL_95 = 1.959964


class Estimate(NamedTuple):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


def block_edges(n_bins: int, n_blocks: int = N_BLOCKS) -> npt.NDArray[np.int64]:
    """Edges of contiguous blocks of nearly equal length.

    A block should be longer than what correlates bins in time; then blocks are nearly independent,
    and what varies from block to block is the error of the whole.

    Parameters
    ----------
    n_bins, n_blocks : int

    Returns
    -------
    ndarray of int64, shape (n_blocks + 1,)

    Raises
    ------
    InputError
        Fewer bins than blocks, or fewer than two blocks.
    """
    if n_blocks < 2 or n_bins < n_blocks:
        raise InputError(
            f"{n_bins} bins cannot be cut into {n_blocks} blocks",
            remedy="At least 2, of a bin each",
        )
    return np.arange(n_blocks + 1, dtype=np.int64) * n_bins // n_blocks


def left_out(n_blocks: int) -> npt.NDArray[np.float64]:
    """Weights of the blocks when each in turn is left out, shape (n_blocks, n_blocks)."""
    return 1.0 - np.eye(n_blocks)


def alternate_halves(n_blocks: int) -> npt.NDArray[np.float64]:
    """Weights of the blocks for two halves that alternate in time, shape (2, n_blocks).

    Alternation gives both halves the same share of whatever drifts slowly.
    """
    even = np.arange(n_blocks) % 2 == 0
    return np.array([even, ~even], dtype=np.float64)


def jackknife_error(values: npt.NDArray) -> npt.NDArray[np.float64]:
    """Standard error from a statistic's values with each block left out in turn.

    ``sqrt((n - 1) / n sum_k (theta_k - mean theta)^2)`` (Efron & Tibshirani 1993, equation 11.5).

    Parameters
    ----------
    values : ndarray, shape (n_blocks, ...)

    Returns
    -------
    ndarray, shape (...)
    """
    n = len(values)
    deviations = np.asarray(values, dtype=np.float64) - np.mean(values, axis=0)
    return np.sqrt((n - 1) / n * np.sum(deviations**2, axis=0))


def estimate(value: float, error: float) -> Estimate:
    """The value 1.96 standard errors either way, as plain numbers."""
    reach = NORMAL_95 * float(error)
    return Estimate(float(value), float(value) - reach, float(value) + reach)
