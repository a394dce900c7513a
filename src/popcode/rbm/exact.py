"""Small models by enumeration of every visible state: the truth that all else is tested against."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from popcode.errors import InputError
from popcode.rbm.parameters import Parameters, free_energy

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
            remedy="Estimate the partition function by sampling instead",
        )
    codes = np.arange(2**n_neurons)[:, None] >> np.arange(n_neurons)[::-1]
    return (codes & 1).astype(np.uint8)


def log_partition(parameters: Parameters) -> float:
    """Logarithm of Z = sum over v of exp(-F(v))."""
    return float(logsumexp(-free_energy(parameters, all_states(parameters.n_neurons))))


def state_probabilities(parameters: Parameters) -> NDArray[np.float64]:
    """P(v) of every state in the order of `all_states`, (2**n_neurons,)."""
    log_weights = -free_energy(parameters, all_states(parameters.n_neurons))
    return np.exp(log_weights - logsumexp(log_weights))


def log_likelihood(parameters: Parameters, states: NDArray) -> NDArray[np.float64]:
    """Log-likelihood of each row of binary `states` (n_bins, n_neurons), in nats, (n_bins,)."""
    return -free_energy(parameters, states) - log_partition(parameters)
