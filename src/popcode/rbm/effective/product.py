r"""All pairs as one matrix product over the frequencies of every unit.

On a background of independent neurons it is exact, the two neurons taken out. On rows of data, with
y the input of a row and neuron i at v_i = p_i + d_i, taking i out multiplies e^{iky} by
1 + v_i b_i = a_i + d_i b_i, where b_i = e^{-ik W_i} - 1 and a_i = 1 + p_i b_i; of the mean of

    e^{iky} (a_i + d_i b_i) (a_j + d_j b_j)

all but the last term, b_i b_j <d_i d_j e^{iky}>, factors: what is left out is of the order of the
pair's covariance times its weights squared.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.effective.frequencies import (
    Rule,
    independent_range,
    rows_range,
    rule_for,
)
from popcode.rbm.effective.frequency_kernels import (
    data_factors,
    independent_factors,
    independent_sets,
    waves,
)
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
Fill = Callable[[int, NDArray, NDArray], None]
# Columns held at once; rows of the product, and units of a sum over sets, a call.
_COLUMNS, _ROWS_PER_CALL, _UNITS_PER_CALL = 4096, 250, 8
# A column is left out if its square adds less than this to any coupling.
_NEGLIGIBLE = 1e-9
# The check integrates further, and finer.
_FINE_DECAY = 32.0


def independent_pairs(weights: NDArray, hidden_fields: NDArray, rates: NDArray) -> Float:
    """Couplings of all pairs on a background of independent neurons, (n_neurons, n_neurons).

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    hidden_fields : ndarray, (n_hidden,)
    rates : ndarray, (n_neurons,)
        Probability of each neuron to be active: 0 for a silent background, 1/2 for a uniform one.
    """
    w, c, p = (np.asarray(each, np.float64) for each in (weights, hidden_fields, rates))
    rule = rule_for(w, *independent_range(w, c, p, 2), 2)
    columns = np.ascontiguousarray(w.T)

    def fill(a: int, left: NDArray, right: NDArray) -> None:
        independent_factors(columns[a], p, c[a], rule.step[a], rule.width[a], left, right)

    return _pairs(len(w), 2 * rule.n_nodes, fill)


def data_pairs(weights: NDArray, hidden_fields: NDArray, rows: NDArray) -> Float:
    """Couplings of all pairs averaged over binary rows (n_rows, n_neurons) of a recording."""
    w = np.asarray(weights, np.float64)
    inputs = rows.astype(np.float64) @ w + hidden_fields
    rule = rule_for(w, *rows_range(w, inputs, 2), 2)
    columns, inputs = np.ascontiguousarray(w.T), np.ascontiguousarray(inputs.T)
    rates = rows.mean(axis=0)
    centred = np.ascontiguousarray((rows - rates).T.astype(np.float32))

    def fill(a: int, left: NDArray, right: NDArray) -> None:
        of_rows = np.empty((len(rows), 2 * rule.n_nodes[a]), np.float32)
        waves(inputs[a], rule.step[a], of_rows)
        mean, own = of_rows.mean(axis=0, dtype=np.float64), centred @ of_rows / len(rows)
        data_factors(columns[a], rates, mean, own, rule.step[a], rule.width[a], left, right)

    return _pairs(len(w), 4 * rule.n_nodes, fill)


def independent_tuples(
    weights: NDArray, hidden_fields: NDArray, rates: NDArray, sets: NDArray[np.int64]
) -> Float:
    """Mixed differences over sets (n_sets, order) of neurons, others independent, (n_sets,).

    The finer rule: its differences from `independent_pairs` are the error of those.
    """
    w, c, p = (np.asarray(each, np.float64) for each in (weights, hidden_fields, rates))
    order = sets.shape[1]
    bounds = independent_range(w, c, p, order, _FINE_DECAY)
    rule, columns = rule_for(w, *bounds, order, _FINE_DECAY), np.ascontiguousarray(w.T)
    shares = list(pieces(w.shape[1], _UNITS_PER_CALL))
    parts = np.zeros((len(shares), len(sets)))
    with Team() as team:
        team.run(
            partial(_add_units, columns, p, c, rule, range(*share), sets, part)
            for share, part in zip(shares, parts, strict=True)
        )
    return parts.sum(axis=0)


def _add_units(
    columns: Float, p: Float, c: Float, rule: Rule, units: range, sets: NDArray, part: Float
) -> None:
    for a in units:
        independent_sets(
            columns[a], p, c[a], rule.step[a], rule.width[a], rule.n_nodes[a], sets, part
        )


def _pairs(n_neurons: int, n_columns: NDArray[np.int64], fill: Fill) -> Float:
    """Sum of left @ right.T over units, whose factors `fill` writes, without its diagonal."""
    total = np.zeros((n_neurons, n_neurons))
    with Team() as team:
        for units in _blocks(n_columns):
            ends = np.cumsum(n_columns[units])
            left, right = np.empty((2, n_neurons, ends[-1]))
            spans = [slice(end - n_columns[a], end) for a, end in zip(units, ends, strict=True)]
            team.run(
                partial(fill, a, left[:, span], right[:, span])
                for a, span in zip(units, spans, strict=True)
            )
            kept = np.abs(left).max(axis=0) * np.abs(right).max(axis=0) > _NEGLIGIBLE
            _add_product(team, total, left[:, kept], right[:, kept])
    below = np.tril(total, -1)
    return below + below.T


def _blocks(n_columns: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Runs of units with about `_COLUMNS` columns in all."""
    block = (np.cumsum(n_columns) - n_columns) // _COLUMNS
    for k in np.unique(block):
        yield np.flatnonzero(block == k)


def _add_product(team: Team, total: Float, left: Float, right: Float) -> None:
    """Add left @ right.T below the diagonal."""

    def panel(a: int, b: int) -> None:
        total[a:b, :b] += left[a:b] @ right[:b].T

    team.run(partial(panel, a, b) for a, b in pieces(len(total), _ROWS_PER_CALL))
