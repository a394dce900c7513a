"""The variance gauge: gamma follows from Var(h) = 1, thresholds follow the mean input.

The scale of a real hidden unit is arbitrary (h -> s h, w -> w / s leaves P(v) unchanged), so it is
fixed by Var(h) = 1 over the data, and theta is measured from the mean input <v>_data W. Both make
gamma and theta functions of the other parameters, and the gradient the total derivative.

Source: van der Plas et al., eLife 2023, Methods; `gamma` as the root of its quadratic.
"""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.kernels import statistics as columns
from popcode.rbm.potentials import Bernoulli, DReLU, Potential, Scaled, rebuilt

Float = NDArray[np.float64]

SMALLEST_GAMMA = 0.05
LARGEST_JUMP = 20.0
LARGEST_ETA = 0.95


class HiddenGradient(NamedTuple):
    """Total derivatives of the log-likelihood, and how gamma answers to each row's input.

    hidden : Potential
        Derivative in every parameter of the potential (gamma's is zero: it is not free).
    input_response : ndarray, (n_rows, n_hidden)
        dL/dgamma times dgamma/dI of every row of the batch.
    """

    hidden: Potential
    input_response: Float


def chain_rule(potential: Potential, natural: Float) -> Potential:
    """Derivatives in the parameters from those in (g+, g-, t+, t-), `natural` (n_hidden, 4)."""
    plus, minus, theta_plus, theta_minus = natural.T
    if isinstance(potential, DReLU):
        up, down = 1 + potential.eta, 1 - potential.eta
        half_delta = potential.delta / 2
        return DReLU(
            gamma=plus / up + minus / down,
            theta=theta_plus - theta_minus,
            delta=theta_plus / np.sqrt(up) + theta_minus / np.sqrt(down),
            eta=potential.gamma * (minus / down**2 - plus / up**2)
            + half_delta * (theta_minus / down**1.5 - theta_plus / up**1.5),
        )
    if isinstance(potential, Bernoulli):
        return Bernoulli(theta=theta_plus)
    return type(potential)(gamma=plus, theta=theta_plus)


def variance_of_hidden(data_sums: Float) -> Float:
    """Var(h) over the data, (n_hidden,): of the conditional mean, plus mean conditional."""
    mean = data_sums[:, columns.MEAN]
    return data_sums[:, columns.MEAN_SQUARE] - mean**2 + data_sums[:, columns.VARIANCE]


def _variance_slopes(potential: Potential, data_sums: Float) -> Potential:
    """Derivatives of Var(h) in the parameters of the potential."""
    mean = data_sums[:, columns.MEAN, None]
    between = data_sums[:, columns.MEAN_COVARIANCE] - mean * data_sums[:, columns.COVARIANCE]
    return chain_rule(potential, -(2 * between + data_sums[:, columns.THIRD]))


def total_gradient(
    potential: Potential, data_sums: Float, chain_sums: Float, input_slope: Float
) -> HiddenGradient:
    """Gradient of the mean log-likelihood with gamma on the surface Var(h) = 1.

    Parameters
    ----------
    potential : Potential
    data_sums, chain_sums : ndarray, (n_hidden, N_SUMS)
        From `popcode.rbm.kernels.statistics`, over the batch and over the chains.
    input_slope : ndarray, (n_rows, n_hidden)
        n_rows times the slope of Var(h) in the input of every row of the batch.
    """
    partial = chain_rule(potential, chain_sums[:, columns.NATURAL] - data_sums[:, columns.NATURAL])
    if isinstance(partial, Bernoulli):
        return HiddenGradient(partial, np.zeros_like(input_slope))
    slopes = cast(Scaled, _variance_slopes(potential, data_sums))
    # Var(h) falls with gamma; a slope of the wrong sign is sampling noise, and gamma then is held.
    responsive = slopes.gamma < 0
    lever = np.where(responsive, -partial.gamma / np.where(responsive, slopes.gamma, -1.0), 0.0)
    total = rebuilt(
        potential, (own + lever * slope for own, slope in zip(partial, slopes, strict=True))
    )
    return HiddenGradient(
        cast(Scaled, total)._replace(gamma=np.zeros_like(lever)), lever * input_slope
    )


def relaxed_gamma(potential: Scaled, data_sums: Float, share: float) -> Float:
    """Gamma moved by `share` of its way to Var(h) = 1, within bounds.

    With a = gamma E[h] and r = gamma Var[h] - 1 held, Var(h) = 1 is the quadratic
    gamma^2 - (1 + <r>) gamma - Var(a) = 0. The bounds keep gamma from collapsing in one step and
    the two wells of a double-well unit within 20 standard deviations of each other.
    """
    gamma = potential.gamma
    spread = data_sums[:, columns.MEAN_SQUARE] - data_sums[:, columns.MEAN] ** 2
    within = gamma * data_sums[:, columns.VARIANCE]
    target = (within + np.sqrt(within**2 + 4 * gamma**2 * np.maximum(spread, 0))) / 2
    lowest = np.maximum(SMALLEST_GAMMA, 0.75 * gamma)
    if isinstance(potential, DReLU):
        roots = np.sqrt(1 - potential.eta) + np.sqrt(1 + potential.eta)
        lowest = np.maximum(lowest, np.maximum(-potential.delta, 0) * roots / LARGEST_JUMP)
    return np.maximum((1 - share) * gamma + share * target, lowest)
