r"""Fixed points of the Thouless-Anderson-Palmer equations of an RBM with binary hidden units.

The mean activities m of both layers extremise the free energy of an expansion in the weights,

    -ln Z ~ min  -b . m_v - c . m_h - S(m_v) - S(m_h) - m_v W m_h
                 - (1/2) x_v W^2 x_h - (2/3) y_v W^3 y_h,   x = m - m^2,   y = x (1/2 - m)

with powers of W elementwise; the second order leaves out the last term, the first (mean field)
the last two.

Source: Gabrie, Tramel, Krzakala, NeurIPS 2015; Decelle, Rosset, Seoane, Phys. Rev. E 108, 014110
(2023).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from popcode.errors import InputError
from popcode.rbm.parameters import Parameters

Array = NDArray[np.float32]

_MAX_STEPS, _TOLERANCE = 2000, 1e-5
# Share of the way taken in a step: less where points swing after this many.
_SHARE, _SMALL_SHARE, _PATIENCE = 0.5, 0.1, 500


class FixedPoints(NamedTuple):
    """Mean activities that the equations keep.

    Attributes
    ----------
    visible : ndarray of float32, (n_points, n_neurons)
    hidden : ndarray of float32, (n_points, n_hidden)
    converged : ndarray of bool, (n_points,)
        False where 2,000 steps left a mean that still moves by 1e-5 or more.
    """

    visible: Array
    hidden: Array
    converged: NDArray[np.bool_]

    def keep(self, chosen: NDArray) -> "FixedPoints":
        """Give the chosen points."""
        return FixedPoints(*(each[chosen] for each in self))


class _Powers(NamedTuple):
    """Elementwise powers 1, 2, ... of the weights, up to the order, and both layers' fields."""

    weights: tuple[Array, ...]
    fields: Array
    hidden_fields: Array

    def hidden_input(self, visible: Array, hidden: Array) -> Array:
        return self.hidden_fields + _reaction(self.weights, visible, hidden)

    def visible_input(self, visible: Array, hidden: Array) -> Array:
        return self.fields + _reaction(tuple(each.T for each in self.weights), hidden, visible)


def _reaction(powers: tuple[Array, ...], source: Array, target: Array) -> Array:
    """Input of a layer with means `target` from the other layer's means `source`."""
    total = source @ powers[0]
    variance = source - source**2
    if len(powers) > 1:
        total += (0.5 - target) * (variance @ powers[1])
    if len(powers) > 2:
        skewness = variance * (0.5 - source)
        total += (1 / 3 - 2 * (target - target**2)) * (skewness @ powers[2])
    return total


def fixed_points(parameters: Parameters, starts: NDArray, order: int = 2) -> FixedPoints:
    """Iterate the equations, damped, from each of the given mean activities.

    Parameters
    ----------
    parameters : Parameters
        With binary hidden units.
    starts : ndarray, (n_points, n_neurons)
        Mean activities, such as binary states.
    order : int
        Of the expansion, 1 to 3. Higher is better for weak weights only.

    Raises
    ------
    InputError
        For another order.
    """
    if order not in (1, 2, 3):
        raise InputError(f"order is {order!r}", remedy="Give 1, 2 or 3")
    weights = np.asarray(parameters.weights, np.float32)
    powers = _Powers(
        tuple(weights ** (k + 1) for k in range(order)),
        np.asarray(parameters.fields, np.float32),
        -np.asarray(parameters.hidden.theta, np.float32),
    )
    visible = np.asarray(starts, np.float32).copy()
    hidden = expit(powers.hidden_fields + visible @ weights)
    moving = np.arange(len(visible))
    for step in range(_MAX_STEPS):
        share = np.float32(_SHARE if step < _PATIENCE else _SMALL_SHARE)
        v, h = visible[moving], hidden[moving]
        h_change = expit(powers.hidden_input(v, h)) - h
        h += share * h_change
        v_change = expit(powers.visible_input(v, h)) - v
        visible[moving], hidden[moving] = v + share * v_change, h
        change = np.maximum(np.abs(v_change).max(1), np.abs(h_change).max(1, initial=0))
        moving = moving[change >= _TOLERANCE]
        if not moving.size:
            break
    converged = np.ones(len(visible), bool)
    converged[moving] = False
    return FixedPoints(visible, hidden, converged)
