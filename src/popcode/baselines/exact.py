"""Small models by enumeration of every state: the truth that all else is tested against."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from popcode.baselines.parameters import Parameters, energy
from popcode.estimators.states import all_states


def log_partition(parameters: Parameters) -> float:
    """Logarithm of Z = sum over v of exp(-E(v))."""
    return float(logsumexp(-energy(parameters, all_states(parameters.n_neurons))))


def state_probabilities(parameters: Parameters) -> NDArray[np.float64]:
    """P(v) of every state in the order of `all_states`, (2**n_neurons,)."""
    log_weights = -energy(parameters, all_states(parameters.n_neurons))
    return np.exp(log_weights - logsumexp(log_weights))
