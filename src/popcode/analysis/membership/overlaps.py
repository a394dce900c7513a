"""How large assemblies are and how many neurons they share, beside what chance would share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

Float = NDArray[np.float64]
_LEVEL = 0.05


class Overlaps(NamedTuple):
    """Neurons that pairs of assemblies share.

    Attributes
    ----------
    sizes : ndarray of int, (n_hidden,)
        Members.
    shared : ndarray of int, (n_hidden, n_hidden)
        Neurons in both; the sizes on the diagonal.
    jaccard : ndarray, (n_hidden, n_hidden)
        Shared by both, of those in either; nan where neither has members.
    expected : ndarray, (n_hidden, n_hidden)
        Neurons in both if each assembly had drawn its members from all neurons by itself.
    p_more : ndarray, (n_hidden, n_hidden)
        Chance to share so many or more then (hypergeometric); nan on the diagonal and for
        assemblies without members.
    n_pairs, n_beyond_chance : int
        Pairs of assemblies with members, and those that share more than chance at 5 % over all
        pairs together (Bonferroni).
    """

    sizes: NDArray[np.int64]
    shared: NDArray[np.int64]
    jaccard: Float
    expected: Float
    p_more: Float
    n_pairs: int
    n_beyond_chance: int


def assembly_overlaps(member: NDArray[np.bool_]) -> Overlaps:
    """Count the neurons that every pair of assemblies shares.

    Parameters
    ----------
    member : ndarray of bool, (n_neurons, n_hidden)

    Returns
    -------
    Overlaps
    """
    # Counts below 2^24 are exact in float32, and its products are fast.
    columns = np.asarray(member, dtype=np.float32)
    shared = np.rint(columns.T @ columns).astype(np.int64)
    sizes = np.diag(shared).copy()
    either = sizes[:, None] + sizes - shared
    expected = np.outer(sizes, sizes) / max(1, len(columns))
    first, second = np.triu_indices(len(sizes), 1)
    empty = (sizes[first] == 0) | (sizes[second] == 0)
    p = hypergeom.sf(shared[first, second] - 1, len(columns), sizes[first], sizes[second])
    upper = np.where(empty, np.nan, p)
    p_more = np.full(shared.shape, np.nan)
    p_more[first, second] = p_more[second, first] = upper
    known = upper[~empty]
    beyond = int((known * max(1, known.size) < _LEVEL).sum())
    return Overlaps(
        sizes, shared, shared / np.where(either > 0, either, np.nan), expected, p_more,
        int(known.size), beyond,
    )  # fmt: skip
