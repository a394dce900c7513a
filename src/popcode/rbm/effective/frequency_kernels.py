"""One unit's factors at every frequency, in double precision."""

import numpy as np
from numba import njit

# f of a neuron active half the time can vanish: it is then replaced by the same number where it
# enters the law and where it is divided out.
_LEAST = 1e-20
# The square root of a complex number fails where squares of it underflow.
_NOTHING = 1e-280


@njit(error_model="numpy")
def _turn(angle):
    return complex(np.cos(angle), np.sin(angle))


@njit(error_model="numpy")
def _generating(p, e):
    """Return f = 1 - p + p e, kept away from 0."""
    f = (1 - p) + p * e
    if f.real * f.real + f.imag * f.imag < _LEAST * _LEAST:
        return complex(_LEAST, 0.0)
    return f


@njit(error_model="numpy")
def _without(p, e):
    """(e - 1) / f: a neuron's factor, the neuron itself taken out of the background."""
    f = _generating(p, e)
    return (e - 1) * f.conjugate() / (f.real * f.real + f.imag * f.imag)


@njit(error_model="numpy")
def _amplitude(k, step, width):
    """Weight of node k > 0: trapezoid rule, transform of sp'', 1 / frequency^2."""
    x = np.pi * k * step * width
    return -step / np.pi * x / np.sinh(x) / (k * step) ** 2


@njit(error_model="numpy")
def _law(column, rates, field, step, width, law):
    """Amplitude times E e^{iky} of all neurons, (n_nodes,); node 0 is left to the caller."""
    law[:] = 1
    for i in range(column.size):
        if column[i] != 0:
            e = turn = _turn(step * column[i])
            for k in range(1, law.size):
                law[k] *= _generating(rates[i], e)
                e *= turn
    for k in range(1, law.size):
        law[k] *= _amplitude(k, step, width) * _turn(k * step * field)


@njit(nogil=True, cache=True, error_model="numpy")
def independent_factors(column, rates, field, step, width, left, right):
    """Factors of pairs: a unit's part of the couplings is left @ right.T.

    Parameters
    ----------
    column, rates : ndarray of float64, (n_neurons,)
        Weights of the unit; probabilities to be active.
    field, step, width : float
    left, right : ndarray, (n_neurons, 2 n_nodes)
        Overwritten with real and imaginary parts.
    """
    n = left.shape[1] // 2
    law = np.empty(n, np.complex128)
    _law(column, rates, field, step, width, law)
    for k in range(1, n):
        law[k] = np.sqrt(law[k]) if abs(law[k]) > _NOTHING else 0j
    at_zero = np.sqrt(step / (2 * np.pi))
    for i in range(column.size):
        left[i, 0] = right[i, 0] = at_zero * column[i]
        left[i, n] = right[i, n] = 0
        e = turn = _turn(step * column[i])
        for k in range(1, n):
            factor = law[k] * _without(rates[i], e)
            left[i, k], left[i, n + k] = factor.real, -factor.imag
            right[i, k], right[i, n + k] = factor.real, factor.imag
            e *= turn


@njit(nogil=True, cache=True, error_model="numpy")
def independent_sets(column, rates, field, step, width, n_nodes, sets, found):
    """Add one unit's mixed differences over sets of neurons, others independent.

    Parameters
    ----------
    column, rates, field, step, width
        As in `independent_factors`.
    n_nodes : int
    sets : ndarray of int64, (n_sets, order)
    found : ndarray of float64, (n_sets,)
        Added to.
    """
    law = np.empty(n_nodes, np.complex128)
    _law(column, rates, field, step, width, law)
    order = sets.shape[1]
    mean = field + (rates * column).sum()
    e, turn = np.empty(order, np.complex128), np.empty(order, np.complex128)
    for s in range(sets.shape[0]):
        first = column[sets[s, 0]]
        if order == 1:
            # The limit k -> 0 is that of ((y + w)^2 - y^2) / 2, and sp(y) - y / 2 is even.
            at_zero = first * (mean - rates[sets[s, 0]] * first) + first * first / 2
            found[s] += step / (2 * np.pi) * at_zero + first / 2
        elif order == 2:
            found[s] += step / (2 * np.pi) * first * column[sets[s, 1]]
        for m in range(order):
            e[m] = turn[m] = _turn(step * column[sets[s, m]])
        for k in range(1, n_nodes):
            product = law[k]
            for m in range(order):
                product *= _without(rates[sets[s, m]], e[m])
                e[m] *= turn[m]
            found[s] += product.real


@njit(nogil=True, cache=True, error_model="numpy")
def waves(inputs, step, out):
    """Cosine and sine of k step inputs (n_rows,), into (n_rows, 2 n_nodes)."""
    n = out.shape[1] // 2
    for t in range(inputs.size):
        turn, e = _turn(step * inputs[t]), complex(1.0, 0.0)
        for k in range(n):
            out[t, k], out[t, n + k] = e.real, e.imag
            e *= turn


@njit(nogil=True, cache=True, error_model="numpy")
def data_factors(column, rates, mean_wave, own_wave, step, width, left, right):
    """Factors of pairs on the background of rows: a unit's part is left @ right.T.

    Parameters
    ----------
    column, rates : ndarray of float64, (n_neurons,)
    mean_wave : ndarray, (2 n_nodes,)
        Mean over rows of the cosines and sines of the inputs.
    own_wave : ndarray, (n_neurons, 2 n_nodes)
        Their covariance with each neuron.
    step, width : float
    left, right : ndarray, (n_neurons, 4 n_nodes)
        Overwritten.
    """
    n = left.shape[1] // 4
    at_zero = step / (2 * np.pi)
    for i in range(column.size):
        e, turn = complex(1.0, 0.0), _turn(step * column[i])
        for k in range(n):
            law = complex(mean_wave[k], mean_wave[n + k])
            own = complex(own_wave[i, k], own_wave[i, n + k])
            back = e.conjugate() - 1
            others = 1 + rates[i] * back
            a = (e - 1) * others
            c = (e - 1) * (others * law / 2 + back * own)
            if k == 0:
                a, c, scale = complex(column[i], 0.0), complex(column[i] / 2, 0.0), at_zero
            else:
                scale = _amplitude(k, step, width)
            left[i, k], left[i, n + k] = scale * a.real, -scale * a.imag
            right[i, k], right[i, n + k] = c.real, c.imag
            left[i, 2 * n + k], left[i, 3 * n + k] = c.real, -c.imag
            right[i, 2 * n + k], right[i, 3 * n + k] = scale * a.real, scale * a.imag
            e *= turn
