"""A correlogram's exponential decay, allowing for the mean that was subtracted from each block."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
FASTEST = 0.2  # bins: e^-5 is left after one
_POINTS = 300


class Decays(NamedTuple):
    """Candidate decays.

    Attributes
    ----------
    log_timescales : ndarray, (n_candidates,)
        Natural logarithm of the timescale in bins, evenly spaced.
    shapes : ndarray, (n_candidates, n_lags)
        What is expected at lags 1 to n_lags, of unit length under the weights.
    weights : ndarray, (n_lags,)
        Square roots of the number of pairs of bins.
    """

    log_timescales: Float
    shapes: Float
    weights: Float


def decays(block_bins: Int, n_pairs: Int, slowest: float) -> Decays:
    """Shapes exp(-lag / tau) - m(tau) on a grid of tau.

    m is the variance of the mean of a block, which z-scoring within blocks takes away. Where a
    block is made of many segments, they are taken to follow each other without a gap: with gaps
    less is taken away, and slow decays come out slower than they are, never faster. Lag 0 is
    left out: activity averaged over a bin decays exponentially from lag 1 on, and noise that both
    halves share within a bin does not count.

    Parameters
    ----------
    block_bins : ndarray of int, (n_blocks,)
        Bins of each block.
    n_pairs : ndarray of int, (n_lags,)
        Pairs of bins at lags 1 to n_lags, the weight of each.
    slowest : float
        Largest timescale, in bins.

    Returns
    -------
    Decays
    """
    log_timescales = np.linspace(np.log(FASTEST), np.log(slowest), _POINTS)
    rates = np.exp(-log_timescales)
    lags = np.arange(1, n_pairs.size + 1)
    lost = np.mean([_variance_of_mean(rates, int(n)) for n in block_bins], axis=0)
    weights = np.sqrt(n_pairs.astype(np.float64))
    shapes = (np.exp(-np.outer(rates, lags)) - lost[:, None]) * weights
    return Decays(log_timescales, shapes / np.linalg.norm(shapes, axis=1)[:, None], weights)


def fit_decays(correlograms: Float, candidates: Decays) -> Float:
    """Least-squares timescale of each correlogram, in bins.

    Parameters
    ----------
    correlograms : ndarray, (n_lags, n_components)
        At lags 1 to n_lags, in any unit.
    candidates : Decays

    Returns
    -------
    ndarray, (n_components,)
        The largest candidate where the best is no smaller; nan where no decay of positive
        amplitude fits better than none.
    """
    explained = candidates.shapes @ (correlograms * candidates.weights[:, None])
    best = explained.argmax(axis=0)
    columns = np.arange(best.size)
    inside = np.clip(best, 1, len(explained) - 2)
    before, at, after = (explained[inside + step, columns] for step in (-1, 0, 1))
    curvature = before - 2 * at + after
    step = np.divide(before - after, 2 * curvature, out=np.zeros_like(at), where=curvature < 0)
    spacing = candidates.log_timescales[1] - candidates.log_timescales[0]
    moved = np.where(best == inside, np.clip(step, -0.5, 0.5), 0.0) * spacing
    timescale = np.exp(candidates.log_timescales[best] + moved)
    return np.where(explained[best, columns] > 0, timescale, np.nan)


def _variance_of_mean(rates: Float, n: int) -> Float:
    """Variance of the mean of n bins of an AR(1) process of variance 1, (n_rates,).

    [n + 2 sum_k (n - k) rho^k] / n², rho = exp(-rate).
    """
    rho, lost = np.exp(-rates), -np.expm1(-rates)
    # n - (1 - rho^n) / (1 - rho) from expm1: the difference is lost where rho is near 1.
    later = n + np.expm1(-n * rates) / lost
    return (n + 2 * rho / lost * later) / n**2
