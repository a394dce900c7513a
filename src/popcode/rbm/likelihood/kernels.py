"""Annealing of one tile of chains: many sweeps at slowly changing parameters in one call."""

import numpy as np
from numba import njit

from popcode.kernels.philox import fill_bits
from popcode.kernels.special import LOG2_E, exp32, log32
from popcode.rbm.kernels.hidden import sample_bernoulli
from popcode.rbm.kernels.sweeps import add_active_rows, sweep_visible, sweep_workspace

_HIDDEN_STREAM = 0
_ZERO, _ONE = np.float32(0), np.float32(1)


@njit(error_model="numpy")
def _add_log_ratio(activations, beta_from, beta_to, log_weights):
    """Add log f_to(v) - log f_from(v) of every chain, f = exp(-F).

    activations (n_hidden + 1, n_lanes): c + v W, and last the linear term. The ratio of the
    factors 1 + e^-|y| is taken before the logarithm: small steps lose nothing to cancellation.
    """
    n_hidden, n_lanes = activations.shape[0] - 1, activations.shape[1]
    step = beta_to - beta_from
    total = np.zeros(n_lanes, np.float32)
    for m in range(n_hidden):
        row = activations[m]
        for c in range(n_lanes):
            size = abs(row[c])
            ratio = (_ONE + exp32(-beta_to * size)) / (_ONE + exp32(-beta_from * size))
            total[c] += step * max(row[c], _ZERO) + log32(ratio)
    linear = activations[n_hidden]
    for c in range(log_weights.size):
        log_weights[c] += np.float64(total[c]) + np.float64(step) * np.float64(linear[c])


@njit(error_model="numpy")
def _activate(inputs, theta, activations):
    """Rows of units, c + v W, from the inputs of the chains."""
    for c in range(inputs.shape[0]):
        for m in range(theta.size):
            activations[m, c] = inputs[c, m] - theta[m]


@njit(nogil=True, cache=True, error_model="numpy")
def anneal_tile(
    weights, base_fields, theta, betas, states, inputs, log_weights, first_sweep, tile, seed
):
    """Weigh and sweep one tile of chains along a path of models.

    At every step the chains gain the change of -F from one beta to the next, then make one sweep
    h | v, v | h at the next. The model at beta has the weights beta W, the hidden fields beta c and
    the fields b_0 + beta (b - b_0): a hidden unit that is always on carries the last.

    Parameters
    ----------
    weights : ndarray of float32, (n_neurons, n_hidden + 1)
        The last column is b - b_0.
    base_fields : ndarray of float32, (n_neurons,)
        b_0.
    theta : ndarray of float32, (n_hidden + 1,)
        -c, and last 0.
    betas : ndarray of float32, (n_steps + 1,)
    states : ndarray of uint8, (n_chains, n_neurons)
        Overwritten with the states after the last sweep.
    inputs : ndarray of float32, (n_chains, n_hidden + 1)
        Scratch.
    log_weights : ndarray of float64, (n_chains,)
        Added to.
    first_sweep, tile : int
    seed : uint64
        With the sweep's number, the tile and the position, determines every draw.
    """
    n_steps = betas.size - 1
    work = sweep_workspace(weights.shape[0], weights.shape[1], states.shape[0])
    scaled, h, bits = work[0][0], work[0][1], work[1]
    activations = np.zeros_like(scaled)
    no_threshold = np.zeros((theta.size, 1), np.float32)
    fields = -LOG2_E * base_fields
    add_active_rows(weights, states, np.arange(states.shape[0]), inputs)
    for k in range(n_steps):
        sweep, beta = first_sweep + k, betas[k + 1]
        _activate(inputs, theta, activations)
        _add_log_ratio(activations, betas[k], beta, log_weights)
        scaled[:] = beta * activations
        fill_bits(bits[0].reshape(-1), seed, _HIDDEN_STREAM, sweep, tile)
        sample_bernoulli(scaled, no_threshold, bits, h, scaled)
        h[-1] = _ONE
        h *= beta
        is_last = k == n_steps - 1
        sweep_visible(weights, fields, h, work, states, inputs, seed, sweep, tile, is_last)
