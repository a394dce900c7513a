"""One unit's factors at every frequency, in double precision."""

import numpy as np
from numba import njit

from popcode.rbm.kernels.vectors import WIDTH, add_rows, aligned_zeros

# f of a neuron active half the time can vanish: it is then replaced by the same number where it
# enters the law and where it is divided out.
_LEAST = 1e-20
# Neurons between two looks at which nodes still tell.
_NEURONS_AT_ONCE = 64
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
def _multiply_in(column, rates, first, stop, step, law, weakest):
    """Multiply the law by the factors of some neurons; keep the two smallest |f|^2 of each node."""
    for i in range(first, stop):
        if column[i] != 0 and rates[i] != 0:
            e = turn = _turn(step * column[i])
            for k in range(1, law.size):
                f = _generating(rates[i], e)
                law[k] *= f
                square = f.real * f.real + f.imag * f.imag
                weakest[1, k] = min(weakest[1, k], max(weakest[0, k], square))
                weakest[0, k] = min(weakest[0, k], square)
                e *= turn


@njit(error_model="numpy")
def _n_needed(law, weakest, order, least):
    """Nodes up to the last at which any `order` neurons' part may exceed `least`.

    A neuron's factor is |e - 1| / |f| <= 2 / |f|, and a law of some of the neurons bounds that of
    all, since |f| <= 1. With more than two neurons only the factors 1 / |f| of the two weakest
    are known, and the weaker stands for the rest.
    """
    for k in range(law.size - 1, 0, -1):
        bound = abs(law[k]) * 2.0**order
        for n in range(order):
            bound /= np.sqrt(weakest[min(n, 1), k] if order <= 2 else weakest[0, k])
        if not bound < least:
            return k + 1
    return 1


@njit(nogil=True, cache=True, error_model="numpy")
def independent_law(column, rates, field, step, width, n_nodes, order, least):
    """Amplitude times E e^{iky} of all neurons, up to the last node that tells.

    Parameters
    ----------
    column, rates : ndarray of float64, (n_neurons,)
        Weights of the unit; probabilities to be active.
    field, step, width : float
    n_nodes, order : int
        Nodes of the rule; neurons of the sets that the law is for.
    least : float
        Nodes beyond the last at which a set's part may exceed it are left out.

    Returns
    -------
    ndarray of complex128, (n_needed,)
        Node 0 is left to the caller.
    """
    law = np.ones(n_nodes, np.complex128)
    weakest = np.ones((2, n_nodes))
    for k in range(1, n_nodes):
        law[k] = _amplitude(k, step, width) * _turn(k * step * field)
    for first in range(0, column.size, _NEURONS_AT_ONCE):
        stop = min(first + _NEURONS_AT_ONCE, column.size)
        _multiply_in(column, rates, first, stop, step, law, weakest)
        n_needed = _n_needed(law, weakest, order, least)
        law, weakest = law[:n_needed], weakest[:, :n_needed]
    return law


@njit(nogil=True, cache=True, error_model="numpy")
def independent_factors(column, rates, step, law, left, right):
    """Factors of pairs: a unit's part of the couplings is left @ right.T.

    Parameters
    ----------
    column, rates : ndarray of float64, (n_neurons,)
        Weights of the unit; probabilities to be active.
    step : float
    law : ndarray of complex128, (n_nodes,)
        From `independent_law`.
    left, right : ndarray, (n_neurons, 2 n_nodes)
        Overwritten with real and imaginary parts.
    """
    n = law.size
    root = np.zeros(n, np.complex128)
    for k in range(1, n):
        root[k] = np.sqrt(law[k]) if abs(law[k]) > _NOTHING else 0j
    at_zero = np.sqrt(step / (2 * np.pi))
    for i in range(column.size):
        left[i, 0] = right[i, 0] = at_zero * column[i]
        left[i, n] = right[i, n] = 0
        e = turn = _turn(step * column[i])
        for k in range(1, n):
            factor = root[k] * _without(rates[i], e)
            left[i, k], left[i, n + k] = factor.real, -factor.imag
            right[i, k], right[i, n + k] = factor.real, factor.imag
            e *= turn


@njit(nogil=True, cache=True, error_model="numpy")
def independent_sets(column, rates, field, step, law, sets, found):
    """Add one unit's mixed differences over sets of neurons, others independent.

    Parameters
    ----------
    column, rates, field, step, law
        As in `independent_law`, and its law.
    sets : ndarray of int64, (n_sets, order)
    found : ndarray of float64, (n_sets,)
        Added to.
    """
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
        for k in range(1, law.size):
            product = law[k]
            for m in range(order):
                product *= _without(rates[sets[s, m]], e[m])
                e[m] *= turn[m]
            found[s] += product.real


@njit(error_model="numpy")
def _waves(inputs, step, n_nodes):
    """Cosines and sines of k step inputs, in panels of 64: (n_panels, n_rows, 64)."""
    n_panels = (2 * n_nodes + WIDTH - 1) // WIDTH
    out = aligned_zeros(n_panels * inputs.size * WIDTH).reshape(n_panels, inputs.size, WIDTH)
    for t in range(inputs.size):
        turn, e = _turn(step * inputs[t]), complex(1.0, 0.0)
        for k in range(n_nodes):
            out[k // WIDTH, t, k % WIDTH] = e.real
            q = n_nodes + k
            out[q // WIDTH, t, q % WIDTH] = e.imag
            e *= turn
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def row_waves(inputs, step, n_nodes, active, ends, rates):
    """Mean over rows of the waves of one unit's inputs, and their covariance with each neuron.

    Parameters
    ----------
    inputs : ndarray of float64, (n_rows,)
    step : float
    n_nodes : int
    active : ndarray of uint32
        64 times the rows in which a neuron is active, neuron after neuron.
    ends : ndarray of int64, (n_neurons,)
        Where the rows of each neuron end.
    rates : ndarray of float64, (n_neurons,)
        Share of the rows.

    Returns
    -------
    mean : ndarray of float64, (2 n_nodes,)
        Of cosines, then sines.
    covariance : ndarray of float64, (n_neurons, 2 n_nodes)
    """
    n_rows, n_neurons = inputs.size, ends.size
    waves = _waves(inputs, step, n_nodes)
    mean, covariance = np.zeros(2 * n_nodes), np.empty((n_neurons, 2 * n_nodes))
    sums = aligned_zeros(WIDTH)
    for panel in range(waves.shape[0]):
        first = panel * WIDTH
        width = min(WIDTH, 2 * n_nodes - first)
        for t in range(n_rows):
            for q in range(width):
                mean[first + q] += waves[panel, t, q]
        at = panel * n_rows * WIDTH
        for i in range(n_neurons):
            sums[:] = 0
            start = ends[i - 1] if i > 0 else 0
            add_rows(waves.reshape(-1), active, start, ends[i], at, sums, 0)
            for q in range(width):
                covariance[i, first + q] = (sums[q] - rates[i] * mean[first + q]) / n_rows
    return mean / n_rows, covariance


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
    scale = np.empty(n)
    scale[0] = step / (2 * np.pi)
    for k in range(1, n):
        scale[k] = _amplitude(k, step, width)
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
                a, c = complex(column[i], 0.0), complex(column[i] / 2, 0.0)
            left[i, k], left[i, n + k] = scale[k] * a.real, -scale[k] * a.imag
            right[i, k], right[i, n + k] = c.real, c.imag
            left[i, 2 * n + k], left[i, 3 * n + k] = c.real, -c.imag
            right[i, 2 * n + k], right[i, 3 * n + k] = scale[k] * a.real, scale[k] * a.imag
            e *= turn
