"""Withheld neurons given the others, for hidden units of any potential, by Gibbs sampling."""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_ndtr, ndtri_exp

from popcode.estimators.answers import Withheld, checked_held
from popcode.rbm.half_line import log_mills
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, Potential, ReLU
from popcode.threads import Team, pieces

_BINS_PER_CALL, _STREAM = 256, 41
N_SWEEPS, BURN_IN = 100, 20
Float = NDArray[np.float64]


class _Half(NamedTuple):
    """The law of a rectified half: density ~ exp(-gamma h^2 / 2 - slope h) for h > 0."""

    gamma: Float
    slope: Float

    def excess(self) -> Float:
        """Where 0 lies above the Gaussian's middle, in its standard deviations."""
        return self.slope / np.sqrt(self.gamma)

    def log_mass(self) -> Float:
        """Ln of the integral over h > 0."""
        return log_mills(self.excess()) - np.log(self.gamma) / 2

    def drawn(self, uniforms: Float) -> Float:
        """Draw h, by inverting the survival function in logarithms, exact in either tail."""
        x = self.excess()
        z = -ndtri_exp(np.log(uniforms) + log_ndtr(-x))
        return np.maximum(z - x, 0) / np.sqrt(self.gamma)


def draw_hidden(potential: Potential, inputs: Float, rng: np.random.Generator) -> Float:
    """Draw h from P(h | v) for inputs v W of the hidden units, (n_bins, n_hidden).

    In float64, the slow twin of the kernels that the training samples with.
    """
    uniforms = 1 - rng.random(inputs.shape)  # above 0
    match potential:
        case Bernoulli(theta):
            return (uniforms <= expit(inputs - theta)).astype(np.float64)
        case Gaussian(gamma, theta):
            return (inputs - theta) / gamma + rng.standard_normal(inputs.shape) / np.sqrt(gamma)
        case ReLU(gamma, theta):
            return _Half(np.broadcast_to(gamma, inputs.shape), theta - inputs).drawn(uniforms)
    assert isinstance(potential, DReLU)
    gamma_plus, gamma_minus, theta_plus, theta_minus = potential.halves()
    up = _Half(np.broadcast_to(gamma_plus, inputs.shape), theta_plus - inputs)
    down = _Half(np.broadcast_to(gamma_minus, inputs.shape), theta_minus + inputs)
    is_up = rng.random(inputs.shape) < expit(up.log_mass() - down.log_mass())
    half = _Half(*(np.where(is_up, a, b) for a, b in zip(up, down, strict=True)))
    return np.where(is_up, 1, -1) * half.drawn(uniforms)


def complete_withheld(
    parameters: Parameters,
    states: NDArray[np.uint8],
    held: NDArray[np.int64],
    seed: int,
    *,
    n_sweeps: int = N_SWEEPS,
    burn_in: int = BURN_IN,
) -> Withheld:
    """P(v_i = 1 | observed neurons) of withheld neurons: the mean of P(v_i = 1 | h) along a chain.

    One chain a bin, with the observed neurons clamped.

    Parameters
    ----------
    parameters : Parameters
        With hidden units of any potential.
    states : ndarray of uint8, (n_bins, n_neurons)
        Withheld neurons' states are never looked at.
    held : ndarray of int, (n_held,)
    seed : int
    n_sweeps, burn_in : int
        Sweeps that are averaged, and before them.

    Returns
    -------
    Withheld

    Raises
    ------
    InputError
        None, all, repeated or unknown withheld neurons.
    """
    held, observed = checked_held(held, parameters.n_neurons)
    weights = np.asarray(parameters.weights, dtype=np.float64)
    inner, fields = weights[held], np.asarray(parameters.fields, dtype=np.float64)[held]
    probability = np.empty((len(states), held.size))

    def complete(piece: int, a: int, b: int) -> None:
        clamped = states[a:b, observed].astype(np.float64) @ weights[observed]
        rng = np.random.default_rng((seed, _STREAM, piece))
        p, total = np.broadcast_to(expit(fields), (b - a, held.size)), np.zeros((b - a, held.size))
        for sweep in range(burn_in + n_sweeps):
            v = (rng.random(p.shape, dtype=np.float32) < p).astype(np.float64)
            h = draw_hidden(parameters.hidden, clamped + v @ inner, rng)
            p = expit(h @ inner.T + fields)
            if sweep >= burn_in:
                total += p
        probability[a:b] = total / n_sweeps

    with Team() as team:
        cut = enumerate(pieces(len(states), _BINS_PER_CALL))
        team.run(partial(complete, piece, a, b) for piece, (a, b) in cut)
    return Withheld(probability)
