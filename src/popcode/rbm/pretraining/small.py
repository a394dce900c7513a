"""RBMs with few binary hidden units, exactly: a sum over the hidden states, however many neurons.

The neurons are independent given the hidden units, so that the model is a mixture of 2^n_hidden
products of known weights: its partition function, likelihood, gradient and draws are exact.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from popcode.rbm.exact import all_states
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli

# Standard deviation of a Gaussian prior on the weights, which keeps those of neurons that a
# state silences finite.
_PRIOR_STD = 3.0
_BLOCK = 4096


class Mixture(NamedTuple):
    """A model as a mixture over its hidden states, in the order of `exact.all_states`.

    Attributes
    ----------
    weights : ndarray of float64, (2**n_hidden,)
        Probability of each hidden state.
    rates : ndarray of float64, (2**n_hidden, n_neurons)
        Probability of being active given the hidden state.
    log_partition : float
        Of the model.
    """

    weights: NDArray[np.float64]
    rates: NDArray[np.float64]
    log_partition: float


def as_mixture(parameters: Parameters) -> Mixture:
    """Enumerate the hidden states of a model with at most 20 binary hidden units."""
    states = all_states(parameters.n_hidden).astype(np.float64)
    inputs = states @ np.asarray(parameters.weights, np.float64).T + parameters.fields
    log_weights = np.logaddexp(0, inputs).sum(axis=1) - states @ parameters.hidden.theta
    log_partition = logsumexp(log_weights)
    return Mixture(np.exp(log_weights - log_partition), expit(inputs), float(log_partition))


def drawn(mixture: Mixture, n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Independent draws of the visible states, (n, n_neurons)."""
    components = rng.choice(len(mixture.weights), size=n, p=mixture.weights)
    shape = (n, mixture.rates.shape[1])
    return (rng.random(shape, np.float32) < mixture.rates[components]).astype(np.uint8)


class Ascent(NamedTuple):
    """What `refined` found, and the mean log-likelihood (nats a bin) at each of its steps."""

    parameters: Parameters
    log_likelihood: NDArray[np.float64]


def refined(parameters: Parameters, rows: NDArray[np.float32], max_steps: int) -> Ascent:
    """Climb the exact likelihood of a small model from where it stands, by L-BFGS.

    What belongs to neurons that never vary stays as it is.

    Parameters
    ----------
    parameters : Parameters
        With at most 20 binary hidden units.
    rows : ndarray of float32, (n_bins, n_neurons)
        Binary.
    max_steps : int
    """
    free = rows.var(axis=0) > 0
    problem = _Problem(rows, free, all_states(parameters.n_hidden).astype(np.float64))
    start = np.concatenate(
        [np.ravel(parameters.weights), parameters.fields, -np.asarray(parameters.hidden.theta)]
    ).astype(np.float64)
    history: list[float] = []
    found = minimize(
        problem.loss,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=lambda intermediate_result: history.append(-intermediate_result.fun),
        options={"maxiter": max_steps, "maxcor": 20, "ftol": 1e-9},
    )
    return Ascent(problem.parameters(found.x), np.array(history))


class _Problem(NamedTuple):
    rows: NDArray[np.float32]
    free: NDArray[np.bool_]
    states: NDArray[np.float64]

    def split(self, flat: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        n_neurons, n_hidden = len(self.free), self.states.shape[1]
        weights, fields, hidden_fields = np.split(
            flat, [n_neurons * n_hidden, n_neurons * (n_hidden + 1)]
        )
        return weights.reshape(n_neurons, n_hidden), fields, hidden_fields

    def parameters(self, flat: NDArray) -> Parameters:
        weights, fields, hidden_fields = self.split(flat)
        return Parameters(
            weights.astype(np.float32), fields.astype(np.float32), Bernoulli(-hidden_fields)
        )

    def loss(self, flat: NDArray) -> tuple[float, NDArray]:
        """Minus the penalised log-likelihood a bin, and its gradient."""
        weights, fields, hidden_fields = self.split(flat)
        model = Parameters(weights, fields, Bernoulli(-hidden_fields))
        mixture = as_mixture(model)
        value, (g_weights, g_fields, g_hidden) = self._data_terms(model)
        expected = mixture.weights[:, None] * mixture.rates
        precision = 1 / (_PRIOR_STD**2 * len(self.rows))
        value -= mixture.log_partition + precision * (weights**2).sum() / 2
        g_weights -= expected.T @ self.states + precision * weights
        g_weights[~self.free] = 0
        g_fields = (g_fields - expected.sum(axis=0)) * self.free
        g_hidden -= mixture.weights @ self.states
        return -value, -np.concatenate([g_weights.ravel(), g_fields, g_hidden])

    def _data_terms(self, model: Parameters) -> tuple[float, tuple[NDArray, NDArray, NDArray]]:
        """Mean of -F(v) over the data, and its derivatives."""
        n_bins = len(self.rows)
        weights = model.weights.astype(np.float32)
        g_weights, g_hidden, value = np.zeros(weights.shape), np.zeros(weights.shape[1]), 0.0
        for start in range(0, n_bins, _BLOCK):
            block = self.rows[start : start + _BLOCK]
            inputs = (block @ weights).astype(np.float64) - model.hidden.theta
            means = expit(inputs)
            value += np.logaddexp(0, inputs).sum() / n_bins
            g_weights += block.T @ means.astype(np.float32) / n_bins
            g_hidden += means.sum(axis=0) / n_bins
        rates = self.rows.mean(axis=0, dtype=np.float64)
        return value + rates @ model.fields, (g_weights, rates, g_hidden)
