"""The parameters of a restricted Boltzmann machine, and what follows from them without sampling.

The joint law is P(v, h) ~ exp(fields . v + v^T weights h - sum_mu U_mu(h_mu)) with binary v.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from popcode.rbm.potentials import Potential

# Rows of a recording worked on at once: large enough for the matrix product, small beside it.
_BLOCK = 2048


class Parameters(NamedTuple):
    """Weights (n_neurons, n_hidden), fields (n_neurons,) and the potential of the hidden units."""

    weights: NDArray
    fields: NDArray
    hidden: Potential

    @property
    def n_neurons(self) -> int:
        """Number of visible units."""
        return self.weights.shape[0]

    @property
    def n_hidden(self) -> int:
        """Number of hidden units."""
        return self.weights.shape[1]


def hidden_inputs(parameters: Parameters, states: NDArray) -> NDArray[np.float64]:
    """Inputs v W of the hidden units, (n_bins, n_hidden), for binary states (n_bins, n_neurons)."""
    inputs = np.empty((len(states), parameters.n_hidden))
    weights = np.asarray(parameters.weights)
    for start in range(0, len(states), _BLOCK):
        block = states[start : start + _BLOCK]
        inputs[start : start + _BLOCK] = block.astype(weights.dtype) @ weights
    return inputs


def mean_hidden(parameters: Parameters, states: NDArray) -> NDArray[np.float64]:
    """E[h | v], (n_bins, n_hidden), for binary states (n_bins, n_neurons)."""
    return parameters.hidden.mean(hidden_inputs(parameters, states))


def mean_visible(parameters: Parameters, hidden_states: NDArray) -> NDArray[np.float64]:
    """P(v_i = 1 | h), (n_bins, n_neurons), for hidden states (n_bins, n_hidden)."""
    return expit(hidden_states @ parameters.weights.T + parameters.fields)


def free_energy(parameters: Parameters, states: NDArray) -> NDArray[np.float64]:
    """F(v) = -fields . v - sum_mu Gamma_mu, (n_bins,), so that P(v) = exp(-F(v)) / Z."""
    cumulants = parameters.hidden.cumulant(hidden_inputs(parameters, states)).sum(axis=1)
    return -(states @ np.asarray(parameters.fields, dtype=np.float64)) - cumulants
