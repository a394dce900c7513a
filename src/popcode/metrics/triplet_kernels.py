"""Coincidences of triplets of neurons and of their pairs, in one pass over the packed bins."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic


def _typed_bit_count(_context: Any, _word: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


# Number of set bits of a 64-bit word: the processor's own instruction.
_bit_count: Any = intrinsic(_typed_bit_count)


@njit(nogil=True, cache=True, error_model="numpy")
def count_triplets(packed, i, j, k, counts):
    """Count the bins in which three neurons, and each two of them, are active together.

    Parameters
    ----------
    packed : ndarray of uint64, (n_neurons, n_words)
        From `popcode.metrics.coincidence.pack_bins`.
    i, j, k : ndarray of int64, (n_triplets,)
    counts : ndarray of int32, (4, n_triplets)
        Overwritten: of i j k, j k, i k, i j.
    """
    for t in range(i.size):
        first, second, third = packed[i[t]], packed[j[t]], packed[k[t]]
        all_three, last_two, outer, first_two = (
            np.uint64(0),
            np.uint64(0),
            np.uint64(0),
            np.uint64(0),
        )
        for w in range(packed.shape[1]):
            both = first[w] & second[w]
            first_two += _bit_count(both)
            all_three += _bit_count(both & third[w])
            last_two += _bit_count(second[w] & third[w])
            outer += _bit_count(first[w] & third[w])
        counts[0, t] = all_three
        counts[1, t] = last_two
        counts[2, t] = outer
        counts[3, t] = first_two
