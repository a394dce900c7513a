"""Which pairs and triplets of neurons a statistic looks at, when all are too many."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def choose_pairs(n: int, at_most: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Distinct pairs i < j: all of them, or a uniform random subset.

    Parameters
    ----------
    n : int
        Number of items.
    at_most : int
        Number of pairs above which a subset is drawn.
    rng : numpy.random.Generator
        Used only for a subset.

    Returns
    -------
    i, j : ndarray of int64, shape (n_pairs,)
        In lexicographic order.
    """
    total = math.comb(n, 2)
    if total <= at_most:
        i, j = np.triu_indices(n, 1)
        return i, j
    return _unrank_pairs(_distinct_integers(total, at_most, rng), n)


def choose_triplets(
    n: int, at_most: int, rng: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """Distinct triplets i < j < k: all of them, or a uniform random subset.

    Parameters
    ----------
    n : int
        Number of items.
    at_most : int
        Number of triplets above which a subset is drawn.
    rng : numpy.random.Generator
        Used only for a subset.

    Returns
    -------
    i, j, k : ndarray of int64, shape (n_triplets,)
    """
    total = math.comb(n, 3)
    # Below twice the wanted number rejection would be slow, and listing all is cheap.
    if total <= 2 * at_most:
        i, j, k = np.nonzero(np.fromfunction(lambda a, b, c: (a < b) & (b < c), (n, n, n)))
        if total > at_most:
            kept = np.sort(rng.permutation(total)[:at_most])
            i, j, k = i[kept], j[kept], k[kept]
        return i, j, k
    triplets = np.empty((0, 3), dtype=np.int64)
    while len(triplets) < at_most:
        drawn = np.sort(rng.integers(0, n, size=(at_most, 3)), axis=1)
        drawn = drawn[(drawn[:, 0] < drawn[:, 1]) & (drawn[:, 1] < drawn[:, 2])]
        triplets = np.unique(np.concatenate([triplets, drawn]), axis=0)
    kept = np.sort(rng.permutation(len(triplets))[:at_most])
    i, j, k = triplets[kept].T
    return i, j, k


def _distinct_integers(below: int, count: int, rng: np.random.Generator) -> Indices:
    """``count`` distinct integers of range(below), sorted, without listing a long range."""
    if 2 * count > below:
        return np.delete(np.arange(below), _distinct_integers(below, below - count, rng))
    chosen = np.empty(0, dtype=np.int64)
    while chosen.size < count:
        drawn = rng.integers(0, below, size=count - chosen.size + count // 64 + 16)
        drawn = np.sort(np.concatenate([chosen, drawn]))  # numpy.unique hashes, and is slower
        chosen = drawn[np.append(True, drawn[1:] > drawn[:-1])]
    surplus = rng.choice(chosen.size, chosen.size - count, replace=False)
    return np.delete(chosen, surplus)


def _unrank_pairs(rank: Indices, n: int) -> tuple[Indices, Indices]:
    """The pair of each lexicographic rank: ``rank = i (2n - i - 1) / 2 + (j - i - 1)``."""

    def first_rank(i: Indices) -> Indices:
        return i * (2 * n - i - 1) // 2

    root = np.sqrt((2 * n - 1.0) ** 2 - 8.0 * rank)
    i = ((2 * n - 1 - root) / 2).astype(np.int64)
    # The square root is rounded: i may be one off either way.
    i -= first_rank(i) > rank
    i += first_rank(i + 1) <= rank
    return i, rank - first_rank(i) + i + 1
