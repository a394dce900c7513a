"""Small models by enumeration of every visible state: the truth that all else is tested against."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from popcode.estimators.states import all_states
from popcode.rbm.parameters import Parameters, free_energy


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
