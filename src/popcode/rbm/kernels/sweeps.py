"""Block Gibbs sweeps of one tile of chains in one pass over the weights a sweep.

For every block of neurons, while its weights are in cache: the inputs from the hidden layer (one
matrix product), the draw of each neuron, and the sum of the weights of those that fired, which is
the hidden layer's next input. Neurons fire in a few per cent of bins, so the second product is a
few row additions.
"""

import numpy as np
from numba import njit

from popcode.kernels.philox import fill_bits
from popcode.kernels.special import LOG2_E, exp2_32, uniform32
from popcode.rbm.kernels.hidden import (
    sample_drelu,
    sample_gaussian,
    sample_relu,
)

# A block of weights (512 x 100 float32) stays in a core's second-level cache.
NEURONS_PER_BLOCK = 512
# Tiles are fixed so that the bits do not depend on the threads. 50 chains make a matrix product
# near the machine's peak and keep two threads busy with the usual 100; more cores want more chains.
CHAINS_PER_TILE = 50
# OpenBLAS multiplies without packing its operands up to this many multiply-adds, a third faster.
_SMALL_PRODUCT = 1_000_000
_FEWEST_ROWS = 32  # below which the calls cost more than the products
_ROWS_STEP = 16

# Chains a vector register holds; the last register of a tile is filled up with idle chains.
LANES = 8

_ONE = np.float32(1)
_HIDDEN_STREAM, _FIRST_VISIBLE_STREAM = 0, 1


@njit(error_model="numpy")
def neurons_per_block(n_hidden):
    """Neurons whose inputs one matrix product makes; a function of the model alone."""
    n_rows = _SMALL_PRODUCT // (CHAINS_PER_TILE * n_hidden)
    return min(max(n_rows // _ROWS_STEP * _ROWS_STEP, _FEWEST_ROWS), NEURONS_PER_BLOCK)


@njit(error_model="numpy")
def _draw_visible(surprises, fields, bits, fired):
    """Fire each neuron of a block with its logistic probability.

    surprises (n_block, n_chains): minus the inputs, in units of log 2; fields (n_block,) likewise.
    """
    n_block, n_chains = surprises.shape
    for i in range(n_block):
        field = fields[i]
        for c in range(n_chains):
            surprises[i, c] += field
    flat = surprises.reshape(-1)
    for k in range(flat.size):
        fired[k] = uniform32(bits[k]) * (_ONE + exp2_32(flat[k])) <= _ONE


@njit(forceinline=True, error_model="numpy")
def list_active(cells, positions):
    """Positions of the non-zero bytes of a contiguous array; how many.

    Without a branch: which cells fire cannot be predicted, and a wrong guess costs as much as
    twenty cells. `positions` has room for one more than there are cells.
    """
    n_active = 0
    for k in range(cells.size):
        positions[n_active] = k
        n_active += cells[k] != np.uint8(0)
    return n_active


@njit(forceinline=True, error_model="numpy")
def _add_rows(weights, start, positions, n_fired, n_chains, inputs):
    """Add the weights of the neurons that fired to the inputs of the chains they fired in.

    Positions ascend, so the neuron is followed along: a division each would cost as much as the
    addition of a row.
    """
    n_hidden = weights.shape[1]
    i, first_of_next = start, n_chains
    for f in range(n_fired):
        while positions[f] >= first_of_next:
            i += 1
            first_of_next += n_chains
        row = weights[i]
        target = inputs[positions[f] - first_of_next + n_chains]
        for m in range(n_hidden):
            target[m] += row[m]


@njit(forceinline=True, error_model="numpy")
def _store_block(fired, start, n_block, states):
    """Write the (n_block, n_chains) cells as columns of the chains' states."""
    n_chains = states.shape[0]
    for c in range(n_chains):
        for i in range(n_block):
            states[c, start + i] = fired[i * n_chains + c]


@njit(error_model="numpy")
def sweep_workspace(n_neurons, n_hidden, n_chains):
    """Scratch of one tile, so that nothing is allocated within a sweep."""
    n_lanes = LANES * ((n_chains + LANES - 1) // LANES)
    n_block = min(neurons_per_block(n_hidden), n_neurons)
    n_cells = 8 * ((n_block * n_chains + 7) // 8)
    hidden = np.zeros((3, n_hidden, n_lanes), np.float32)
    hidden_bits = np.empty((2, n_hidden, n_lanes), np.uint32)
    h_by_unit = np.empty((n_hidden, n_chains), np.float32)
    products = np.empty((n_block, n_chains), np.float32)
    bits = np.empty(n_cells, np.uint32)
    fired = np.zeros(n_cells, np.uint8)
    positions = np.empty(n_cells + 1, np.int32)
    return hidden, hidden_bits, h_by_unit, products, bits, fired, positions


@njit(error_model="numpy")
def _gather_inputs(inputs, by_unit):
    """Transpose the inputs (n_chains, n_hidden) into rows of units."""
    n_chains, n_hidden = inputs.shape
    for c in range(n_chains):
        for m in range(n_hidden):
            by_unit[m, c] = inputs[c, m]


@njit(error_model="numpy")
def sweep_visible(weights, fields, h, work, states, inputs, seed, sweep, tile, is_last):
    """Draw every neuron given h (n_hidden, n_lanes), and add up the next inputs as they fire.

    `fields` are minus those of the model, in units of log 2.
    """
    n_neurons, n_hidden = weights.shape
    n_chains = states.shape[0]
    _, _, h_by_unit, products, bits, fired, positions = work
    for m in range(n_hidden):
        for c in range(n_chains):
            h_by_unit[m, c] = -LOG2_E * h[m, c]
    inputs[:] = 0
    size = neurons_per_block(n_hidden)
    for start in range(0, n_neurons, size):
        stop = min(start + size, n_neurons)
        n_block = stop - start
        np.dot(weights[start:stop], h_by_unit, products[:n_block])
        fill_bits(bits, seed, _FIRST_VISIBLE_STREAM + start // size, sweep, tile)
        _draw_visible(products[:n_block], fields[start:stop], bits, fired)
        n_fired = list_active(fired[: n_block * n_chains], positions)
        _add_rows(weights, start, positions, n_fired, n_chains, inputs)
        if is_last:
            _store_block(fired, start, n_block, states)


@njit(nogil=True, cache=True, error_model="numpy")
def add_active_rows(weights, states, rows, inputs):
    """Inputs of the hidden layer from binary states: inputs[r] = states[rows[r]] @ weights.

    Parameters
    ----------
    weights : ndarray of float32, (n_neurons, n_hidden)
    states : ndarray of uint8, (n_bins, n_neurons)
        Any non-zero entry counts as active.
    rows : ndarray of int64, (n_rows,)
    inputs : ndarray of float32, (n_rows, n_hidden)
        Overwritten.
    """
    n_neurons, n_hidden = weights.shape
    positions = np.empty(NEURONS_PER_BLOCK + 1, np.int32)
    inputs[:] = 0
    for start in range(0, n_neurons, NEURONS_PER_BLOCK):
        stop = min(start + NEURONS_PER_BLOCK, n_neurons)
        for r in range(rows.size):
            n_active = list_active(states[rows[r], start:stop], positions)
            target = inputs[r]
            for f in range(n_active):
                row = weights[start + positions[f]]
                for m in range(n_hidden):
                    target[m] += row[m]


# One compiled function a potential: one that took the sampler as an argument, or closed over it,
# would be compiled anew by every process.


@njit(nogil=True, cache=True, error_model="numpy")
def sweep_drelu(weights, fields, constants, states, inputs, n_sweeps, first_sweep, tile, seed):
    """Sweep one tile of chains h | v, v | h with dReLU units, in place.

    Parameters
    ----------
    weights : ndarray of float32, (n_neurons, n_hidden)
    fields : ndarray of float32, (n_neurons,)
    constants : ndarray of float32, (n_hidden, n_constants)
        From `popcode.rbm.kernels.hidden.constants_of`.
    states : ndarray of uint8, (n_chains, n_neurons)
        Overwritten with the states after the last sweep.
    inputs : ndarray of float32, (n_chains, n_hidden)
        Overwritten with states @ weights after the last sweep.
    n_sweeps, first_sweep, tile : int
    seed : uint64
        With the sweep's number, the tile and the position, determines every draw.
    """
    work = sweep_workspace(weights.shape[0], weights.shape[1], states.shape[0])
    scratch, bits = work[0], work[1]
    fields = -LOG2_E * fields
    add_active_rows(weights, states, np.arange(states.shape[0]), inputs)
    for sweep in range(first_sweep, first_sweep + n_sweeps):
        is_last = sweep == first_sweep + n_sweeps - 1
        _gather_inputs(inputs, scratch[0])
        fill_bits(bits.reshape(-1), seed, _HIDDEN_STREAM, sweep, tile)
        sample_drelu(scratch[0], constants, bits, scratch[1], scratch[2])
        sweep_visible(weights, fields, scratch[1], work, states, inputs, seed, sweep, tile, is_last)


@njit(nogil=True, cache=True, error_model="numpy")
def sweep_relu(weights, fields, constants, states, inputs, n_sweeps, first_sweep, tile, seed):
    """Sweep one tile of chains with rectified units; arguments as for `sweep_drelu`."""
    work = sweep_workspace(weights.shape[0], weights.shape[1], states.shape[0])
    scratch, bits = work[0], work[1]
    fields = -LOG2_E * fields
    add_active_rows(weights, states, np.arange(states.shape[0]), inputs)
    for sweep in range(first_sweep, first_sweep + n_sweeps):
        is_last = sweep == first_sweep + n_sweeps - 1
        _gather_inputs(inputs, scratch[0])
        fill_bits(bits.reshape(-1), seed, _HIDDEN_STREAM, sweep, tile)
        sample_relu(scratch[0], constants, bits, scratch[1], scratch[2])
        sweep_visible(weights, fields, scratch[1], work, states, inputs, seed, sweep, tile, is_last)


@njit(nogil=True, cache=True, error_model="numpy")
def sweep_gaussian(weights, fields, constants, states, inputs, n_sweeps, first_sweep, tile, seed):
    """Sweep one tile of chains with Gaussian units; arguments as for `sweep_drelu`."""
    work = sweep_workspace(weights.shape[0], weights.shape[1], states.shape[0])
    scratch, bits = work[0], work[1]
    fields = -LOG2_E * fields
    add_active_rows(weights, states, np.arange(states.shape[0]), inputs)
    for sweep in range(first_sweep, first_sweep + n_sweeps):
        is_last = sweep == first_sweep + n_sweeps - 1
        _gather_inputs(inputs, scratch[0])
        fill_bits(bits.reshape(-1), seed, _HIDDEN_STREAM, sweep, tile)
        sample_gaussian(scratch[0], constants, bits, scratch[1], scratch[2])
        sweep_visible(weights, fields, scratch[1], work, states, inputs, seed, sweep, tile, is_last)
