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
_TUPLES_PER_CALL = 4
_ROW_BLOCKS = 20
# Up to so many neurons every pair is worked out by itself.
_EXACT_UP_TO = 40
_N_CHECKED = 1000
_N_CHECKED_OVER_ROWS = 80  # each goes through 2,000 rows
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
        (on "data" some 80 of these); 0 where every pair is.
    standard_error : float
        Of the finite number of rows that a "data" background is an average over: root mean square
        over the pairs worked out one by one, by the jackknife over 20 stretches of rows. 0 on
        other backgrounds. It leaves out what another fit would change.
    """

    matrix: Float
    background: str
    error: float
    standard_error: float = 0.0


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
    return _one_by_one(weights, hidden_fields, tuples, background, rates, rows)[0]


def _one_by_one(
    weights: NDArray,
    hidden_fields: NDArray,
    tuples: NDArray,
    background: str,
    rates: NDArray | None,
    rows: NDArray | None,
) -> tuple[Float, float]:
    """Couplings of tuples, and the root mean square of their standard errors over rows."""
    columns = np.ascontiguousarray(np.asarray(weights, np.float64).T)
    fields, n_neurons = np.asarray(hidden_fields, np.float64), columns.shape[1]
    check_finite(columns, fields)
    check_background(background, rates, rows, n_neurons)
    tuples = _checked_tuples(tuples, n_neurons)
    if background == "data":
        by_block, sizes = _over_rows(columns, fields, chosen_rows(rows), tuples)  # type: ignore[arg-type]
        return by_block @ sizes / sizes.sum(), _standard_error(by_block)
    probabilities = background_rates(background, rates, n_neurons)
    return independent_tuples(columns.T, fields, probabilities, tuples), 0.0


def _standard_error(by_block: Float) -> float:
    """Root mean square over tuples of the jackknife's error of a mean over (equal) blocks."""
    n_tuples, n_blocks = by_block.shape
    if n_tuples == 0 or n_blocks < 2:
        return float("nan")
    return float(np.sqrt((by_block.var(axis=1, ddof=1) / n_blocks).mean()))


def _over_rows(
    columns: Float, hidden_fields: Float, rows: NDArray[np.uint8], tuples: NDArray[np.int64]
) -> tuple[Float, NDArray[np.int64]]:
    """Means over stretches of rows, (n_tuples, n_blocks), and the stretches' numbers of rows."""
    inputs = np.ascontiguousarray(columns @ rows.T + hidden_fields[:, None])
    n_blocks = min(_ROW_BLOCKS, len(rows))
    starts = np.linspace(0, len(rows), n_blocks + 1).astype(np.int64)
    found = np.empty((len(tuples), n_blocks))
    by_neuron = np.ascontiguousarray(rows.T)
    with Team() as team:
        team.run(
            partial(data_differences, columns, inputs, by_neuron, tuples[a:b], starts, found[a:b])
            for a, b in pieces(len(tuples), _TUPLES_PER_CALL)
        )
    return found, np.diff(starts)


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
        _one_by_one, weights, hidden_fields, background=background, rates=rates, rows=rows
    )
    n_neurons = len(weights)
    upper = np.triu_indices(n_neurons, 1)
    if n_neurons <= _EXACT_UP_TO:
        matrix = np.zeros((n_neurons, n_neurons))
        matrix[upper], standard_error = exact(tuples=np.stack(upper, axis=1))
        return Couplings(matrix + matrix.T, background, 0.0, standard_error)
    check_finite(weights, hidden_fields)
    check_background(background, rates, rows, n_neurons)
    matrix = _shared(np.asarray(weights, np.float64), hidden_fields, background, rates, rows)
    np.fill_diagonal(matrix, 0)
    checked = _pairs_to_check(matrix[upper])
    pairs = np.stack([side[checked] for side in upper], axis=1)
    n_looked_at = len(pairs) if background != "data" else _N_CHECKED_OVER_ROWS
    pairs = pairs[:: max(len(pairs) // n_looked_at, 1)]
    values, standard_error = exact(tuples=pairs)
    error = np.abs(values - matrix[pairs[:, 0], pairs[:, 1]]).max()
    return Couplings(matrix, background, float(error), standard_error)


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
    sizes = np.abs(values)
    n_largest = min(_N_CHECKED, sizes.size)
    largest = np.argpartition(sizes, sizes.size - n_largest)[sizes.size - n_largest :]
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
