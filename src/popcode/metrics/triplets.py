"""Third moments of a million triplets of neurons, with the errors that time leaves on them."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.coincidence import pack_bins
from popcode.metrics.jackknife import (
    NORMAL_95,
    alternate_halves,
    block_edges,
    jackknife_error,
    left_out,
)
from popcode.metrics.scoring import agreement, rmse
from popcode.metrics.triplet_kernels import count_triplets
from popcode.metrics.tuples import Indices
from popcode.threads import Team

N_TRIPLETS = 1_000_000
N_BLOCKS = 10
_TRIPLETS_PER_CALL = 20_000

Values = npt.NDArray[np.float64]
Triplets = tuple[Indices, Indices, Indices]


class TripletCounts(NamedTuple):
    """Coincidences of triplets in each block of bins; they add up over blocks.

    Attributes
    ----------
    tuples : ndarray of int32, shape (n_blocks, 4, n_triplets)
        Bins in which i j k, j k, i k and i j are active together.
    singles : ndarray of int64, shape (n_blocks, 3, n_triplets)
        Bins in which i, j and k are active.
    n_bins : ndarray of int64, shape (n_blocks,)
    """

    tuples: npt.NDArray[np.int32]
    singles: npt.NDArray[np.int32]
    n_bins: npt.NDArray[np.int64]


class TripletReference(NamedTuple):
    """Connected third moments of the test bins.

    Attributes
    ----------
    whole : ndarray, shape (n_triplets,)
    without : ndarray, shape (n_blocks, n_triplets)
        With each block of bins left out.
    halves : ndarray, shape (2, n_triplets)
        Of the two halves that alternate block by block.
    """

    whole: Values
    without: Values
    halves: Values


class TripletAgreement(NamedTuple):
    """A model's connected third moments against the test bins'.

    How to read it: `pearson` is to be held against `pearson_ceiling`, what a model without error
    reaches on moments as noisy as these test bins leave them, and against `pearson_independent`.
    A slope below 1 is a model whose third moments are too small.

    Attributes
    ----------
    pearson, pearson_low, pearson_high, slope, rmse : float
        With a 95 % interval over blocks of test bins.
    pearson_split_half : float
        Of the two halves of the test bins that alternate block by block.
    pearson_ceiling : float
        sqrt(2 r / (1 + r)) of it (Spearman and Brown; attenuation); nan where r is not above 0.
    pearson_independent, rmse_independent : float
    n_triplets : int
    """

    pearson: float
    pearson_low: float
    pearson_high: float
    slope: float
    rmse: float
    pearson_split_half: float
    pearson_ceiling: float
    pearson_independent: float
    rmse_independent: float
    n_triplets: int


def count_blocks(
    team: Team, x: npt.NDArray[np.uint8], triplets: Triplets, n_blocks: int = 1
) -> TripletCounts:
    """Coincidences of triplets in contiguous blocks of bins.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.
    triplets : (i, j, k)
    n_blocks : int

    Returns
    -------
    TripletCounts

    Raises
    ------
    InputError
        Fewer bins than blocks.
    """
    i, j, k = (np.ascontiguousarray(each, dtype=np.int64) for each in triplets)
    n = i.size
    edges = block_edges(len(x), n_blocks) if n_blocks > 1 else np.array([0, len(x)])
    tuples = np.empty((n_blocks, 4, n), np.int32)
    singles = np.empty((n_blocks, 3, n), np.int32)
    for block, (a, b) in enumerate(pairwise(edges)):
        packed = pack_bins(x[a:b])
        parts = [slice(s, s + _TRIPLETS_PER_CALL) for s in range(0, n, _TRIPLETS_PER_CALL)]
        team.run(
            partial(count_triplets, packed, i[p], j[p], k[p], tuples[block, :, p]) for p in parts
        )
        active = x[a:b].sum(axis=0, dtype=np.int32)
        singles[block] = active[i], active[j], active[k]
    return TripletCounts(tuples, singles, np.diff(edges))


def connected_moments(counts: TripletCounts, weights: npt.NDArray | None = None) -> Values:
    """Connected third moments <dv_i dv_j dv_k> of the blocks together.

    Parameters
    ----------
    counts : TripletCounts
    weights : ndarray, shape (n_blocks,), optional
        How often each block is taken; by default once.

    Returns
    -------
    ndarray, shape (n_triplets,)
    """
    taken = np.ones(len(counts.n_bins)) if weights is None else weights
    n_bins = taken @ counts.n_bins
    ijk, jk, ik, ij = _weighted_sum(taken, counts.tuples) / n_bins
    i, j, k = _weighted_sum(taken, counts.singles) / n_bins
    return ijk - i * jk - j * ik - k * ij + 2 * i * j * k


def _weighted_sum(weights: npt.NDArray, blocks: npt.NDArray) -> Values:
    """Sum of weights times blocks, without a copy of all blocks as real numbers."""
    total = np.zeros(blocks.shape[1:])
    for weight, block in zip(weights, blocks, strict=True):
        if weight != 0:
            total += weight * block
    return total


def reference_of(test: TripletCounts) -> TripletReference:
    """Third moments of the test bins, of their parts and halves, to score any number of models.

    Parameters
    ----------
    test : TripletCounts
        In at least two blocks.

    Returns
    -------
    TripletReference
    """
    n_blocks = len(test.n_bins)
    return TripletReference(
        connected_moments(test),
        np.array([connected_moments(test, w) for w in left_out(n_blocks)]),
        np.array([connected_moments(test, w) for w in alternate_halves(n_blocks)]),
    )


def score_triplets(test: TripletReference, model: Values, independent: Values) -> TripletAgreement:
    """Agreement of a model's third moments with those of the test bins.

    Parameters
    ----------
    test : TripletReference
    model, independent : ndarray, shape (n_triplets,)
        Connected third moments of samples of the model, and of independent neurons.

    Returns
    -------
    TripletAgreement
    """
    data = test.whole
    pearson, slope = agreement(data, model)
    without = [agreement(each, model)[0] for each in test.without]
    error = float(jackknife_error(np.array(without)))
    split = agreement(*test.halves)[0]
    return TripletAgreement(
        pearson=pearson,
        pearson_low=max(pearson - NORMAL_95 * error, -1.0),
        pearson_high=min(pearson + NORMAL_95 * error, 1.0),
        slope=slope,
        rmse=rmse(model, data),
        pearson_split_half=split,
        pearson_ceiling=float(np.sqrt(2 * split / (1 + split))) if split > 0 else float("nan"),
        pearson_independent=agreement(data, independent)[0],
        rmse_independent=rmse(independent, data),
        n_triplets=data.size,
    )
