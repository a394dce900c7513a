"""Sequential Gibbs sweeps of binary neurons with pairwise couplings.

A neuron fires when its drive exceeds a logistic random number. Those of a whole sweep are made
ahead in one vectorised loop, so that a draw is one comparison. The inputs from the other neurons
are kept up to date: only a neuron that changes costs a row of the couplings.
"""

import numpy as np
from numba import njit

from popcode.kernels.philox import fill_bits
from popcode.kernels.special import log32, uniform32

_ZERO, _ONE, _HALF = np.float32(0), np.float32(1), np.float32(0.5)


@njit(error_model="numpy")
def _fill_thresholds(bits, thresholds):
    """Logistic random numbers, log u - log(1 - u), with both tails exact to 2**-33."""
    for k in range(thresholds.size):
        low, high = uniform32(bits[k]), uniform32(~bits[k])
        thresholds[k] = log32(low) - log32(high)


@njit(error_model="numpy")
def _fill_inputs(couplings, state, inputs):
    """Inputs = couplings @ state, and the number of active neurons."""
    inputs[:] = _ZERO
    n_active = 0
    for i in range(state.size):
        if state[i]:
            n_active += 1
            row = couplings[i]
            for j in range(inputs.size):
                inputs[j] += row[j]
    return n_active


@njit(error_model="numpy")
def _sweep(couplings, base, change, beta, steps, state, inputs, thresholds, n_active):
    """Draw every neuron of one chain in turn; returns how many are active afterwards."""
    for i in range(state.size):
        others = n_active - np.int64(state[i])
        drive = base[i] + beta * (change[i] + inputs[i] + steps[others])
        fires = drive > thresholds[i]
        if fires != (state[i] != 0):
            sign = _ONE if fires else -_ONE
            row = couplings[i]
            for j in range(inputs.size):
                inputs[j] += sign * row[j]
            state[i] = fires
            n_active = others + np.int64(fires)
    return n_active


@njit(error_model="numpy")
def _exponent(change, population, state, inputs, n_active):
    """Change . v + v^T couplings v / 2 + population[K]."""
    total = np.float64(population[n_active])
    for i in range(state.size):
        if state[i]:
            total += np.float64(change[i] + _HALF * inputs[i])
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def sweep_chains(couplings, fields, steps, states, n_sweeps, first_sweep, first_chain, seed):
    """Advance chains in place.

    Parameters
    ----------
    couplings : ndarray of float32, (n_neurons, n_neurons)
        Symmetric, zero on the diagonal.
    fields : ndarray of float32, (n_neurons,)
    steps : ndarray of float32, (n_neurons,)
        What the (K + 1)-th active neuron adds to the exponent, whichever it is.
    states : ndarray of uint8, (n_chains, n_neurons)
        Zeros and ones; overwritten.
    n_sweeps, first_sweep, first_chain : int
    seed : uint64
        With the numbers of the sweep, the chain and the neuron, determines every draw.
    """
    n_chains, n_neurons = states.shape
    bits = np.empty(4 * ((n_neurons + 3) // 4), np.uint32)
    thresholds = np.empty(n_neurons, np.float32)
    inputs = np.empty(n_neurons, np.float32)
    base = np.zeros(n_neurons, np.float32)
    for c in range(n_chains):
        n_active = _fill_inputs(couplings, states[c], inputs)
        for sweep in range(first_sweep, first_sweep + n_sweeps):
            fill_bits(bits, seed, first_chain + c, sweep, 0)
            _fill_thresholds(bits, thresholds)
            n_active = _sweep(
                couplings, base, fields, _ONE, steps, states[c], inputs, thresholds, n_active
            )


@njit(nogil=True, cache=True, error_model="numpy")
def anneal_chains(
    couplings, base, change, steps, population, betas, states, log_weights, first_step,
    first_chain, seed,
):  # fmt: skip
    """Take chains along exp(base . v + beta (change . v + v^T couplings v / 2 + population[K])).

    Parameters
    ----------
    couplings, steps, states, first_chain, seed
        As for `sweep_chains`, `first_step` in place of the sweep.
    base, change : ndarray of float32, (n_neurons,)
    population : ndarray of float32, (n_neurons + 1,)
    betas : ndarray of float64, (n_steps + 1,)
        The chains are at equilibrium at the first; one sweep at each of the others.
    log_weights : ndarray of float64, (n_chains,)
        The logarithms of the importance weights are added.
    first_step : int
        Steps made before.
    """
    n_chains, n_neurons = states.shape
    bits = np.empty(4 * ((n_neurons + 3) // 4), np.uint32)
    thresholds = np.empty(n_neurons, np.float32)
    inputs = np.empty(n_neurons, np.float32)
    for c in range(n_chains):
        state = states[c]
        n_active = _fill_inputs(couplings, state, inputs)
        log_weight = 0.0
        for t in range(1, betas.size):
            exponent = _exponent(change, population, state, inputs, n_active)
            log_weight += (betas[t] - betas[t - 1]) * exponent
            fill_bits(bits, seed, first_chain + c, first_step + t, 0)
            _fill_thresholds(bits, thresholds)
            beta = np.float32(betas[t])
            n_active = _sweep(
                couplings, base, change, beta, steps, state, inputs, thresholds, n_active
            )
        log_weights[c] += log_weight
