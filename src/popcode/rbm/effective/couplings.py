"""Effective fields, pair couplings and higher ones of an RBM, relative to a background.

All are mixed differences in {0, 1}: what being active together adds to log P beyond what each adds
alone, averaged over a law of the other neurons. On the uniform background a pair's is 4 J of the
Ising model.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.effective.background import (
    background_rates,
    check_background,
    check_finite,
    chosen_rows,
)
from popcode.rbm.effective.kernels import data_differences
from popcode.rbm.effective.product import data_pairs, independent_pairs, independent_tuples
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
_TUPLES_PER_CALL = 16
# Up to so many neurons every pair is worked out by itself.
_EXACT_UP_TO = 40
_N_CHECKED = 1000
_CHECK_STREAM = 52


class Couplings(NamedTuple):
    """Couplings of all pairs.

    Attributes
    ----------
    matrix : ndarray of float64, (n_neurons, n_neurons)
        Symmetric, with a diagonal of 0; in nats (log odds).
    background : str
    error : float
        Largest difference from pairs worked out one by one: 1,000 at random and the 1,000 largest
        (on "data" some 40 of these); 0 where every pair is. It says nothing of the noise of the
        rows that a "data" background is an average over.
    """

    matrix: Float
    background: str
    error: float


def effective_tuples(
    weights: NDArray,
    hidden_fields: NDArray,
    tuples: NDArray,
    background: str = "rates",
    *,
    rates: NDArray | None = None,
    rows: NDArray | None = None,
) -> Float:
    """Couplings of chosen pairs, triplets or larger tuples of distinct neurons, (n_tuples,).

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    hidden_fields : ndarray, (n_hidden,)
    tuples : ndarray of int, (n_tuples, order)
    background : {"rates", "silent", "uniform", "data"}
        The other neurons: independent with their rates, all silent, independent and active half
        the time, or as in bins of the recording.
    rates : ndarray, (n_neurons,), optional
        For "rates".
    rows : ndarray, (n_rows, n_neurons), optional
        For "data"; at most 2,000 of them, chosen at random, are used.

    Raises
    ------
    InputError
        An unknown background or one that lacks its rates or rows; rates that are none; weights
        that are not finite; neurons that are not distinct.
    """
    columns = np.ascontiguousarray(np.asarray(weights, np.float64).T)
    fields, n_neurons = np.asarray(hidden_fields, np.float64), columns.shape[1]
    check_finite(columns, fields)
    check_background(background, rates, rows, n_neurons)
    tuples = _checked_tuples(tuples, n_neurons)
    if background == "data":
        chosen = chosen_rows(rows)  # type: ignore[arg-type]
        inputs = np.ascontiguousarray(columns @ chosen.T + fields[:, None])
        kernel = partial(data_differences, columns, inputs, chosen)
    else:
        probabilities = background_rates(background, rates, n_neurons)
        return independent_tuples(columns.T, fields, probabilities, tuples)
    found = np.empty(len(tuples))
    with Team() as team:
        team.run(
            partial(kernel, tuples[a:b], found[a:b])
            for a, b in pieces(len(tuples), _TUPLES_PER_CALL)
        )
    return found


def effective_fields(
    weights: NDArray,
    fields: NDArray,
    hidden_fields: NDArray,
    background: str = "rates",
    *,
    rates: NDArray | None = None,
    rows: NDArray | None = None,
) -> Float:
    """Log odds of every neuron on a background, (n_neurons,); arguments as `effective_tuples`."""
    alone = np.arange(len(fields))[:, None]
    differences = effective_tuples(
        weights, hidden_fields, alone, background, rates=rates, rows=rows
    )
    return np.asarray(fields, np.float64) + differences


def effective_couplings(
    weights: NDArray,
    hidden_fields: NDArray,
    background: str = "rates",
    *,
    rates: NDArray | None = None,
    rows: NDArray | None = None,
) -> Couplings:
    """Couplings of all pairs; arguments as `effective_tuples`.

    Up to 40 neurons every pair is worked out by itself. Beyond, all are one matrix product: on
    independent backgrounds with the two neurons divided out, on "data" without what their
    activity has to do with that of the others; the error is measured.

    Raises
    ------
    InputError
        As `effective_tuples`; weights that are not finite.
    """
    exact = partial(
        effective_tuples, weights, hidden_fields, background=background, rates=rates, rows=rows
    )
    n_neurons = len(weights)
    upper = np.triu_indices(n_neurons, 1)
    if n_neurons <= _EXACT_UP_TO:
        matrix = np.zeros((n_neurons, n_neurons))
        matrix[upper] = exact(tuples=np.stack(upper, axis=1))
        return Couplings(matrix + matrix.T, background, 0.0)
    check_finite(weights, hidden_fields)
    check_background(background, rates, rows, n_neurons)
    matrix = _shared(np.asarray(weights, np.float64), hidden_fields, background, rates, rows)
    np.fill_diagonal(matrix, 0)
    checked = _pairs_to_check(matrix[upper])
    pairs = np.stack([side[checked] for side in upper], axis=1)
    n_looked_at = len(pairs) if background != "data" else 40  # each goes through 2,000 rows
    pairs = pairs[:: max(len(pairs) // n_looked_at, 1)]
    error = np.abs(exact(tuples=pairs) - matrix[pairs[:, 0], pairs[:, 1]]).max()
    return Couplings(matrix, background, float(error))


def _shared(
    weights: Float,
    hidden_fields: NDArray,
    background: str,
    rates: NDArray | None,
    rows: NDArray | None,
) -> Float:
    if background == "data":
        return data_pairs(weights, hidden_fields, chosen_rows(rows))  # type: ignore[arg-type]
    probabilities = background_rates(background, rates, len(weights))
    return independent_pairs(weights, hidden_fields, probabilities)


def _pairs_to_check(values: Float) -> NDArray[np.int64]:
    rng = np.random.default_rng(_CHECK_STREAM)
    random = rng.integers(values.size, size=_N_CHECKED)
    largest = np.argsort(-np.abs(values))[:_N_CHECKED]
    return np.concatenate([random, largest])


def _checked_tuples(tuples: NDArray, n_neurons: int) -> NDArray[np.int64]:
    tuples = np.ascontiguousarray(tuples, np.int64)
    if tuples.ndim != 2 or tuples.shape[1] == 0:
        raise InputError(
            f"tuples have the shape {tuples.shape}", remedy="Give one tuple of neurons a row"
        )
    ordered = np.sort(tuples, axis=1)
    if tuples.size and (ordered[:, 0].min() < 0 or ordered[:, -1].max() >= n_neurons):
        raise InputError(
            f"a tuple names a neuron outside of 0 to {n_neurons - 1}", remedy="Count from 0"
        )
    if (np.diff(ordered, axis=1) == 0).any():
        raise InputError("a tuple names a neuron twice", remedy="Give distinct neurons")
    return tuples
