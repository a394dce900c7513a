"""What surrounds the neurons whose coupling is asked for: the law of the hidden units' inputs.

With the hidden units summed out, log P(v) = fields . v + sum_a sp(c_a + sum_i W_ia v_i) + constant.
A coupling is the mixed difference of log P over the neurons asked for, averaged over a law of all
others (Decelle, Furtlehner, Navas Gomez and Seoane, SciPost Phys. 16, 095, 2024, for uniform
spins). Where every other neuron is independent, the input of a unit is a sum of many small terms,
nearly Gaussian, and of a few large ones, whose values are gone through one by one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

BACKGROUNDS = ("rates", "silent", "uniform", "data")
# A neuron that carries more than this share of an input's variance is no small term.
_LARGE_SHARE = 0.05
_MOST_LARGE, _ALL_UP_TO = 6, 14
MOST_ROWS = 2000
_ROWS_STREAM = 51

Float = NDArray[np.float64]


class Independent(NamedTuple):
    """Independent neurons, as a unit's input sees them.

    Attributes
    ----------
    probabilities : ndarray, (n_neurons,)
        Of each neuron to be active.
    means, variances : ndarray, (n_hidden,)
        Of the inputs, hidden fields among them.
    large : ndarray of int64, (n_hidden, n_large)
        Neurons gone through one by one; -1 where there are fewer.
    """

    probabilities: Float
    means: Float
    variances: Float
    large: NDArray[np.int64]


def check_background(
    background: str, rates: NDArray | None, rows: NDArray | None, n_neurons: int
) -> None:
    """Refuse a background that is unknown or lacks what it is made of.

    Raises
    ------
    InputError
    """
    if background not in BACKGROUNDS:
        raise InputError(
            f"background is {background!r}", remedy=f"It must be one of {', '.join(BACKGROUNDS)}"
        )
    if background == "rates" and rates is None:
        raise InputError("the rates background needs the rates", remedy="Give the training means")
    if background == "data" and (rows is None or len(rows) == 0):
        raise InputError("the data background needs bins of the recording", remedy="Give rows")
    given = rates if background == "rates" else rows if background == "data" else None
    if given is not None and np.shape(given)[-1] != n_neurons:
        raise InputError(
            f"the background has {np.shape(given)[-1]} neurons and the model {n_neurons}",
            remedy="Give the neurons that the model was fitted to",
        )


def independent_background(
    weights: Float, hidden_fields: Float, background: str, rates: NDArray | None
) -> Independent:
    """Law of the inputs under "silent", "uniform" or "rates" neurons."""
    n_neurons = len(weights)
    if background == "rates":
        probabilities = np.asarray(rates, np.float64)
    else:
        probabilities = np.full(n_neurons, 0.0 if background == "silent" else 0.5)
    spread = (probabilities * (1 - probabilities))[:, None] * weights**2
    variances = spread.sum(axis=0)
    n_large = n_neurons if n_neurons <= _ALL_UP_TO else _MOST_LARGE
    order = np.argsort(-spread, axis=0)[:n_large].T
    share = np.take_along_axis(spread.T, order, axis=1)
    least = 0.0 if n_neurons <= _ALL_UP_TO else _LARGE_SHARE
    kept = share > least * variances[:, None]
    return Independent(
        probabilities,
        hidden_fields + probabilities @ weights,
        variances,
        np.where(kept, order, -1).astype(np.int64),
    )


def chosen_rows(rows: NDArray, seed: int = 0) -> NDArray[np.uint8]:
    """At most 2,000 of the rows, chosen at random, as zeros and ones."""
    rng = np.random.default_rng((seed, _ROWS_STREAM))
    chosen = np.sort(rng.permutation(len(rows))[:MOST_ROWS])
    return np.ascontiguousarray(np.asarray(rows)[chosen] != 0).astype(np.uint8)
