"""Block Gibbs sweeps of one tile of chains where both layers are binary.

A matrix product with zeros and ones needs no multiplication. The inputs of neurons add, for four
hidden units at a time, one of the 16 sums that their weights can make, tabulated while they are
in cache (Arlazarov, Dinic, Kronrod and Faradzev, Soviet Math. Dokl. 11, 1209, 1970): an eighth of
the arithmetic of the product. The inputs of hidden units add the weights of the few neurons that
fired.

A neuron compares 16 random bits with its probability; only where these leave it open, once in
65,536, are more drawn. The law is that of a uniform number of 32 bits and more.
"""

import numpy as np
from numba import njit

from popcode.kernels.philox import fill_bits, philox
from popcode.kernels.special import LOG2_E, exp2_32, uniform32
from popcode.rbm.kernels.layout import filled_up
from popcode.rbm.kernels.sweeps import list_active
from popcode.rbm.kernels.vectors import (
    ROWS_TOGETHER,
    TABLE,
    WIDTH,
    add_rows,
    aligned_zeros,
    tabulate,
)

# Where there are chains enough: the tables, made for every tile, serve twice as many.
CHAINS_PER_LARGE_TILE = 100
# Tables of so many groups of four units fill half of a core's first-level cache.
_GROUPS_AT_ONCE = 5
_ONE, _ALL_BITS = np.float32(1), np.float32(65536)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_NARROW = 16
_HIDDEN_STREAM, _FIRST_VISIBLE_STREAM, _FIRST_OPEN_STREAM = 0, 1, 2**31


@njit(error_model="numpy")
def _draw_hidden(inputs, theta, bits, on):
    """Draw hidden units (n_chains, n_units) given their inputs (n_chains, n_hidden)."""
    n_chains, n_hidden = inputs.shape
    words = bits[: inputs.size].reshape(inputs.shape)
    for c in range(n_chains):
        for m in range(n_hidden):
            odds = exp2_32(LOG2_E * (theta[m] - inputs[c, m]))
            on[c, m] = uniform32(words[c, m]) * (_ONE + odds) <= _ONE


@njit(error_model="numpy")
def _find_subsets(on, subsets):
    """Place of every group's sum in the tables: on (n_units,) flat over chains, in fours."""
    n_groups = subsets.shape[1]
    words = on.reshape(-1).view(np.uint32).reshape(subsets.shape)
    for c in range(subsets.shape[0]):
        for g in range(n_groups):
            # The product moves the four bytes' lowest bits side by side.
            subset = (words[c, g] * np.uint32(0x01020408)) >> np.uint32(24)
            subsets[c, g] = np.uint32(g % _GROUPS_AT_ONCE * TABLE) + np.uint32(WIDTH) * (
                subset & np.uint32(15)
            )


@njit(error_model="numpy")
def _add_inputs(columns, start, fields, subsets, tables, surprises):
    """Minus the inputs of one block of neurons in units of log 2: surprises (n_chains * 64,)."""
    n_chains, n_groups = subsets.shape
    places = subsets.reshape(-1)
    by_chain = surprises.reshape(n_chains, WIDTH)
    for c in range(n_chains):
        for i in range(WIDTH):
            by_chain[c, i] = fields[i]
    for first in range(0, n_groups, _GROUPS_AT_ONCE):
        stop = min(first + _GROUPS_AT_ONCE, n_groups)
        for g in range(first, stop):
            tabulate(columns, start + g * ROWS_TOGETHER * WIDTH, tables, (g - first) * TABLE)
        for c in range(n_chains):
            at = c * n_groups
            add_rows(tables, places, at + first, at + stop, 0, surprises, c * WIDTH)


@njit(error_model="numpy")
def _draw_visible(surprises, bits, fired):
    """Compare each neuron's first 16 random bits: 0 silent, 2 fires, 1 still open.

    surprises (n_chains, 64) or more; bits and fired (n_chains, width).
    """
    n_chains, width = fired.shape
    for c in range(n_chains):
        for i in range(width):
            one_in = _ONE + exp2_32(surprises[c, i])
            least = np.float32(bits[c, i]) * one_in
            fired[c, i] = np.uint8(least <= _ALL_BITS) + np.uint8(least + one_in <= _ALL_BITS)


@njit(error_model="numpy")
def _fires(surprise, first, k, seed, stream, sweep, tile):
    """Whether a neuron fires whose first 16 bits leave it open, by 32 more."""
    key_0, key_1 = np.uint32(seed & _LOW), np.uint32(np.uint64(seed) >> _HALF)
    low = np.uint32(np.uint64(sweep) & _LOW)
    high = np.uint32(((np.uint64(sweep) >> _HALF) << np.uint64(16)) | np.uint64(tile))
    word, _, _, _ = philox(np.uint32(k), np.uint32(stream), low, high, key_0, key_1)
    return (np.float32(first) + uniform32(word)) * (_ONE + exp2_32(surprise)) <= _ALL_BITS


@njit(error_model="numpy")
def _workspace(n_neurons, n_hidden, n_chains):
    """Scratch of one tile, so that nothing is allocated within a sweep."""
    width = _NARROW if n_neurons <= _NARROW else WIDTH
    n_units = filled_up(n_hidden, ROWS_TOGETHER)
    on = np.zeros((n_chains, n_units), np.uint8)
    subsets = np.empty((n_chains, n_units // ROWS_TOGETHER), np.uint32)
    hidden_bits = np.empty(filled_up(n_chains * n_hidden, 4), np.uint32)
    tables = aligned_zeros(_GROUPS_AT_ONCE * TABLE)
    surprises = aligned_zeros(n_chains * WIDTH)
    bits = np.empty(filled_up(n_chains * width // 2, 4), np.uint32)
    fired = np.empty((n_chains, width), np.uint8)
    positions = np.empty(fired.size + 1, np.int32)
    active = np.empty((n_chains, n_neurons + 1), np.uint32)
    n_active = np.zeros(n_chains, np.int64)
    sums = aligned_zeros(n_chains * WIDTH)
    return (
        on,
        subsets,
        hidden_bits,
        tables,
        surprises,
        bits,
        fired,
        positions,
        active,
        n_active,
        sums,
    )


@njit(error_model="numpy")
def _list_fired(surprises, start, work, seed, sweep, tile):
    """Settle what is open in one block, and list the neurons that fired in every chain.

    Neurons are listed by the place of their weights.
    """
    _, _, _, _, _, bits, fired, positions, active, n_active, _ = work
    width = fired.shape[1]
    cells, words = fired.reshape(-1), bits.view(np.uint16)
    stream = _FIRST_OPEN_STREAM + start // WIDTH
    for f in range(list_active(cells, positions)):
        k = positions[f]
        c = k // width
        i = k - c * width
        if cells[k] == 1:
            cells[k] = _fires(surprises[c * WIDTH + i], words[k], k, seed, stream, sweep, tile)
        active[c, n_active[c]] = (start + i) * WIDTH
        n_active[c] += cells[k] != 0


@njit(error_model="numpy")
def _store_block(fired, start, states):
    """Write the cells of a block (n_chains, width) as columns of the chains' states."""
    n_chains, n_neurons = states.shape
    for c in range(n_chains):
        for i in range(min(fired.shape[1], n_neurons - start)):
            states[c, start + i] = fired[c, i] != 0


@njit(error_model="numpy")
def _sweep_visible(columns, fields, n_neurons, work, states, seed, sweep, tile, is_last):
    """Draw every neuron given the hidden units, and list those that fired."""
    on, subsets, _, tables, surprises, bits, fired, _, _, n_active, _ = work
    n_chains, n_units = on.shape
    by_chain = surprises.reshape(n_chains, WIDTH)
    words = bits.view(np.uint16)[: fired.size].reshape(fired.shape)
    n_active[:] = 0
    for start in range(0, n_neurons, WIDTH):
        of_block = fields[start : start + WIDTH]
        _add_inputs(columns, start * n_units, of_block, subsets, tables, surprises)
        fill_bits(bits, seed, _FIRST_VISIBLE_STREAM + start // WIDTH, sweep, tile)
        _draw_visible(by_chain, words, fired)
        _list_fired(surprises, start, work, seed, sweep, tile)
        if is_last:
            _store_block(fired, start, states)


@njit(error_model="numpy")
def _add_fired(rows, work, inputs):
    """Inputs (n_chains, n_hidden) of the hidden units: the weights of the neurons listed."""
    _, _, _, _, _, _, _, _, active, n_active, sums = work
    n_panels, n_neurons, _ = rows.shape
    n_chains, n_hidden = inputs.shape
    flat, places = rows.reshape(-1), active.reshape(-1)
    by_chain = sums.reshape(n_chains, WIDTH)
    for panel in range(n_panels):
        sums[:] = 0
        for c in range(n_chains):
            first = c * active.shape[1]
            at = panel * n_neurons * WIDTH
            add_rows(flat, places, first, first + n_active[c], at, sums, c * WIDTH)
        start = panel * WIDTH
        for c in range(n_chains):
            for m in range(start, min(start + WIDTH, n_hidden)):
                inputs[c, m] = by_chain[c, m - start]


@njit(error_model="numpy")
def _list_states(states, work):
    """List the active neurons of every chain, as `_list_fired` does."""
    _, _, _, _, _, _, _, _, active, n_active, _ = work
    positions = np.empty(states.shape[1] + 1, np.int32)
    for c in range(states.shape[0]):
        n_active[c] = list_active(states[c], positions)
        for f in range(n_active[c]):
            active[c, f] = positions[f] * WIDTH


@njit(nogil=True, cache=True, error_model="numpy")
def sweep_bernoulli(
    columns, rows, fields, theta, states, inputs, n_sweeps, first_sweep, tile, seed
):  # fmt: skip
    """Sweep one tile of chains h | v, v | h with binary units, in place.

    Parameters
    ----------
    columns, rows, fields : ndarray of float32
        From `popcode.rbm.kernels.layout.layout_of`.
    theta : ndarray of float32, (n_hidden,)
        Minus the hidden fields.
    states : ndarray of uint8, (n_chains, n_neurons)
        Overwritten with the states after the last sweep.
    inputs : ndarray of float32, (n_chains, n_hidden)
        Overwritten with states @ weights after the last sweep.
    n_sweeps, first_sweep, tile : int
    seed : uint64
        With the sweep's number, the tile and the position, determines every draw.
    """
    n_neurons = rows.shape[1]
    work = _workspace(n_neurons, theta.size, states.shape[0])
    on, subsets, hidden_bits = work[0], work[1], work[2]
    _list_states(states, work)
    _add_fired(rows, work, inputs)
    for sweep in range(first_sweep, first_sweep + n_sweeps):
        is_last = sweep == first_sweep + n_sweeps - 1
        fill_bits(hidden_bits, seed, _HIDDEN_STREAM, sweep, tile)
        _draw_hidden(inputs, theta, hidden_bits, on)
        _find_subsets(on, subsets)
        _sweep_visible(columns, fields, n_neurons, work, states, seed, sweep, tile, is_last)
        _add_fired(rows, work, inputs)
