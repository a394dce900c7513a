"""All pairs as one matrix product.

With a background that all pairs share (the two neurons asked for left in it, an error of the order
of w^2 / sum w^2), a unit's part of the coupling is g(W_i, W_j) with
g(x, y) = B(x + y) - B(x) - B(y) + B(0) and B(t) = E sp(input + t). Interpolated between Chebyshev
points x_p of the column's range, g(x, y) = sum_pq l_p(x) g(x_p, x_q) l_q(y): a product of matrices
with n_points columns a unit.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softplus

from popcode.rbm.effective.background import Independent

Float = NDArray[np.float64]
_N_POINTS, _N_FINE = 14, 64
# Units whose interpolants are held at once.
_UNITS_PER_PRODUCT = 25
_REACH, _STEP = 6.5, 0.5


def chebyshev(low: float, high: float, n: int) -> tuple[Float, Float]:
    """Chebyshev points of the second kind on an interval, and their barycentric weights."""
    k = np.arange(n)
    points = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * k / (n - 1))
    weights = np.where(k % 2, -1.0, 1.0)
    weights[[0, -1]] /= 2
    return points, np.asarray(weights, np.float64)


def lagrange(points: Float, weights: Float, x: Float) -> Float:
    """Values at x of the polynomials that are 1 at one point and 0 at the others, (n_x, n)."""
    gaps = x[:, None] - points
    on_point = np.abs(gaps) < 1e-14 * max(1.0, np.abs(points).max())
    terms = weights / np.where(on_point, 1.0, gaps)
    values = terms / terms.sum(axis=1, keepdims=True)
    hit = on_point.any(axis=1)
    values[hit] = on_point[hit]
    return values


def input_nodes(column: Float, law: Independent, unit: int) -> tuple[Float, Float]:
    """Inputs of a unit and their probabilities, that stand for its law."""
    mean, variance = law.means[unit], law.variances[unit]
    nodes, shares = np.zeros(1), np.ones(1)
    for i in law.large[unit][law.large[unit] >= 0]:
        p, w = law.probabilities[i], column[i]
        mean, variance = mean - p * w, variance - p * (1 - p) * w**2
        nodes = np.concatenate([nodes, nodes + w])
        shares = np.concatenate([(1 - p) * shares, p * shares])
    if variance > 1e-24:
        width = np.sqrt(variance)
        step = min(_STEP, 1 / width)
        z = step * np.arange(-np.ceil(_REACH / step), np.ceil(_REACH / step) + 1)
        density = np.exp(-(z**2) / 2)
        nodes = (nodes[:, None] + width * z).ravel()
        shares = (shares[:, None] * (density / density.sum())).ravel()
    return mean + nodes, shares


class _Unit(NamedTuple):
    """A unit's interpolation (n_neurons, n_points); g, its slope and its curvature in the input."""

    basis: Float
    grid: Float
    slope: Float
    curvature: Float


def _unit(column: Float, nodes: Float, shares: Float) -> _Unit:
    low, high = min(column.min(), 0.0), max(column.max(), 0.0)
    margin = 1e-9 + 1e-6 * (high - low)
    points, weights = chebyshev(low - margin, high + margin, _N_POINTS)
    fine, fine_weights = chebyshev(2 * points[-1], 2 * points[0], _N_FINE)
    arguments = fine[:, None] + nodes
    active = expit(arguments)
    smooth = np.stack([softplus(arguments) @ shares, active @ shares], axis=1)
    smooth = np.column_stack([smooth, (active * (1 - active)) @ shares])
    sums, single, nothing = (
        lagrange(fine, fine_weights, x) @ smooth
        for x in ((points[:, None] + points).ravel(), points, np.zeros(1))
    )
    grids = sums.reshape(_N_POINTS, _N_POINTS, 3) - single[:, None] - single + nothing[0]
    return _Unit(lagrange(points, weights, column), *np.moveaxis(grids, 2, 0))


def all_pairs(
    weights: Float,
    nodes_of_unit: list[tuple[Float, Float]],
    probabilities: Float,
) -> NDArray[np.float64]:
    """Couplings of all pairs with a shared background, (n_neurons, n_neurons).

    What the two neurons asked for add to the background's mean and variance is taken out again to
    second order: input means m_i = p_i W_i and variances v_i = p_i (1 - p_i) W_i^2 move g by
    -(m_i + m_j) g' + ((m_i + m_j)^2 - v_i - v_j) g'' / 2.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    nodes_of_unit : list of (inputs, probabilities)
        The law of each unit's input.
    probabilities : ndarray, (n_neurons,)
        Of each neuron to be active in the background.
    """
    n_neurons, n_hidden = weights.shape
    total = np.zeros((n_neurons, n_neurons))
    for start in range(0, n_hidden, _UNITS_PER_PRODUCT):
        left, right, left_both, right_both = [], [], [], []
        for a in range(start, min(start + _UNITS_PER_PRODUCT, n_hidden)):
            column = weights[:, a]
            unit = _unit(column, *nodes_of_unit[a])
            mean = (probabilities * column)[:, None] * unit.basis
            second = (probabilities * (2 * probabilities - 1) * column**2)[:, None] * unit.basis
            left.append(unit.basis @ unit.grid - 2 * mean @ unit.slope + second @ unit.curvature)
            right.append(unit.basis)
            left_both.append(mean @ unit.curvature)
            right_both.append(mean)
        total += np.concatenate(left, axis=1) @ np.concatenate(right, axis=1).T
        total += np.concatenate(left_both, axis=1) @ np.concatenate(right_both, axis=1).T
    return (total + total.T) / 2
