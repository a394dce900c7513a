"""Free energies of many states of a model with binary hidden units, F(v) = -b.v - sum sp(c + vW).

Eq. 1.1 of the RBM: sp(x) = log(1 + e^x).
"""

from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from popcode.kernels.special import exp32, log32
from popcode.rbm.kernels.sweeps import add_active_rows
from popcode.rbm.parameters import Parameters
from popcode.threads import Team, pieces

_ROWS_PER_CALL = 50
_ZERO, _ONE = np.float32(0), np.float32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def softplus_sums(inputs, theta, sums):
    """Write sum_a sp(inputs[r, a] - theta[a]) of every row.

    Parameters
    ----------
    inputs : ndarray of float32, (n_rows, n_hidden)
    theta : ndarray of float32, (n_hidden,)
        Minus the hidden fields.
    sums : ndarray of float64, (n_rows,)
        Overwritten; absolute error below 3e-7 a hidden unit.
    """
    terms = np.empty(inputs.shape[1], np.float32)
    for r in range(inputs.shape[0]):
        row = inputs[r]
        for m in range(row.size):
            x = row[m] - theta[m]
            terms[m] = max(x, _ZERO) + log32(_ONE + exp32(-abs(x)))
        total = 0.0
        for m in range(row.size):
            total += np.float64(terms[m])
        sums[r] = total


@njit(nogil=True, cache=True, error_model="numpy")
def field_sums(fields, states, rows, sums):
    """Write fields . states[rows[r]] of every row, in float64.

    Parameters
    ----------
    fields : ndarray of float32, (n_neurons,)
    states : ndarray of uint8, (n_states, n_neurons)
    rows : ndarray of int64, (n_rows,)
    sums : ndarray of float64, (n_rows,)
        Overwritten.
    """
    for r in range(rows.size):
        state = states[rows[r]]
        total = 0.0
        for i in range(state.size):
            if state[i]:
                total += np.float64(fields[i])
        sums[r] = total


def write_energies(
    parameters: Parameters,
    theta: NDArray[np.float32],
    states: NDArray[np.uint8],
    rows: NDArray[np.int64],
    energies: NDArray[np.float64],
) -> None:
    """Write F(v) of rows of states on the calling thread; arguments as for `free_energies`."""
    inputs = np.empty((rows.size, parameters.n_hidden), np.float32)
    add_active_rows(parameters.weights, states, rows, inputs)
    write_energies_of_inputs(parameters, theta, inputs, states, rows, energies)


def write_energies_of_inputs(
    parameters: Parameters,
    theta: NDArray[np.float32],
    inputs: NDArray[np.float32],
    states: NDArray[np.uint8],
    rows: NDArray[np.int64],
    energies: NDArray[np.float64],
) -> None:
    """As `write_energies`, where the inputs v W (n_rows, n_hidden) of the rows are at hand."""
    sums = np.empty(rows.size)
    softplus_sums(inputs, theta, energies)
    field_sums(parameters.fields, states, rows, sums)
    energies += sums
    np.negative(energies, out=energies)


def free_energies(
    team: Team,
    parameters: Parameters,
    states: NDArray[np.uint8],
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """F(v) of states (n_states, n_neurons), or of the given rows of them, in nats.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    parameters : Parameters
        With binary hidden units; weights and fields of float32.
    states : ndarray of uint8, (n_states, n_neurons)
        Any non-zero entry counts as active; rows contiguous.
    rows : ndarray of int64, (n_rows,), optional
    """
    rows = np.arange(len(states)) if rows is None else rows
    energies = np.empty(rows.size)
    theta = parameters.hidden.theta.astype(np.float32)
    team.run(
        partial(write_energies, parameters, theta, states, rows[a:b], energies[a:b])
        for a, b in pieces(rows.size, _ROWS_PER_CALL)
    )
    return energies
