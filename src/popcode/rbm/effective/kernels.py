"""Mixed differences of log P over tuples of neurons, one by one, in double precision.

The Gaussian part of an input is integrated by the trapezoid rule: the integrand's poles lie at a
distance pi / s of the real axis, so that a step of min(1/2, 1/s) errs by less than 1e-8.
"""

import numpy as np
from numba import njit

_REACH = 6.5


@njit(error_model="numpy")
def softplus(x):
    """log(1 + e^x), for any x."""
    return max(x, 0.0) + np.log1p(np.exp(-abs(x)))


@njit(error_model="numpy")
def _difference(offset, own, n_own):
    """Mixed difference over subsets of `own` of softplus(offset + their sum)."""
    total = 0.0
    for subset in range(1 << n_own):
        argument, sign = offset, 1.0 if n_own % 2 == 0 else -1.0
        for k in range(n_own):
            if subset >> k & 1:
                argument += own[k]
                sign = -sign
        total += sign * softplus(argument)
    return total


@njit(error_model="numpy")
def _gaussian_difference(mean, variance, own, n_own):
    """The mixed difference averaged over a Gaussian input."""
    if variance < 1e-24:
        return _difference(mean, own, n_own)
    width = np.sqrt(variance)
    step = min(0.5, 1.0 / width)
    n_half = int(np.ceil(_REACH / step))
    total = mass = 0.0
    for k in range(-n_half, n_half + 1):
        z = k * step
        weight = np.exp(-0.5 * z * z)
        mass += weight
        total += weight * _difference(mean + width * z, own, n_own)
    return total / mass


@njit(error_model="numpy")
def _unit_difference(column, members, probabilities, mean, variance, large, own, others):
    """One unit's part: exact over its large neurons, Gaussian over the rest."""
    n_own = members.size
    for k in range(n_own):
        i = members[k]
        p = probabilities[i]
        own[k] = column[i]
        mean -= p * column[i]
        variance -= p * (1 - p) * column[i] ** 2
    n_others = 0
    for i in large:
        is_free = i >= 0
        for k in range(n_own):
            is_free = is_free and members[k] != i
        if is_free:
            p = probabilities[i]
            others[n_others] = i
            n_others += 1
            mean -= p * column[i]
            variance -= p * (1 - p) * column[i] ** 2
    total = 0.0
    for states in range(1 << n_others):
        probability, shifted = 1.0, mean
        for k in range(n_others):
            i = others[k]
            if states >> k & 1:
                probability *= probabilities[i]
                shifted += column[i]
            else:
                probability *= 1 - probabilities[i]
        if probability > 0:
            total += probability * _gaussian_difference(shifted, max(variance, 0.0), own, n_own)
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def independent_differences(columns, probabilities, means, variances, large, tuples, found):
    """Mixed differences of sum_a sp(...) over tuples, other neurons independent.

    Parameters
    ----------
    columns : ndarray of float64, (n_hidden, n_neurons)
        Weights, a row a unit.
    probabilities, means, variances, large
        As in `popcode.rbm.effective.background.Independent`.
    tuples : ndarray of int64, (n_tuples, order)
    found : ndarray of float64, (n_tuples,)
        Overwritten.
    """
    own, others = np.empty(tuples.shape[1]), np.empty(large.shape[1], np.int64)
    for t in range(tuples.shape[0]):
        total = 0.0
        for a in range(columns.shape[0]):
            total += _unit_difference(
                columns[a], tuples[t], probabilities, means[a], variances[a], large[a], own, others
            )
        found[t] = total


@njit(nogil=True, cache=True, error_model="numpy")
def data_differences(columns, inputs, rows, tuples, found):
    """Mixed differences over tuples, other neurons as in rows of the recording.

    Parameters
    ----------
    columns : ndarray of float64, (n_hidden, n_neurons)
    inputs : ndarray of float64, (n_hidden, n_rows)
        Of the rows, hidden fields among them.
    rows : ndarray of uint8, (n_rows, n_neurons)
    tuples : ndarray of int64, (n_tuples, order)
    found : ndarray of float64, (n_tuples,)
        Overwritten with the mean over the rows.
    """
    n_own = tuples.shape[1]
    own = np.empty(n_own)
    for t in range(tuples.shape[0]):
        total = 0.0
        for a in range(columns.shape[0]):
            for k in range(n_own):
                own[k] = columns[a, tuples[t, k]]
            for r in range(rows.shape[0]):
                offset = inputs[a, r]
                for k in range(n_own):
                    if rows[r, tuples[t, k]]:
                        offset -= own[k]
                total += _difference(offset, own, n_own)
        found[t] = total / rows.shape[0]
