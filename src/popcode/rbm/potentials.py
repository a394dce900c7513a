r"""The potentials of hidden units: each a tuple of parameters that carries its own mathematics.

A potential U gives a hidden unit with input I the law P(h | I) = exp(-U(h) + I h - Gamma(I)).
The cumulant Gamma is all that the likelihood needs; its derivatives are the mean and variance.
Each has `energy(h)`, which is U(h) and infinite outside of the unit's support; `cumulant(inputs)`;
`mean(inputs)`, E[h | I]; `variance(inputs)`, Var[h | I]. Inputs have the shape (..., n_hidden).
All is float64 and exact: the reference that the fast kernels are tested against.

Every potential has a threshold `theta` with Gamma(I; theta) = Gamma(I - theta; 0), and all but
the Bernoulli one a curvature `gamma`, which the training fixes by Var(h) = 1.

Source: van der Plas et al., eLife 2023 (12:e83139), equations 11-14, in the gauge of its code.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from popcode.rbm.half_line import Float, excess_mean, excess_variance, log_mills


class Bernoulli(NamedTuple):
    """Two states, h in {0, 1}, with U(h) = theta h."""

    theta: Float

    def energy(self, h: Float) -> Float:
        return np.where((h == 0) | (h == 1), self.theta * h, np.inf)

    def cumulant(self, inputs: Float) -> Float:
        return np.logaddexp(0, inputs - self.theta)

    def mean(self, inputs: Float) -> Float:
        return expit(inputs - self.theta)

    def variance(self, inputs: Float) -> Float:
        return expit(inputs - self.theta) * expit(self.theta - inputs)


class Gaussian(NamedTuple):
    """Real h with U(h) = gamma h^2 / 2 + theta h."""

    gamma: Float
    theta: Float

    def energy(self, h: Float) -> Float:
        return self.gamma * h**2 / 2 + self.theta * h

    def cumulant(self, inputs: Float) -> Float:
        return (inputs - self.theta) ** 2 / (2 * self.gamma) + np.log(2 * np.pi / self.gamma) / 2

    def mean(self, inputs: Float) -> Float:
        return (inputs - self.theta) / self.gamma

    def variance(self, inputs: Float) -> Float:
        return np.broadcast_to(1 / self.gamma, np.shape(inputs))


class ReLU(NamedTuple):
    """Non-negative h with U(h) = gamma h^2 / 2 + theta h (ReLU+ in the published code)."""

    gamma: Float
    theta: Float

    def _threshold(self, inputs: Float) -> Float:
        return (self.theta - inputs) / np.sqrt(self.gamma)

    def energy(self, h: Float) -> Float:
        return np.where(h >= 0, self.gamma * h**2 / 2 + self.theta * h, np.inf)

    def cumulant(self, inputs: Float) -> Float:
        return log_mills(self._threshold(inputs)) - np.log(self.gamma) / 2

    def mean(self, inputs: Float) -> Float:
        return excess_mean(self._threshold(inputs)) / np.sqrt(self.gamma)

    def variance(self, inputs: Float) -> Float:
        return excess_variance(self._threshold(inputs)) / self.gamma


class DReLU(NamedTuple):
    r"""Two rectified halves with U(h) = g+ h+^2/2 + g- h-^2/2 + t+ h+ + t- |h-|.

    The halves are tied to the gauge parameters by

        g+ = gamma / (1 + eta)      t+ =  theta + delta / sqrt(1 + eta)
        g- = gamma / (1 - eta)      t- = -theta + delta / sqrt(1 - eta)

    `eta` in (-1, 1) is the asymmetry of the slopes; `delta` < 0 opens a gap between two preferred
    values, `delta` > 0 a dead zone. Here t- multiplies |h-|; the article's theta- is its negative.
    """

    gamma: Float
    theta: Float
    delta: Float
    eta: Float

    @classmethod
    def from_halves(
        cls, gamma_plus: Float, gamma_minus: Float, theta_plus: Float, theta_minus: Float
    ) -> "DReLU":
        """Gauge parameters of given halves, the inverse of `halves`."""
        gamma = 2 / (1 / gamma_plus + 1 / gamma_minus)
        eta = (gamma / gamma_plus - gamma / gamma_minus) / 2
        root_plus, root_minus = 1 / np.sqrt(1 + eta), 1 / np.sqrt(1 - eta)
        delta = (theta_plus + theta_minus) / (root_plus + root_minus)
        return cls(gamma, theta_plus - delta * root_plus, delta, eta)

    def halves(self) -> tuple[Float, Float, Float, Float]:
        """(g+, g-, t+, t-), each of shape (n_hidden,)."""
        return (
            self.gamma / (1 + self.eta),
            self.gamma / (1 - self.eta),
            self.theta + self.delta / np.sqrt(1 + self.eta),
            -self.theta + self.delta / np.sqrt(1 - self.eta),
        )

    def mirrored(self) -> "DReLU":
        """The potential of -h."""
        gamma_plus, gamma_minus, theta_plus, theta_minus = self.halves()
        return DReLU.from_halves(gamma_minus, gamma_plus, theta_minus, theta_plus)

    def _log_halves(self, inputs: Float) -> tuple[Float, Float, Float, Float]:
        gamma_plus, gamma_minus, theta_plus, theta_minus = self.halves()
        x_plus = (theta_plus - inputs) / np.sqrt(gamma_plus)
        x_minus = (theta_minus + inputs) / np.sqrt(gamma_minus)
        log_plus = log_mills(x_plus) - np.log(gamma_plus) / 2
        log_minus = log_mills(x_minus) - np.log(gamma_minus) / 2
        return x_plus, x_minus, log_plus, log_minus

    def energy(self, h: Float) -> Float:
        gamma_plus, gamma_minus, theta_plus, theta_minus = self.halves()
        up, down = np.maximum(h, 0), np.maximum(-h, 0)
        return (
            gamma_plus * up**2 / 2
            + gamma_minus * down**2 / 2
            + theta_plus * up
            + theta_minus * down
        )

    def cumulant(self, inputs: Float) -> Float:
        _, _, log_plus, log_minus = self._log_halves(inputs)
        return np.logaddexp(log_plus, log_minus)

    def mean(self, inputs: Float) -> Float:
        gamma_plus, gamma_minus, _, _ = self.halves()
        x_plus, x_minus, log_plus, log_minus = self._log_halves(inputs)
        up = excess_mean(x_plus) / np.sqrt(gamma_plus)
        down = excess_mean(x_minus) / np.sqrt(gamma_minus)
        return expit(log_plus - log_minus) * up - expit(log_minus - log_plus) * down

    def variance(self, inputs: Float) -> Float:
        gamma_plus, gamma_minus, _, _ = self.halves()
        x_plus, x_minus, log_plus, log_minus = self._log_halves(inputs)
        p_plus, p_minus = expit(log_plus - log_minus), expit(log_minus - log_plus)
        within = (
            p_plus * excess_variance(x_plus) / gamma_plus
            + p_minus * excess_variance(x_minus) / gamma_minus
        )
        step = excess_mean(x_plus) / np.sqrt(gamma_plus) + excess_mean(x_minus) / np.sqrt(
            gamma_minus
        )
        return within + p_plus * p_minus * step**2


Scaled = Gaussian | ReLU | DReLU
Potential = Bernoulli | Scaled


def rebuilt(potential: Potential, arrays: Iterable[Float]) -> Potential:
    """Give a potential of the same kind with other parameters."""
    return type(potential)(*arrays)
