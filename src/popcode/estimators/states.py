"""Every state of a few neurons: the oracle of models of binary activity."""

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

MAX_NEURONS = 20


def all_states(n_neurons: int) -> NDArray[np.uint8]:
    """Every binary state, (2**n_neurons, n_neurons), the first neuron the slowest bit.

    Raises
    ------
    InputError
        For more than 20 neurons.
    """
    if n_neurons > MAX_NEURONS:
        raise InputError(
            f"{n_neurons} neurons have too many states to enumerate (at most {MAX_NEURONS})",
            remedy="Estimate the partition function by sampling instead (method='ais')",
        )
    codes = np.arange(2**n_neurons)[:, None] >> np.arange(n_neurons)[::-1]
    return (codes & 1).astype(np.uint8)
