"""Whether a model's samples lie among the data, or apart from them, or on top of them.

Adversarial accuracy (Yale et al. 2020, Neurocomputing 416:244): how often the nearest neighbour of
a bin is of its own set. 0.5 is ideal. Binary bins often have many neighbours at the same distance
(the silent bin recurs), and counting `nearer` alone would then favour one side; here a tie goes to
each neighbour at the least distance with the same chance (the nearest-neighbour classifier of
Lopez-Paz & Oquab 2017, its ties broken evenly). Both sets offer each bin n - 1 neighbours, its own
partner being left out of either, so that two sets of one law give exactly 0.5 on average.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.metrics.jackknife import N_BLOCKS, block_edges, estimate, jackknife_error, left_out

_ROWS = 512

Binary = npt.NDArray[np.uint8]


class Nearest(NamedTuple):
    """Nearest neighbours in each block of a set, each of shape (n_bins, n_blocks).

    Attributes
    ----------
    least : distance to the nearest of the block
    number : how many of the block are at that distance
    """

    least: npt.NDArray[np.float32]
    number: npt.NDArray[np.float32]


class AdversarialAccuracy(NamedTuple):
    """How often the nearest neighbour is of the own set.

    How to read it: 0.5 each is ideal. `truth` above 0.5: data lie where the model rarely goes.
    `samples` above 0.5: the model's samples keep to themselves. Below 0.5: samples copy the data.
    Bins of a recording resemble those just before them, which lifts even data against other data
    above 0.5: read beside the ceiling.

    Attributes
    ----------
    truth, samples, mean : float
        AA_truth, AA_syn and their mean.
    low, high : float
        95 % interval of the mean over blocks of bins.
    n_bins : int
        Of each set.
    """

    truth: float
    samples: float
    mean: float
    low: float
    high: float
    n_bins: int


def adversarial_accuracy(truth: Binary, samples: Binary) -> AdversarialAccuracy:
    """Nearest-neighbour accuracy of two sets of binary states by Hamming distance.

    Parameters
    ----------
    truth, samples : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones; as many of each, in no order that pairs them.

    Returns
    -------
    AdversarialAccuracy

    Raises
    ------
    InputError
        Sets of different shapes or of fewer than three bins.
    """
    if truth.shape != samples.shape or len(truth) < 3:
        raise InputError(
            f"sets of shapes {truth.shape} and {samples.shape}",
            remedy="Give as many samples as true bins, at least three",
        )
    edges = block_edges(len(truth), min(N_BLOCKS, len(truth)))
    across, back = _nearest(truth, samples, edges), _nearest(samples, truth, edges)
    pairs = (_nearest(truth, truth, edges), across), (_nearest(samples, samples, edges), back)
    whole = np.ones(len(edges) - 1, dtype=bool)
    of_truth, of_samples = (_own_share(own, other, whole).mean() for own, other in pairs)
    mean = (of_truth + of_samples) / 2
    error = _error(pairs, edges)
    return AdversarialAccuracy(
        float(of_truth), float(of_samples), *estimate(mean, error), n_bins=len(truth)
    )


def _error(pairs: tuple[tuple[Nearest, Nearest], ...], edges: npt.NDArray) -> float:
    """Jackknife: every block of both sets leaves as bins and as neighbours of others."""
    without = []
    for taken in left_out(len(edges) - 1) > 0:
        rows = np.repeat(taken, np.diff(edges))
        shares = [_own_share(own, other, taken)[rows].mean() for own, other in pairs]
        without.append(np.mean(shares))
    return float(jackknife_error(np.array(without)))


def _nearest(x: Binary, y: Binary, edges: npt.NDArray) -> Nearest:
    """Least Hamming distance of each row of x to each block of rows of y, its partner left out.

    |x - y| = |x| + |y| - 2 x.y, a float32 product that is exact below 2**24.
    """
    wide = y.astype(np.float32)
    sizes = wide.sum(axis=1)
    found = Nearest(*(np.empty((len(x), len(edges) - 1), np.float32) for _ in Nearest._fields))
    for start in range(0, len(x), _ROWS):
        rows = x[start : start + _ROWS].astype(np.float32)
        distances = (-2 * rows) @ wide.T
        distances += sizes
        distances += rows.sum(axis=1)[:, None]
        own = np.arange(len(rows))
        distances[own, start + own] = np.inf
        part = slice(start, start + len(rows))
        for block, (a, b) in enumerate(pairwise(edges)):
            least = distances[:, a:b].min(axis=1)
            found.least[part, block] = least
            found.number[part, block] = (distances[:, a:b] == least[:, None]).sum(axis=1)
    return found


def _own_share(
    own: Nearest, other: Nearest, taken: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Share of each bin's nearest neighbours in the blocks taken that are of its own set."""
    least = np.minimum(own.least[:, taken], other.least[:, taken]).min(axis=1, keepdims=True)
    of_own, of_other = (
        np.where(each.least[:, taken] == least, each.number[:, taken], 0).sum(axis=1)
        for each in (own, other)
    )
    return of_own / (of_own + of_other).astype(np.float64)
