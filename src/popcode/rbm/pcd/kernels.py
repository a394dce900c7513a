"""Hidden means, and one pass over the weights that takes a step along the centred gradient.

Every entry of the gradient is a sum over the few bins and chains in which its neuron fired; it is
built block by block in cache and used at once.
"""

import numpy as np
from numba import njit

from popcode.kernels.special import exp32
from popcode.rbm.kernels.update import add_events

_ZERO, _ONE, _TWO = np.float32(0), np.float32(1), np.float32(2)


@njit(nogil=True, cache=True, error_model="numpy")
def hidden_means(inputs, theta):
    """Replace rows of inputs by P(h = 1 | v).

    Parameters
    ----------
    inputs : ndarray of float32, (n_rows, n_hidden)
        Overwritten.
    theta : ndarray of float32, (n_hidden,)
        Minus the hidden fields.
    """
    for r in range(inputs.shape[0]):
        row = inputs[r]
        for m in range(row.size):
            row[m] = _ONE / (_ONE + exp32(theta[m] - row[m]))


@njit(error_model="numpy")
def _gradient_of(
    start, stop, data, rows, data_values, chains, chain_values, mean_activity, hidden_gap,
    chain_activity,
):  # fmt: skip
    """Centred gradient of a block's weights; writes the chains' mean activity."""
    n_hidden = data_values.shape[1]
    gradient = np.zeros((stop - start, n_hidden), np.float32)
    counts = np.zeros(stop - start, np.int64)
    add_events(data, rows, start, stop, data_values, gradient, counts)
    counts[:] = 0
    every_chain = np.arange(chains.shape[0])
    add_events(chains, every_chain, start, stop, chain_values, gradient, counts)
    for i in range(start, stop):
        chain_activity[i] = np.float32(counts[i - start] / chains.shape[0])
        row = gradient[i - start]
        for m in range(n_hidden):
            row[m] -= mean_activity[i] * hidden_gap[m]
    return gradient


@njit(error_model="numpy")
def _adam_row(weights, first, second, gradient, step):
    """Adam and the penalties on one neuron's weights (Kingma and Ba, ICLR 2015).

    The L1 penalty is a soft threshold by the step that Adam gives the weight, so that the fixed
    point is the penalised optimum.
    """
    decay_1, decay_2, rate, epsilon, correction, l1, l2 = step
    for m in range(weights.size):
        g = gradient[m] - _TWO * l2 * weights[m]
        first[m] = decay_1 * first[m] + (_ONE - decay_1) * g
        second[m] = decay_2 * second[m] + (_ONE - decay_2) * g * g
        scale = rate / (epsilon + np.sqrt(second[m] * correction))
        moved = weights[m] + scale * first[m]
        weights[m] = np.copysign(max(abs(moved) - scale * l1, _ZERO), moved)


@njit(error_model="numpy")
def _momentum_row(weights, first, second, gradient, step):
    """Gradient ascent with momentum, and the penalties; `second` is not used."""
    decay_1, _, rate, _, _, l1, l2 = step
    for m in range(weights.size):
        g = gradient[m] - _TWO * l2 * weights[m]
        first[m] = decay_1 * first[m] + (_ONE - decay_1) * g
        moved = weights[m] + rate * first[m]
        weights[m] = np.copysign(max(abs(moved) - rate * l1, _ZERO), moved)


@njit(error_model="numpy")
def _shift_of(before, after, hidden_offset, mean_activity, input_shift):
    """Field shift of one neuron, -dW hidden_offset; adds mean_activity dW to the input shift."""
    shift = _ZERO
    for m in range(before.size):
        change = after[m] - before[m]
        shift -= change * hidden_offset[m]
        input_shift[m] += mean_activity * change
    return shift


@njit(nogil=True, cache=True, error_model="numpy")
def adam_block(
    start, stop, weights, first, second, data, rows, data_values, chains, chain_values,
    mean_activity, hidden_gap, hidden_offset, step, chain_activity, field_shift, input_shift,
):  # fmt: skip
    """Step the weights of one block of neurons in place with Adam.

    Neurons whose mean activity is 0 or 1 tell nothing: their weights are left alone.

    Parameters
    ----------
    start, stop : int
        The block's neurons.
    weights, first, second : ndarray of float32, (n_neurons, n_hidden)
        Weights, running mean and mean square of their gradient; updated.
    data, chains : ndarray of uint8, (n_bins, n_neurons) and (n_chains, n_neurons)
    rows : ndarray of int64, (batch_size,)
        Bins of the batch.
    data_values, chain_values : ndarray of float32, (batch_size, n_hidden), (n_chains, n_hidden)
        What a spike adds to its neuron's gradient: centred hidden means over the number of rows,
        with the sign of their term.
    mean_activity : ndarray of float32, (n_neurons,)
        Of the whole training data, the visible offset.
    hidden_gap, hidden_offset : ndarray of float32, (n_hidden,)
        Mean of the hidden means over the batch minus over the chains; their origin.
    step : ndarray of float32, (7,)
        Decay of the mean and of the mean square, rate (its correction taken in), epsilon,
        correction of the mean square, l1, l2.
    chain_activity, field_shift : ndarray of float32, (n_neurons,)
        Overwritten in the block: mean activity of the chains, -dW hidden_offset.
    input_shift : ndarray of float64, (n_hidden,)
        Overwritten with mean_activity dW of the block.
    """
    gradient = _gradient_of(
        start, stop, data, rows, data_values, chains, chain_values, mean_activity, hidden_gap,
        chain_activity,
    )  # fmt: skip
    before = np.empty(weights.shape[1], np.float32)
    input_shift[:] = 0
    for i in range(start, stop):
        field_shift[i] = _ZERO
        if _ZERO < mean_activity[i] < _ONE:
            before[:] = weights[i]
            _adam_row(weights[i], first[i], second[i], gradient[i - start], step)
            field_shift[i] = _shift_of(
                before, weights[i], hidden_offset, mean_activity[i], input_shift
            )


@njit(nogil=True, cache=True, error_model="numpy")
def momentum_block(
    start, stop, weights, first, second, data, rows, data_values, chains, chain_values,
    mean_activity, hidden_gap, hidden_offset, step, chain_activity, field_shift, input_shift,
):  # fmt: skip
    """Step the weights of one block with momentum; arguments as for `adam_block`."""
    gradient = _gradient_of(
        start, stop, data, rows, data_values, chains, chain_values, mean_activity, hidden_gap,
        chain_activity,
    )  # fmt: skip
    before = np.empty(weights.shape[1], np.float32)
    input_shift[:] = 0
    for i in range(start, stop):
        field_shift[i] = _ZERO
        if _ZERO < mean_activity[i] < _ONE:
            before[:] = weights[i]
            _momentum_row(weights[i], first[i], second[i], gradient[i - start], step)
            field_shift[i] = _shift_of(
                before, weights[i], hidden_offset, mean_activity[i], input_shift
            )
