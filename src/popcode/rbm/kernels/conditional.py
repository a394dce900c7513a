"""Log-odds of every neuron given all others, by ratios of partition functions of hidden units.

With x_a the input of hidden unit a at the state itself, the mixed difference of one unit is

    ln (1 + e^(x_a + w)) - ln (1 + e^x_a) = ln (q_a + p_a e^w),   p_a = 1 / (1 + e^-x_a) = 1 - q_a

so a flip costs one multiply-add a unit and, as products are kept until they might overflow, a
logarithm every few units. All terms are positive: nothing cancels.
"""

import numpy as np
from numba import njit

_BLOCK = 128  # neurons whose running products stay in the first-level cache


@njit(error_model="numpy")
def _block_log_odds(growth, p, q, n_together, product, log_odds):
    """Add the terms of all hidden units as if every neuron of the block were silent."""
    n_hidden, n_block = growth.shape
    for first in range(0, n_hidden, n_together):
        product[:n_block] = 1.0
        for a in range(first, min(first + n_together, n_hidden)):
            silent, active, row = q[a], p[a], growth[a]
            for i in range(n_block):
                product[i] *= silent + active * row[i]
        for i in range(n_block):
            log_odds[i] += np.log(product[i])


@njit(error_model="numpy")
def _active_log_odds(growth, p, q, n_together):
    """Terms of one active neuron: those of its flip to silence, with the other sign."""
    total, product = 0.0, 1.0
    for a in range(growth.size):
        product *= q[a] + p[a] / growth[a]
        if (a + 1) % n_together == 0:
            total -= np.log(product)
            product = 1.0
    return total - np.log(product)


@njit(nogil=True, cache=True, error_model="numpy")
def conditional_log_odds_block(growth, fields, states, p, q, n_together, log_odds):
    """Log-odds ln P(v_i = 1 | rest) - ln P(v_i = 0 | rest) of some bins.

    Parameters
    ----------
    growth : ndarray of float64, (n_blocks, n_hidden, 128)
        exp(weights) in blocks of neurons, the last filled up with ones.
    fields : ndarray of float64, (n_neurons,)
    states : ndarray of uint8, (n_bins, n_neurons)
    p, q : ndarray of float64, (n_bins, n_hidden)
        P(h = 1 | v) and P(h = 0 | v), each to its own precision.
    n_together : int
        Hidden units whose product cannot overflow.
    log_odds : ndarray of float32, (n_bins, n_neurons)
        Overwritten.
    """
    n_neurons = fields.size
    product, total = np.empty(_BLOCK), np.empty(_BLOCK)
    for block in range(growth.shape[0]):
        start = block * _BLOCK
        stop = min(start + _BLOCK, n_neurons)
        for t in range(states.shape[0]):
            total[:] = 0.0
            _block_log_odds(growth[block], p[t], q[t], n_together, product, total)
            for i in range(start, stop):
                if states[t, i]:
                    column = growth[block, :, i - start]
                    total[i - start] = _active_log_odds(column, p[t], q[t], n_together)
                log_odds[t, i] = fields[i] + total[i - start]
