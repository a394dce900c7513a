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
    independent_law,
    independent_sets,
    row_waves,
)
from popcode.rbm.kernels.vectors import WIDTH
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
Fill = Callable[[int, NDArray, NDArray], None]
# Columns held at once; rows of the product, and units of a sum over sets, a call.
_COLUMNS, _ROWS_PER_CALL, _UNITS_PER_CALL = 2048, 250, 8
# Nodes are left out that add less than this to any coupling.
_NEGLIGIBLE = 1e-9
# The check integrates further, and finer.
_FINE_DECAY, _FINE_NEGLIGIBLE = 32.0, 1e-15
# exp(-9) of a unit's part of a coupling, and the rounding of float32, are less than what the
# product leaves out on rows, and far less than the rows' own sampling error.
_ROWS_DECAY = 9.0


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
    laws = _laws(columns, p, c, rule, 2, _NEGLIGIBLE)

    def fill(a: int, left: NDArray, right: NDArray) -> None:
        independent_factors(columns[a], p, rule.step[a], laws[a], left, right)

    return _pairs(len(w), 2 * np.array([law.size for law in laws]), fill, np.float64)


def _laws(
    columns: Float, p: Float, c: Float, rule: Rule, order: int, least: float
) -> list[NDArray[np.complex128]]:
    """Law of every unit's input, at the nodes that tell."""
    laws = [np.empty(0, np.complex128)] * len(columns)

    def one(a: int) -> None:
        node = (rule.step[a], rule.width[a], rule.n_nodes[a])
        laws[a] = independent_law(columns[a], p, c[a], *node, order, least)

    with Team() as team:
        team.run(partial(one, a) for a in range(len(columns)))
    return laws


def data_pairs(weights: NDArray, hidden_fields: NDArray, rows: NDArray) -> Float:
    """Couplings of all pairs averaged over binary rows (n_rows, n_neurons) of a recording."""
    w = np.asarray(weights, np.float64)
    inputs = rows.astype(np.float64) @ w + hidden_fields
    rule = rule_for(w, *rows_range(w, inputs, 2), 2, _ROWS_DECAY)
    columns, inputs = np.ascontiguousarray(w.T), np.ascontiguousarray(inputs.T)
    rates = rows.mean(axis=0)
    ends = np.cumsum(rows.sum(axis=0, dtype=np.int64))
    active = (np.nonzero(rows.T)[1] * WIDTH).astype(np.uint32)

    def fill(a: int, left: NDArray, right: NDArray) -> None:
        mean, own = row_waves(inputs[a], rule.step[a], rule.n_nodes[a], active, ends, rates)
        data_factors(columns[a], rates, mean, own, rule.step[a], rule.width[a], left, right)

    return _pairs(len(w), 4 * rule.n_nodes, fill, np.float32)


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
    laws = _laws(columns, p, c, rule, order, _FINE_NEGLIGIBLE)
    with Team() as team:
        team.run(
            partial(_add_units, columns, p, c, rule, laws, range(*share), sets, part)
            for share, part in zip(shares, parts, strict=True)
        )
    return parts.sum(axis=0)


def _add_units(
    columns: Float,
    p: Float,
    c: Float,
    rule: Rule,
    laws: list[NDArray[np.complex128]],
    units: range,
    sets: NDArray,
    part: Float,
) -> None:
    for a in units:
        independent_sets(columns[a], p, c[a], rule.step[a], laws[a], sets, part)


def _pairs(n_neurons: int, n_columns: NDArray[np.int64], fill: Fill, dtype: type) -> Float:
    """Sum of left @ right.T over units, whose factors `fill` writes, without its diagonal.

    `dtype` is that of the factors; sums over blocks of units are float64.
    """
    total = np.zeros((n_neurons, n_neurons))
    blocks = list(_blocks(n_columns))
    widest = max(n_columns[units].sum() for units in blocks)
    # Fresh memory for every block would cost as much as filling it.
    factors = np.empty((2, n_neurons, widest), dtype)
    with Team() as team:
        for units in blocks:
            ends = np.cumsum(n_columns[units])
            left, right = factors[:, :, : ends[-1]]
            spans = [slice(end - n_columns[a], end) for a, end in zip(units, ends, strict=True)]
            team.run(
                partial(fill, a, left[:, span], right[:, span])
                for a, span in zip(units, spans, strict=True)
            )
            _add_product(team, total, left, right)
    below = np.tril(total, -1)
    return below + below.T


def _blocks(n_columns: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Runs of units with about `_COLUMNS` columns in all."""
    block = (np.cumsum(n_columns) - n_columns) // _COLUMNS
    for k in np.unique(block):
        yield np.flatnonzero(block == k)


def _add_product(team: Team, total: Float, left: NDArray, right: NDArray) -> None:
    """Add left @ right.T below the diagonal."""

    def panel(a: int, b: int) -> None:
        total[a:b, :b] += left[a:b] @ right[:b].T

    team.run(partial(panel, a, b) for a, b in pieces(len(total), _ROWS_PER_CALL))
