"""What the gradient and the gauge need of the hidden units, over a batch, in float64, in torch.

The definitions and the order of the columns are those of `popcode.rbm.kernels.statistics`; the
moments are E[h+^k | I] and E[|h-|^k | I] for k = 1..4 as in `popcode.rbm.kernels.moments`.
"""

import math

import torch
from torch import Tensor

from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, Potential, ReLU

_SQRT_2PI = math.sqrt(2 * math.pi)
_TERMS = 16
Moments = tuple[Tensor, Tensor, Tensor, Tensor]


def _near_moments(x: Tensor, hazard: Tensor) -> Moments:
    """Moments of the excess over x by the recursion k M_{k-1} = M_{k+1} + x M_k, from M_1."""
    one = hazard - x
    two = 1 - x * one
    three = 2 * one - x * two
    return one, two, three, 3 * two - x * three


def _far_moments(x: Tensor) -> Moments:
    """The same for x >= 2, where that recursion cancels: ratios from their continued fraction."""
    ratio = 2 / (x + torch.sqrt(x * x + 4 * (_TERMS + 1)))
    for k in range(_TERMS, 4, -1):
        ratio = 1 / (x + k * ratio)
    ratio_3 = 1 / (x + 4 * ratio)
    ratio_2 = 1 / (x + 3 * ratio_3)
    one = 1 / (x + 2 * ratio_2)
    two = 2 * one * ratio_2
    three = 3 * two * ratio_3
    return one, two, three, 4 * three * ratio


def _half(x: Tensor) -> tuple[Tensor, Moments]:
    """Logarithm of Mills' ratio, and the four moments of a normal variable's excess over x."""
    mills = math.sqrt(math.pi / 2) * torch.special.erfcx(x.abs() * math.sqrt(0.5))
    square = 0.5 * x * x
    gauss = torch.exp(-square)
    body = _SQRT_2PI - gauss * mills
    is_right = x >= 0
    log_mass = torch.where(is_right, mills.log(), body.log() + square)
    hazard = torch.where(is_right, 1 / mills, gauss / body)
    pairs = zip(_near_moments(x, hazard), _far_moments(x.clamp(min=2)), strict=True)
    one, two, three, four = (torch.where(x > 2, far, near) for near, far in pairs)
    return log_mass, (one, two, three, four)


def _drelu_moments(inputs: Tensor, constants: Tensor) -> tuple[Moments, Moments]:
    scale_plus, theta_plus, scale_minus, theta_minus = constants.T
    log_plus, plus = _half((theta_plus - inputs) * scale_plus)
    log_minus, minus = _half((theta_minus + inputs) * scale_minus)
    log_odds = log_plus - log_minus + (scale_plus / scale_minus).log()
    p_plus, p_minus = torch.sigmoid(log_odds), torch.sigmoid(-log_odds)
    return _scaled(plus, scale_plus, p_plus), _scaled(minus, scale_minus, p_minus)


def _scaled(moments: Moments, scale: Tensor, mass: Tensor) -> Moments:
    one, two, three, four = (m * mass * scale ** (k + 1) for k, m in enumerate(moments))
    return one, two, three, four


def _relu_moments(inputs: Tensor, constants: Tensor) -> tuple[Moments, Moments]:
    scale, theta = constants.T
    _, moments = _half((theta - inputs) * scale)
    return _scaled(moments, scale, torch.ones_like(scale)), _no_lower_half(inputs)


def _gaussian_moments(inputs: Tensor, constants: Tensor) -> tuple[Moments, Moments]:
    """Signed h counts as upper half."""
    scale, theta = constants.T
    variance = scale**2
    mean = (inputs - theta) * variance
    moments = (
        mean,
        mean**2 + variance,
        mean**3 + 3 * mean * variance,
        mean**4 + 6 * mean**2 * variance + 3 * variance**2,
    )
    return moments, _no_lower_half(inputs)


def _bernoulli_moments(inputs: Tensor, constants: Tensor) -> tuple[Moments, Moments]:
    p = torch.sigmoid(inputs - constants[:, 0])
    return (p, p, p, p), _no_lower_half(inputs)


def _no_lower_half(inputs: Tensor) -> Moments:
    zero = torch.zeros_like(inputs)
    return zero, zero, zero, zero


_MOMENTS = {
    DReLU: _drelu_moments,
    ReLU: _relu_moments,
    Gaussian: _gaussian_moments,
    Bernoulli: _bernoulli_moments,
}


def _sums(plus: Moments, minus: Moments) -> Tensor:
    """Averages over the rows, (n_hidden, N_SUMS), in the order of the column constants."""
    p1, p2, p3, p4 = plus
    q1, q2, q3, q4 = minus
    mean, square = p1 - q1, p2 + q2
    covariance = (
        (p3 - mean * p2) / 2,
        (-q3 - mean * q2) / 2,
        p2 - mean * p1,
        -q2 - mean * q1,
    )
    c0, c1, c2, c3 = covariance
    columns = (
        *(mean, mean * mean, square - mean * mean),
        *(p2 / 2, q2 / 2, p1, q1),
        *covariance,
        *(mean * c for c in covariance),
        (p4 - square * p2) / 2 - 2 * mean * c0,
        (q4 - square * q2) / 2 - 2 * mean * c1,
        p3 - square * p1 - 2 * mean * c2,
        q3 - square * q1 - 2 * mean * c3,
    )
    return torch.stack([column.mean(dim=0) for column in columns], dim=1)


def hidden_statistics(
    kind: type[Potential], inputs: Tensor, constants: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Statistics of the hidden units for a batch of inputs.

    Parameters
    ----------
    kind : type
        The potential.
    inputs : Tensor of float64, (n_rows, n_hidden)
    constants : Tensor of float64, (n_hidden, n_constants)
        From `popcode.rbm.kernels.hidden.constants_of`.

    Returns
    -------
    sums : Tensor of float64, (n_hidden, N_SUMS)
    mean_hidden : Tensor of float64, (n_rows, n_hidden)
        E[h | v] of every row.
    input_slope : Tensor of float64, (n_rows, n_hidden)
        n_rows times the slope of the batch's Var(h) in every row's input.
    """
    plus, minus = _MOMENTS[kind](inputs, constants)
    mean, square = plus[0] - minus[0], plus[1] + minus[1]
    third = plus[2] - minus[2] - 3 * mean * square + 2 * mean**3
    slope = 2 * (mean - mean.mean(dim=0)) * (square - mean * mean) + third
    return _sums(plus, minus), mean, slope
