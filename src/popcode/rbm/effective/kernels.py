"""Mixed differences of log P over tuples of neurons, one by one, in double precision."""

import numpy as np
from numba import njit


@njit(error_model="numpy")
def softplus(x):
    """log(1 + e^x), for any x."""
    return max(x, 0.0) + np.log1p(np.exp(-abs(x)))


@njit(error_model="numpy")
def _difference(offset, own, n_own):
    """Mixed difference over subsets of `own` of softplus(offset + their sum)."""
    total = 0.0
    for subset in range(1 << n_own):
        argument, sign = offset, 1.0 if n_own % 2 == 0 else -1.0
        for k in range(n_own):
            if subset >> k & 1:
                argument += own[k]
                sign = -sign
        total += sign * softplus(argument)
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def data_differences(columns, inputs, rows, tuples, found):
    """Mixed differences over tuples, other neurons as in rows of the recording.

    Parameters
    ----------
    columns : ndarray of float64, (n_hidden, n_neurons)
    inputs : ndarray of float64, (n_hidden, n_rows)
        Of the rows, hidden fields among them.
    rows : ndarray of uint8, (n_rows, n_neurons)
    tuples : ndarray of int64, (n_tuples, order)
    found : ndarray of float64, (n_tuples,)
        Overwritten with the mean over the rows.
    """
    n_own = tuples.shape[1]
    own = np.empty(n_own)
    for t in range(tuples.shape[0]):
        total = 0.0
        for a in range(columns.shape[0]):
            for k in range(n_own):
                own[k] = columns[a, tuples[t, k]]
            for r in range(rows.shape[0]):
                offset = inputs[a, r]
                for k in range(n_own):
                    if rows[r, tuples[t, k]]:
                        offset -= own[k]
                total += _difference(offset, own, n_own)
        found[t] = total / rows.shape[0]
