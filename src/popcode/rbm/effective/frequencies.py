r"""The frequencies at which a unit's part of a coupling is integrated.

As sp'' has the Fourier transform pi k / sinh(pi k), the mixed difference of sp(y) over a set S is

    Re 1/pi int_0^inf dk -pi/(k sinh(pi k)) e^{iky} prod_{i in S} (e^{ik W_i} - 1),

for one neuron less the part W/2 that is linear in y. Independent neurons of rates p have
E e^{iky} = e^{ikc} prod_l f_l with f_l = 1 - p_l + p_l e^{ik W_l}, so that leaving neurons out is a
division by their f: the average is exact for weights of any law, without a Gaussian, and a product
of one factor a neuron.

The trapezoid rule of step 2 pi / P adds the same function at inputs y + n P, which decays as
exp(-distance); its first node is the limit k -> 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
# Other periods and higher frequencies are cut where they have decayed to exp(-16) = 1e-7.
DECAY = 16.0
_MOST_NODES = 2048


class Rule(NamedTuple):
    """Frequencies 0, step, ... (n_nodes - 1) step of every unit, each array (n_hidden,).

    `width` widens sp''; it is 1 but for inputs that span more than 2,500 nats, which would ask
    for more than 2,048 nodes: there the kink of sp is rounded over a thousandth of the span.
    """

    step: Float
    n_nodes: NDArray[np.int64]
    width: Float


def rule_for(weights: Float, low: Float, high: Float, order: int, decay: float = DECAY) -> Rule:
    """Rule for inputs in [low, high] (n_hidden,) and sets of `order` neurons."""
    up = order * np.maximum(weights.max(axis=0), 0)
    down = -order * np.minimum(weights.min(axis=0), 0)
    reach = np.maximum(high + up, down - low)
    nodes_a_reach = decay / (2 * np.pi**2)
    width = np.maximum(1.0, nodes_a_reach * reach / _MOST_NODES)
    period = reach + decay * width
    n_nodes = np.ceil(nodes_a_reach * period / width).astype(np.int64) + 1
    return Rule(2 * np.pi / period, n_nodes, width)


def independent_range(
    weights: Float, hidden_fields: Float, rates: Float, order: int, decay: float = DECAY
) -> tuple[Float, Float]:
    """Range that inputs leave with a probability below exp(-decay) (Bernstein's inequality).

    With any `order` of the neurons taken out; each array (n_hidden,).
    """
    spread = rates * (1 - rates)
    is_free = (spread > 0)[:, None]
    possible = np.where(is_free, weights, 0)
    third = decay * np.abs(possible).max(axis=0) / 3
    tail = third + np.sqrt(third**2 + 2 * decay * (spread @ weights**2))
    mean = hidden_fields + rates @ weights
    sure = hidden_fields + np.where(rates == 1, 1.0, 0.0) @ weights
    low = np.maximum(mean - tail, sure + np.minimum(possible, 0).sum(axis=0))
    high = np.minimum(mean + tail, sure + np.maximum(possible, 0).sum(axis=0))
    taken = rates[:, None] * weights
    return (
        low - order * np.maximum(taken.max(axis=0), 0),
        high - order * np.minimum(taken.min(axis=0), 0),
    )


def rows_range(weights: Float, inputs: Float, order: int) -> tuple[Float, Float]:
    """Range of inputs (n_rows, n_hidden) with any `order` of the neurons taken out."""
    return (
        inputs.min(axis=0) - order * np.maximum(weights.max(axis=0), 0),
        inputs.max(axis=0) - order * np.minimum(weights.min(axis=0), 0),
    )
