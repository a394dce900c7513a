"""A model of two binary layers, laid out as its sweeps read it: in blocks that stay in cache."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from popcode.kernels.special import LOG2_E
from popcode.rbm.kernels.vectors import ROWS_TOGETHER, WIDTH, aligned_zeros

# Of neurons that only fill up a block: they never fire.
_IMPOSSIBLE = np.float32(1e4)


class Layout(NamedTuple):
    """A model as the sweeps read it.

    Attributes
    ----------
    columns : ndarray of float32
        Flat (n_blocks, n_units, 64): minus the weights in units of log 2, neurons in blocks of 64,
        units filled up to a multiple of four.
    rows : ndarray of float32, (n_panels, n_neurons, 64)
        Weights, units in panels of 64: all neurons' weights to one stay in a core's cache.
    fields : ndarray of float32, (64 n_blocks,)
        Minus the fields in units of log 2.
    """

    columns: NDArray[np.float32]
    rows: NDArray[np.float32]
    fields: NDArray[np.float32]


def layout_of(weights: NDArray[np.float32], fields: NDArray[np.float32]) -> Layout:
    """Lay out weights (n_neurons, n_hidden) and fields (n_neurons,) for `sweep_bernoulli`."""
    return Layout(*_layout(weights, fields))


@njit(nogil=True, cache=True, error_model="numpy")
def _layout(weights, fields):
    n_neurons, n_hidden = weights.shape
    n_blocks = (n_neurons + WIDTH - 1) // WIDTH
    n_units = filled_up(n_hidden, ROWS_TOGETHER)
    n_panels = (n_hidden + WIDTH - 1) // WIDTH
    columns = aligned_zeros(n_blocks * n_units * WIDTH)
    by_unit = columns.reshape(n_blocks, n_units, WIDTH)
    rows = aligned_zeros(n_panels * n_neurons * WIDTH).reshape(n_panels, n_neurons, WIDTH)
    filled = np.full(n_blocks * WIDTH, _IMPOSSIBLE)
    for start in range(0, n_neurons, WIDTH):
        stop = min(start + WIDTH, n_neurons)
        block = by_unit[start // WIDTH]
        for i in range(start, stop):
            filled[i] = -LOG2_E * fields[i]
            for first in range(0, n_hidden, WIDTH):
                for m in range(first, min(first + WIDTH, n_hidden)):
                    rows[first // WIDTH, i, m - first] = weights[i, m]
        for m in range(n_hidden):
            for i in range(stop - start):
                block[m, i] = -LOG2_E * weights[start + i, m]
    return columns, rows, filled


@njit(error_model="numpy")
def filled_up(size, step):
    """Give the least multiple of `step` that is not below `size`."""
    return (size + step - 1) // step * step
