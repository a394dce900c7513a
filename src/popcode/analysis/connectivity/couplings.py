r"""Effective couplings of an RBM averaged over the bins of a recording.

Exact (equations 15 and 16), with I0 the input of unit mu without neurons i and j:

    J_ij = < sum_mu Gamma(I0 + w_i + w_j) + Gamma(I0) - Gamma(I0 + w_i) - Gamma(I0 + w_j) >_data

To second order in the weights (equation 17) J_ij = sum_mu w_i,mu w_j,mu <Var(h_mu | v)>_data, of
rank n_hidden: the matrix is F F^T with F = w sqrt(<Var>).

Source: van der Plas et al., eLife 12:e83139 (2023), Methods, "Effective connectivity matrix".
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from popcode.errors import InputError
from popcode.rbm.parameters import Parameters, hidden_inputs
from popcode.rbm.potentials import rebuilt
from popcode.threads import Team

Float = NDArray[np.float64]
_ROWS, _ROWS_AT_ONCE, _PAIRS_AT_ONCE = 500, 2048, 64
_ROW_STREAM, _PAIR_STREAM = 81, 82


class PairCouplings(NamedTuple):
    """Exact couplings of chosen pairs, (n_pairs,) each.

    Attributes
    ----------
    values : ndarray
    standard_errors : ndarray
        Of the mean over the bins looked at, taken as independent.
    """

    values: Float
    standard_errors: Float


class SecondOrderCheck(NamedTuple):
    """How far couplings of second order are from exact ones, on pairs drawn at random.

    Attributes
    ----------
    pearson, spearman : float
        Correlation of the two over the pairs that share a hidden unit; nan for fewer than 3.
    slope : float
        Of the exact couplings against those of second order, through the origin.
    exact, second_order : ndarray, (n_pairs,)
    """

    pearson: float
    spearman: float
    slope: float
    exact: Float
    second_order: Float


def mean_variances(parameters: Parameters, states: NDArray[np.uint8]) -> Float:
    """<Var(h | v)> of every hidden unit over binary states (n_bins, n_neurons), (n_hidden,)."""
    if len(states) == 0:
        raise InputError("no bins to average over", remedy="Give the recording of the fit")
    total = np.zeros(parameters.n_hidden)
    for start in range(0, len(states), _ROWS_AT_ONCE):
        inputs = hidden_inputs(parameters, states[start : start + _ROWS_AT_ONCE])
        total += parameters.hidden.variance(inputs).sum(axis=0)
    return total / len(states)


def coupling_factors(parameters: Parameters, states: NDArray[np.uint8]) -> NDArray[np.float32]:
    """F (n_neurons, n_hidden) of which F F^T are the couplings of second order."""
    scale = np.sqrt(mean_variances(parameters, states)).astype(np.float32)
    return np.asarray(parameters.weights, np.float32) * scale


def second_order_couplings(factors: NDArray[np.floating], pairs: NDArray[np.int64]) -> Float:
    """Couplings of second order of chosen pairs (n_pairs, 2), (n_pairs,)."""
    left, right = (np.asarray(factors[side], np.float64) for side in np.asarray(pairs).T)
    return (left * right).sum(axis=1)


def exact_couplings(
    parameters: Parameters, states: NDArray[np.uint8], pairs: NDArray[np.int64], seed: int = 0
) -> PairCouplings:
    """Exact couplings of chosen pairs, averaged over bins.

    Parameters
    ----------
    parameters : Parameters
    states : ndarray of uint8, (n_bins, n_neurons)
        Of 500 bins drawn at random where there are more.
    pairs : ndarray of int, (n_pairs, 2)
        Distinct neurons.
    seed : int
        Of the bins.

    Raises
    ------
    InputError
        A neuron paired with itself, or one that is not there; no bins.
    """
    pairs = _checked_pairs(pairs, parameters.n_neurons)
    rows = _some_rows(states, seed)
    inputs, weights = hidden_inputs(parameters, rows), np.asarray(parameters.weights, np.float64)
    # One array a unit: which thread sums it changes no bit.
    found = np.zeros((len(pairs), len(rows)))
    with Team() as team:
        team.run(
            partial(_add_pairs, parameters, weights, inputs, rows, pairs[a : a + _PAIRS_AT_ONCE],
                    found[a : a + _PAIRS_AT_ONCE])
            for a in range(0, len(pairs), _PAIRS_AT_ONCE)
        )  # fmt: skip
    spread = found.std(axis=1, ddof=1) if len(rows) > 1 else np.full(len(pairs), np.nan)
    return PairCouplings(found.mean(axis=1), spread / np.sqrt(len(rows)))


def check_second_order(
    parameters: Parameters, states: NDArray[np.uint8], n_pairs: int = 2000, seed: int = 0
) -> SecondOrderCheck:
    """Compare couplings of second order with exact ones on pairs that share a hidden unit.

    Parameters
    ----------
    parameters : Parameters
    states : ndarray of uint8, (n_bins, n_neurons)
    n_pairs : int
        Pairs drawn at random; those without a common unit are left out, both being 0.
    seed : int
    """
    rng = np.random.default_rng((seed, _PAIR_STREAM))
    pairs = rng.integers(parameters.n_neurons, size=(n_pairs, 2))
    connected = np.asarray(parameters.weights) != 0
    kept = (connected[pairs[:, 0]] & connected[pairs[:, 1]]).any(axis=1)
    pairs = pairs[kept & (pairs[:, 0] != pairs[:, 1])]
    approximate = second_order_couplings(coupling_factors(parameters, states), pairs)
    exact = exact_couplings(parameters, states, pairs, seed).values
    if len(pairs) < 3:
        return SecondOrderCheck(np.nan, np.nan, np.nan, exact, approximate)
    return SecondOrderCheck(
        float(np.corrcoef(approximate, exact)[0, 1]),
        float(spearmanr(approximate, exact).statistic),
        float(approximate @ exact / (approximate @ approximate)),
        exact,
        approximate,
    )


def _add_pairs(
    parameters: Parameters,
    weights: Float,
    inputs: Float,
    rows: NDArray[np.uint8],
    pairs: NDArray[np.int64],
    found: Float,
) -> None:
    """Add the couplings of pairs in every row to `found` (n_pairs, n_rows), unit by unit."""
    left, right = weights[pairs[:, 0]], weights[pairs[:, 1]]
    active = rows[:, pairs.T].astype(np.float64)
    for unit in range(parameters.n_hidden):
        both = np.flatnonzero((left[:, unit] != 0) & (right[:, unit] != 0))
        if both.size == 0:
            continue
        potential = rebuilt(parameters.hidden, (each[unit] for each in parameters.hidden))
        w_i, w_j = left[both, unit], right[both, unit]
        without = inputs[:, unit, None] - active[:, 0, both] * w_i - active[:, 1, both] * w_j
        steps = np.stack([without + w_i + w_j, without, without + w_i, without + w_j])
        cumulants = potential.cumulant(steps)
        found[both] += (cumulants[0] + cumulants[1] - cumulants[2] - cumulants[3]).T


def _some_rows(states: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    if len(states) == 0:
        raise InputError("no bins to average over", remedy="Give the recording of the fit")
    if len(states) <= _ROWS:
        return states
    chosen = np.random.default_rng((seed, _ROW_STREAM)).choice(len(states), _ROWS, replace=False)
    return states[np.sort(chosen)]


def _checked_pairs(pairs: NDArray, n_neurons: int) -> NDArray[np.int64]:
    pairs = np.asarray(pairs, np.int64)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or (pairs[:, 0] == pairs[:, 1]).any():
        raise InputError("pairs of neurons that are none", remedy="Give two distinct ones a row")
    if pairs.size and not (pairs.min() >= 0 and pairs.max() < n_neurons):
        raise InputError(
            f"a pair names a neuron outside of 0 to {n_neurons - 1}", remedy="Count from 0"
        )
    return pairs
