"""Maximum-entropy laws over binary activity, and what follows from them without sampling.

P(v) ~ exp(fields . v + v^T couplings v / 2 + population[K]), K the number of active neurons. All
couplings and `population` zero: independent neurons. `population` zero: the pairwise (Ising)
model. Both free: the K-pairwise model.

Sources: Schneidman et al., Nature 440 (2006) for the pairwise model; Tkacik et al., PLoS
Computational Biology 10 (2014) e1003408 for the K-pairwise model.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Rows of a recording worked on at once: large enough for the matrix product, small beside it.
BLOCK = 4096
CONVENTION = {
    "convention": "P(v) ~ exp(fields.v + v couplings v / 2 + population[sum v]), v in {0, 1}"
}


class Parameters(NamedTuple):
    """A maximum-entropy law over the activity of n_neurons.

    Attributes
    ----------
    fields : ndarray of float32, (n_neurons,)
    couplings : ndarray of float32, (n_neurons, n_neurons)
        Symmetric, zero on the diagonal.
    population : ndarray of float32, (n_neurons + 1,)
        What K active neurons add to the exponent; zero at K = 0.
    """

    fields: NDArray[np.float32]
    couplings: NDArray[np.float32]
    population: NDArray[np.float32]

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return self.fields.size


def independent(fields: NDArray) -> Parameters:
    """Give the law of neurons that do not see each other."""
    n_neurons = fields.size
    return Parameters(
        fields.astype(np.float32),
        np.zeros((n_neurons, n_neurons), np.float32),
        np.zeros(n_neurons + 1, np.float32),
    )


def population_steps(population: NDArray[np.float32]) -> NDArray[np.float32]:
    """What one more active neuron adds to the exponent when K already are, (n_neurons,)."""
    return np.diff(population)


def energy(parameters: Parameters, states: NDArray) -> NDArray[np.float64]:
    """E(v), (n_bins,), so that P(v) = exp(-E(v)) / Z, for binary states (n_bins, n_neurons)."""
    fields, couplings, population = (np.asarray(p, dtype=np.float64) for p in parameters)
    exponents = np.empty(len(states))
    for start in range(0, len(states), BLOCK):
        block = states[start : start + BLOCK].astype(np.float64)
        drive = fields + 0.5 * (block @ couplings)
        counts = block.sum(axis=1).astype(np.int64)
        exponents[start : start + BLOCK] = (drive * block).sum(axis=1) + population[counts]
    return -exponents


def conditional_log_odds(parameters: Parameters, states: NDArray) -> NDArray[np.float32]:
    """Ln P(v_i = 1 | rest) / P(v_i = 0 | rest), (n_bins, n_neurons), for binary states."""
    fields, couplings, population = parameters
    steps = population_steps(population)
    log_odds = np.empty(states.shape, np.float32)
    for start in range(0, len(states), BLOCK):
        block = states[start : start + BLOCK]
        others = block.sum(axis=1, dtype=np.int64)[:, None] - block
        odds = fields + block.astype(np.float32) @ couplings + steps[others]
        log_odds[start : start + BLOCK] = odds
    return log_odds
