"""What the gradient and the gauge need of the hidden units, summed over a batch, in float64."""

import numpy as np
from numba import njit

from popcode.rbm.kernels.moments import (
    moments_bernoulli,
    moments_drelu,
    moments_gaussian,
    moments_relu,
)

# Columns of the table of sums that `statistics_*` fills; four wide where the natural statistics
# s = (h+^2/2, h-^2/2, h+, |h-|) are meant.
N_SUMS = 19
MEAN, MEAN_SQUARE, VARIANCE = 0, 1, 2
NATURAL = slice(3, 7)  # <s_k>
COVARIANCE = slice(7, 11)  # <Cov(h, s_k)>
MEAN_COVARIANCE = slice(11, 15)  # <E[h] Cov(h, s_k)>
THIRD = slice(15, 19)  # <third mixed cumulant of h, h, s_k>


@njit(error_model="numpy")
def _sum_unit(plus, minus, sums):
    """Averages over the rows of one unit, in the order of the column constants."""
    n_rows = plus.shape[1]
    sums[:] = 0.0
    for b in range(n_rows):
        p1, p2, p3, p4 = plus[0, b], plus[1, b], plus[2, b], plus[3, b]
        q1, q2, q3, q4 = minus[0, b], minus[1, b], minus[2, b], minus[3, b]
        mean, square = p1 - q1, p2 + q2
        c0, c1 = (p3 - mean * p2) / 2.0, (-q3 - mean * q2) / 2.0
        c2, c3 = p2 - mean * p1, -q2 - mean * q1
        sums[0] += mean
        sums[1] += mean * mean
        sums[2] += square - mean * mean
        sums[3] += p2 / 2.0
        sums[4] += q2 / 2.0
        sums[5] += p1
        sums[6] += q1
        sums[7] += c0
        sums[8] += c1
        sums[9] += c2
        sums[10] += c3
        sums[11] += mean * c0
        sums[12] += mean * c1
        sums[13] += mean * c2
        sums[14] += mean * c3
        sums[15] += (p4 - square * p2) / 2.0 - 2.0 * mean * c0
        sums[16] += (q4 - square * q2) / 2.0 - 2.0 * mean * c1
        sums[17] += p3 - square * p1 - 2.0 * mean * c2
        sums[18] += q3 - square * q1 - 2.0 * mean * c3
    sums /= n_rows


@njit(error_model="numpy")
def _slopes_unit(plus, minus, grand_mean, mean_h, input_slope):
    """E[h] of every row, and the slope of the batch's Var(h) in that row's input, times n_rows."""
    for b in range(mean_h.size):
        mean, square = plus[0, b] - minus[0, b], plus[1, b] + minus[1, b]
        third = plus[2, b] - minus[2, b] - 3.0 * mean * square + 2.0 * mean**3
        mean_h[b] = mean
        input_slope[b] = 2.0 * (mean - grand_mean) * (square - mean * mean) + third


@njit(nogil=True, cache=True, error_model="numpy")
def statistics_drelu(inputs, constants, first, last, sums, mean_h, input_slope):
    """Statistics of dReLU units `first` to `last`.

    Parameters
    ----------
    inputs : ndarray of float32, (n_rows, n_hidden)
    constants : ndarray of float64, (n_hidden, n_constants)
        From `popcode.rbm.kernels.hidden.constants_of`.
    first, last : int
    sums : ndarray of float64, (n_hidden, N_SUMS)
        Overwritten for those units.
    mean_h, input_slope : ndarray of float64, (n_rows, n_hidden)
        Overwritten for those units: E[h | v], and n_rows times the slope of Var(h) in the input.
    """
    n_rows = inputs.shape[0]
    column, scratch = np.empty(n_rows), np.empty(n_rows)
    plus, minus = np.empty((4, n_rows)), np.empty((4, n_rows))
    for m in range(first, last):
        column[:] = inputs[:, m]
        moments_drelu(column, constants[m], scratch, plus, minus)
        _sum_unit(plus, minus, sums[m])
        _slopes_unit(plus, minus, sums[m, MEAN], mean_h[:, m], input_slope[:, m])


@njit(nogil=True, cache=True, error_model="numpy")
def statistics_relu(inputs, constants, first, last, sums, mean_h, input_slope):
    """Statistics of non-negative rectified units; arguments as for `statistics_drelu`."""
    n_rows = inputs.shape[0]
    column, scratch = np.empty(n_rows), np.empty(n_rows)
    plus, minus = np.empty((4, n_rows)), np.empty((4, n_rows))
    for m in range(first, last):
        column[:] = inputs[:, m]
        moments_relu(column, constants[m], scratch, plus, minus)
        _sum_unit(plus, minus, sums[m])
        _slopes_unit(plus, minus, sums[m, MEAN], mean_h[:, m], input_slope[:, m])


@njit(nogil=True, cache=True, error_model="numpy")
def statistics_gaussian(inputs, constants, first, last, sums, mean_h, input_slope):
    """Statistics of Gaussian units; arguments as for `statistics_drelu`."""
    n_rows = inputs.shape[0]
    column, scratch = np.empty(n_rows), np.empty(n_rows)
    plus, minus = np.empty((4, n_rows)), np.empty((4, n_rows))
    for m in range(first, last):
        column[:] = inputs[:, m]
        moments_gaussian(column, constants[m], scratch, plus, minus)
        _sum_unit(plus, minus, sums[m])
        _slopes_unit(plus, minus, sums[m, MEAN], mean_h[:, m], input_slope[:, m])


@njit(nogil=True, cache=True, error_model="numpy")
def statistics_bernoulli(inputs, constants, first, last, sums, mean_h, input_slope):
    """Statistics of binary units; arguments as for `statistics_drelu`."""
    n_rows = inputs.shape[0]
    column, scratch = np.empty(n_rows), np.empty(n_rows)
    plus, minus = np.empty((4, n_rows)), np.empty((4, n_rows))
    for m in range(first, last):
        column[:] = inputs[:, m]
        moments_bernoulli(column, constants[m], scratch, plus, minus)
        _sum_unit(plus, minus, sums[m])
        _slopes_unit(plus, minus, sums[m, MEAN], mean_h[:, m], input_slope[:, m])
