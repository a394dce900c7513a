"""What surrounds the neurons whose coupling is asked for: the law of the hidden units' inputs.

With the hidden units summed out, log P(v) = fields . v + sum_a sp(c_a + sum_i W_ia v_i) + constant.
A coupling is the mixed difference of log P over the neurons asked for, averaged over a law of all
others (Decelle, Furtlehner, Navas Gomez and Seoane, SciPost Phys. 16, 095, 2024, for uniform
spins).
"""

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

BACKGROUNDS = ("rates", "silent", "uniform", "data")
MOST_ROWS = 2000
_ROWS_STREAM = 51

Float = NDArray[np.float64]


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
    if background == "rates" and not _are_probabilities(np.asarray(rates, np.float64)):
        raise InputError("rates below 0, above 1 or not finite", remedy="Give the training means")


def _are_probabilities(rates: Float) -> bool:
    return bool(((rates >= 0) & (rates <= 1)).all())  # false of nan, too


def check_finite(weights: NDArray, hidden_fields: NDArray) -> None:
    """Refuse a model that holds what is no number.

    Raises
    ------
    InputError
    """
    if not (np.isfinite(weights).all() and np.isfinite(hidden_fields).all()):
        raise InputError(
            "weights or hidden fields that are not finite",
            remedy="The fit diverged: fit again with a lower learning rate",
        )


def background_rates(background: str, rates: NDArray | None, n_neurons: int) -> Float:
    """Probability of every neuron to be active on "silent", "uniform" or "rates"."""
    if background == "rates":
        return np.asarray(rates, np.float64)
    return np.full(n_neurons, 0.0 if background == "silent" else 0.5)


def chosen_rows(rows: NDArray, seed: int = 0) -> NDArray[np.uint8]:
    """At most 2,000 of the rows, chosen at random, as zeros and ones."""
    rng = np.random.default_rng((seed, _ROWS_STREAM))
    chosen = np.sort(rng.permutation(len(rows))[:MOST_ROWS])
    return np.ascontiguousarray(np.asarray(rows)[chosen] != 0).astype(np.uint8)
