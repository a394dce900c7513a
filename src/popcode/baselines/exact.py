"""Small models by enumeration of every state: the truth that all else is tested against."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from popcode.baselines.parameters import Parameters, energy
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
            remedy="Use method='ais'",
        )
    codes = np.arange(2**n_neurons)[:, None] >> np.arange(n_neurons)[::-1]
    return (codes & 1).astype(np.uint8)


def log_partition(parameters: Parameters) -> float:
    """Logarithm of Z = sum over v of exp(-E(v))."""
    return float(logsumexp(-energy(parameters, all_states(parameters.n_neurons))))


def state_probabilities(parameters: Parameters) -> NDArray[np.float64]:
    """P(v) of every state in the order of `all_states`, (2**n_neurons,)."""
    log_weights = -energy(parameters, all_states(parameters.n_neurons))
    return np.exp(log_weights - logsumexp(log_weights))
