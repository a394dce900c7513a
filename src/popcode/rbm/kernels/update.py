"""The gradient, the optimiser and the penalty in one pass over the weights.

The gradient of every weight is a sum over the few bins and chains in which its neuron fired, so
it is built block by block in cache and used at once: no gradient array exists.
"""

import numpy as np
from numba import njit

from popcode.rbm.kernels.sweeps import list_active

_LARGEST_GRADIENT = np.float32(1)
_ZERO, _ONE = np.float32(0), np.float32(1)
# Of a running mean over some hundred updates.
TREND_SHARE = np.float32(0.01)


@njit(error_model="numpy")
def add_events(states, rows, start, stop, values, gradient, counts):
    """Add values[r] to the gradient of every neuron of the block that fired in row r."""
    n_hidden = gradient.shape[1]
    positions = np.empty(stop - start + 1, np.int32)
    for r in range(rows.size):
        value = values[r]
        for f in range(list_active(states[rows[r], start:stop], positions)):
            target = gradient[positions[f]]
            counts[positions[f]] += 1
            for m in range(n_hidden):
                target[m] += value[m]


@njit(error_model="numpy")
def _step_row(weights, squares, trend, gradient, decay, rate, epsilon, correction, l1):
    """RMSprop step and soft threshold (the proximal step of the penalty) of one neuron's weights.

    Both use the step that RMSprop gives the weight, so that the fixed point is the penalised
    optimum. A weight that has come to zero leaves it only when the running mean of its gradient
    exceeds the penalty: the gradient of one batch is mostly noise, far larger than the penalty,
    and would keep an absent connection from ever being exactly zero.
    """
    for m in range(weights.size):
        trend[m] += TREND_SHARE * (gradient[m] - trend[m])
        g = min(max(gradient[m], -_LARGEST_GRADIENT), _LARGEST_GRADIENT)
        squares[m] = decay * squares[m] + (_ONE - decay) * g * g
        step = rate / (epsilon + np.sqrt(squares[m] * correction))
        moved = weights[m] + step * g
        kept = max(abs(moved) - step * l1, _ZERO)
        stays_absent = weights[m] == _ZERO and abs(trend[m]) <= l1
        weights[m] = _ZERO if stays_absent or kept == _ZERO else np.copysign(kept, moved)


@njit(nogil=True, cache=True, error_model="numpy")
def update_block(
    start, stop, weights, squares, trend, data, rows, data_values, chains, chain_values,
    mean_activity, theta_gradient, decay, rate, epsilon, correction, l1,
    chain_activity, mean_input,
):  # fmt: skip
    """Update the weights of one block of neurons in place.

    Parameters
    ----------
    start, stop : int
        The block's neurons.
    weights, squares, trend : ndarray of float32, (n_neurons, n_hidden)
        Weights, RMSprop's running mean square and the gradient's running mean; updated.
    data, chains : ndarray of uint8, (n_bins, n_neurons) and (n_chains, n_neurons)
    rows : ndarray of int64, (batch_size,)
        Bins of the batch.
    data_values, chain_values : ndarray of float32, (batch_size, n_hidden), (n_chains, n_hidden)
        What every spike adds to its neuron's gradient.
    mean_activity : ndarray of float32, (n_neurons,)
        Of the whole training data.
    theta_gradient : ndarray of float32, (n_hidden,)
        Reaches the weights because thresholds follow the mean input.
    decay, rate, epsilon, correction, l1 : float32
        RMSprop's decay, the learning rate, its epsilon, its bias correction, the penalty.
    chain_activity : ndarray of float32, (n_neurons,)
        Overwritten in the block: mean activity of the chains.
    mean_input : ndarray of float64, (n_hidden,)
        Overwritten with the mean input that the block's new weights give.
    """
    n_hidden = weights.shape[1]
    gradient = np.zeros((stop - start, n_hidden), np.float32)
    counts = np.zeros(stop - start, np.int64)
    every_chain = np.arange(chains.shape[0])
    add_events(data, rows, start, stop, data_values, gradient, counts)
    counts[:] = 0
    add_events(chains, every_chain, start, stop, chain_values, gradient, counts)
    mean_input[:] = 0.0
    for i in range(start, stop):
        chain_activity[i] = np.float32(counts[i - start] / chains.shape[0])
        row = gradient[i - start]
        for m in range(n_hidden):
            row[m] += mean_activity[i] * theta_gradient[m]
        _step_row(weights[i], squares[i], trend[i], row, decay, rate, epsilon, correction, l1)
        updated = weights[i]
        for m in range(n_hidden):
            mean_input[m] += mean_activity[i] * updated[m]
