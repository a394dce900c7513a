"""The partition function by enumeration of the smaller layer, up to 2**24 states."""

from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.parameters import Parameters
from popcode.threads import Team, pieces

MAX_ENUMERATED = 24
# The last eight units are the columns of a table, whose products run over vector registers.
_TABLE_UNITS = 8
_OUTER_STATES_PER_CALL = 64
# Factors 1 + e^x are multiplied up to this exponent, and their logarithm taken once.
_LARGEST_EXPONENT = 600.0


@njit(error_model="numpy")
def _outer_inputs(weights, hidden_fields, code, n_outer, inputs):
    """Inputs of the other layer from the outer bits of a state; the first unit is bit 0."""
    inputs[:] = hidden_fields
    for i in range(n_outer):
        if (code >> i) & 1:
            for a in range(inputs.size):
                inputs[a] += weights[i, a]


@njit(error_model="numpy")
def _add_softplus(inputs, shifts, factors, bounds, totals):
    """Add sum_a sp(inputs[a] + shifts[a, l]) to every totals[l]; factors = exp(shifts)."""
    products = np.ones_like(totals)
    exponent = 0.0
    for a in range(inputs.size):
        if bounds[a] > _LARGEST_EXPONENT:
            for k in range(totals.size):
                x = inputs[a] + shifts[a, k]
                totals[k] += max(x, 0.0) + np.log1p(np.exp(-abs(x)))
            continue
        # The bound on the log of a factor, and the log 2 that a factor at x = 0 adds.
        if exponent + bounds[a] + 1 > _LARGEST_EXPONENT:
            totals += np.log(products)
            products[:] = 1
            exponent = 0.0
        exponent += bounds[a] + 1
        scale = np.exp(inputs[a])
        for k in range(totals.size):
            products[k] *= 1 + scale * factors[a, k]
    totals += np.log(products)


@njit(nogil=True, cache=True, error_model="numpy")
def enumerate_block(
    weights, fields, other_fields, shifts, factors, table_fields, bounds, first, last, sums
):
    """Write log sum exp(-F) over the states of each outer code in first..last - 1.

    Parameters
    ----------
    weights : ndarray of float64, (n_enumerated, n_other)
    fields, other_fields : ndarray of float64, (n_enumerated,), (n_other,)
    shifts, factors : ndarray of float64, (n_other, n_table)
        Inputs from the table's units in each of their states, and their exponentials.
    table_fields : ndarray of float64, (n_table,)
        fields . state of the table's units.
    bounds : ndarray of float64, (n_other,)
        Largest |input| of each unit.
    first, last : int
    sums : ndarray of float64, (last - first,)
        Overwritten.
    """
    n_outer = fields.size - int(np.round(np.log2(table_fields.size)))
    inputs = np.empty(other_fields.size)
    totals = np.empty(table_fields.size)
    for code in range(first, last):
        _outer_inputs(weights, other_fields, code, n_outer, inputs)
        outer_field = 0.0
        for i in range(n_outer):
            if (code >> i) & 1:
                outer_field += fields[i]
        totals[:] = table_fields + outer_field
        _add_softplus(inputs, shifts, factors, bounds, totals)
        largest = totals.max()
        sums[code - first] = largest + np.log(np.exp(totals - largest).sum())


def exact_log_partition(parameters: Parameters) -> float:
    """Logarithm of Z by enumeration of the smaller layer.

    Z = sum_v exp(b.v) prod_a (1 + exp(c + v W)_a), or the same sum over the hidden states.

    Parameters
    ----------
    parameters : Parameters
        With binary hidden units.

    Returns
    -------
    float
        In nats, to a relative error of 1e-9.

    Raises
    ------
    InputError
        Both layers have more than 24 units.
    """
    weights, fields, other_fields = _smaller_layer_first(parameters)
    n_table = min(_TABLE_UNITS, fields.size)
    n_outer = fields.size - n_table
    states = (np.arange(2**n_table)[:, None] >> np.arange(n_table)) & 1
    shifts = np.ascontiguousarray((states @ weights[n_outer:]).T)
    bounds = np.abs(other_fields) + np.abs(weights).sum(axis=0)
    with np.errstate(over="ignore"):  # beyond the largest exponent the factors are not used
        factors = np.exp(shifts)
    table_fields = states @ fields[n_outer:]
    sums = np.empty(2**n_outer)
    with Team() as team:
        team.run(
            partial(
                enumerate_block, weights, fields, other_fields, shifts, factors, table_fields,
                bounds, a, b, sums[a:b],
            )
            for a, b in pieces(sums.size, _OUTER_STATES_PER_CALL)
        )  # fmt: skip
    largest = sums.max()
    return float(largest + np.log(np.exp(sums - largest).sum()))


def _smaller_layer_first(parameters: Parameters) -> tuple[NDArray, NDArray, NDArray]:
    """Weights (n_smaller, n_larger), fields of the smaller layer and of the larger."""
    weights = np.asarray(parameters.weights, np.float64)
    fields = np.asarray(parameters.fields, np.float64)
    hidden_fields = -np.asarray(parameters.hidden.theta, np.float64)
    smallest = min(weights.shape)
    if smallest > MAX_ENUMERATED:
        raise InputError(
            f"{weights.shape[0]} neurons and {weights.shape[1]} hidden units have too many states "
            f"to enumerate (at most {MAX_ENUMERATED} in one layer)",
            remedy="Use method='ais'",
        )
    if weights.shape[0] <= weights.shape[1]:
        return np.ascontiguousarray(weights), fields, hidden_fields
    return np.ascontiguousarray(weights.T), hidden_fields, fields
