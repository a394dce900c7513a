"""How often neurons are active in the same bin: exact counts, by bits or by matrix product."""

from __future__ import annotations

from functools import reduce

import numpy as np
import numpy.typing as npt

from popcode.metrics.blocks import row_blocks
from popcode.metrics.tuples import Indices

_BLOCK_WORDS = 1 << 17  # a gathered block of 1 MiB stays in the cache


def pack_bins(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Binary activity with 64 bins in a word.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.

    Returns
    -------
    ndarray of uint64, shape (n_neurons, ceil(n_bins / 64))
        Bins past the end are 0.
    """
    n_bins, n_neurons = x.shape
    words = np.empty((n_neurons, -(-n_bins // 64)), dtype=np.uint64)
    for word in range(words.shape[1]):
        octets = np.zeros((n_neurons, 8), dtype=np.uint8)
        part = np.packbits(x[64 * word : 64 * word + 64], axis=0)
        octets[:, : len(part)] = part.T
        words[:, word] = octets.view(np.uint64)[:, 0]
    return words


def coincidences(packed: npt.NDArray[np.uint64], *members: Indices) -> npt.NDArray[np.int64]:
    """Number of bins in which all members of each tuple of neurons are active.

    Parameters
    ----------
    packed : ndarray of uint64, shape (n_neurons, n_words)
        From :func:`pack_bins`.
    *members : ndarray of int, shape (n_tuples,)
        First, second, ... neuron of each tuple.

    Returns
    -------
    ndarray of int64, shape (n_tuples,)
    """
    n_tuples = len(members[0])
    counts = np.empty(n_tuples, dtype=np.int64)
    rows = max(_BLOCK_WORDS // packed.shape[1], 1)
    for start in range(0, n_tuples, rows):
        part = slice(start, start + rows)
        both = reduce(np.bitwise_and, (packed[member[part]] for member in members))
        counts[part] = np.bitwise_count(both).sum(axis=1, dtype=np.int64)
    return counts


def all_pair_coincidences(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Number of bins in which both neurons of each pair are active, for every pair i < j.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.

    Returns
    -------
    ndarray of int64, shape (n_neurons (n_neurons - 1) / 2,)
        In the order of ``numpy.triu_indices(n_neurons, 1)``.
    """
    n_bins, n_neurons = x.shape
    counts = np.zeros((n_neurons, n_neurons))
    for rows in row_blocks(n_bins, n_neurons):
        # A float32 product of zeros and ones is exact: its sums stay below 2**24.
        block = x[rows].astype(np.float32)
        counts += block.T @ block
    return counts[np.triu_indices(n_neurons, 1)].astype(np.int64)
