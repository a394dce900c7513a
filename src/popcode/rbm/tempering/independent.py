"""The near-independent end of a ladder: neurons without weights, close to a given model."""

import numpy as np
from scipy.special import expit

from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli

_ITERATIONS = 100
_DAMPING = 0.5


def independent_rung(parameters: Parameters) -> Parameters:
    r"""Independent neurons with the rates of a model's mean field.

    The fields solve b' = b + W m^h, m^h = sigma(c + sigma(b') W) by damped iteration: exact to
    first order in the weights, and without the sampling noise of rates counted in chains.
    """
    weights = np.asarray(parameters.weights, np.float64)
    theta = np.array(parameters.hidden.theta, np.float64)
    fields = np.asarray(parameters.fields, np.float64)
    shifted = fields
    for _ in range(_ITERATIONS):
        mean_hidden = expit(expit(shifted) @ weights - theta)
        shifted = (1 - _DAMPING) * shifted + _DAMPING * (fields + weights @ mean_hidden)
    zeros = np.zeros(weights.shape, np.float32)
    return Parameters(zeros, shifted.astype(np.float32), Bernoulli(theta))


def independent_log_partition(parameters: Parameters) -> float:
    """Ln Z of a model without weights: sum_i ln(1 + exp(b_i)) + sum_a ln(1 + exp(c_a))."""
    fields = np.asarray(parameters.fields, np.float64)
    theta = np.asarray(parameters.hidden.theta, np.float64)
    return float(np.logaddexp(0, fields).sum() + np.logaddexp(0, -theta).sum())
