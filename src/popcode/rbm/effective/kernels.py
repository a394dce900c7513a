"""Mixed differences of log P over tuples of neurons, one by one, in double precision."""

import numpy as np
from numba import njit

from popcode.rbm.kernels.moments import exp64

# Factors of at most two, so that a product of so many stays finite.
_MOST_FACTORS = 512


@njit(error_model="numpy")
def _multiply_in(offsets, own, linear, above, below):
    """Take in one unit: its mixed difference of softplus is linear + ln(above / below).

    As softplus(x) = max(x, 0) + ln(1 + e^-|x|), the logarithms of many units are one.
    """
    for subset in range(1 << own.size):
        shift, is_even = 0.0, own.size % 2 == 0
        for k in range(own.size):
            if subset >> k & 1:
                shift += own[k]
                is_even = not is_even
        product, sign = (above, 1.0) if is_even else (below, -1.0)
        for r in range(offsets.size):
            x = offsets[r] + shift
            linear[r] += sign * max(x, 0.0)
            product[r] *= 1.0 + exp64(-abs(x))


@njit(error_model="numpy")
def _settle(linear, above, below):
    for r in range(linear.size):
        linear[r] += np.log(above[r] / below[r])
        above[r] = below[r] = 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def data_differences(columns, inputs, rows, tuples, starts, found):
    """Mixed differences over tuples, other neurons as in rows of the recording.

    Parameters
    ----------
    columns : ndarray of float64, (n_hidden, n_neurons)
    inputs : ndarray of float64, (n_hidden, n_rows)
        Of the rows, hidden fields among them.
    rows : ndarray of uint8, (n_neurons, n_rows)
    tuples : ndarray of int64, (n_tuples, order)
    starts : ndarray of int64, (n_blocks + 1,)
        Where blocks of rows start and end.
    found : ndarray of float64, (n_tuples, n_blocks)
        Overwritten with the means over the blocks.
    """
    n_rows, order = inputs.shape[1], tuples.shape[1]
    own, offsets = np.empty(order), np.empty(n_rows)
    linear, above, below = np.empty(n_rows), np.ones(n_rows), np.ones(n_rows)
    n_together = max(_MOST_FACTORS >> order, 1)
    for t in range(tuples.shape[0]):
        linear[:] = 0.0
        for a in range(columns.shape[0]):
            offsets[:] = inputs[a]
            for k in range(order):
                own[k] = columns[a, tuples[t, k]]
                state = rows[tuples[t, k]]
                for r in range(n_rows):
                    offsets[r] -= own[k] * state[r]
            _multiply_in(offsets, own, linear, above, below)
            if (a + 1) % n_together == 0:
                _settle(linear, above, below)
        _settle(linear, above, below)
        for b in range(found.shape[1]):
            found[t, b] = linear[starts[b] : starts[b + 1]].mean()
