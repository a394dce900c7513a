"""A ladder of models between near-independent neurons and the model wanted, with their chains."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.parameters import Parameters


class Ladder(NamedTuple):
    """Models saved along one training run, from the near-independent start to the last.

    Attributes
    ----------
    rungs : tuple of Parameters
        With binary hidden units; the last is the model wanted.
    chains : ndarray of uint8, (n_rungs, n_chains, n_neurons)
        States of each rung, near equilibrium.
    updates : tuple of int
        Gradient updates each rung had made.
    log_partition : float
        Of the lowest rung, known in closed form: independent neurons, or a pre-trained model.
    """

    rungs: tuple[Parameters, ...]
    chains: NDArray[np.uint8]
    updates: tuple[int, ...]
    log_partition: float
