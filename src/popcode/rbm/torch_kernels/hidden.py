"""Exact draws of hidden units given their inputs, for all chains at once, on any torch device.

The laws and the two ranges (thresholds up to 6 in float32, beyond it Newton's method in float64)
are those of `popcode.rbm.kernels.hidden`. Uniform numbers are drawn in float64, so that a number
and its complement are both exact and neither is ever 0.
"""

import math

import torch
from torch import Tensor

from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, Potential, ReLU

_SQRT_HALF = math.sqrt(0.5)
_SQRT_HALF_PI = math.sqrt(math.pi / 2)
_SQRT_2PI = math.sqrt(2 * math.pi)
# Up to this threshold the tail is inverted in float32; beyond it the inverse of the normal law
# and the threshold would cancel.
_FAR = 6.0
# The start falls within 3 % of the target, one step within 5e-5, the second within rounding.
_NEWTON_STEPS = 2
_HALF_STEP = 2.0**-54


def _uniform(like: Tensor, generator: torch.Generator) -> Tensor:
    """Uniform numbers of float64 in [0, 1), in the shape of `like`."""
    return torch.rand(like.shape, dtype=torch.float64, device=like.device, generator=generator)


def _mills(x: Tensor) -> Tensor:
    """Mills' ratio of x >= 0."""
    return _SQRT_HALF_PI * torch.special.erfcx(x * _SQRT_HALF)


def _normal_inverse(p: Tensor, q: Tensor) -> Tensor:
    """The z with P(Z > z) = p = 1 - q, from the smaller of the two."""
    z = torch.special.ndtri(torch.minimum(p, q))
    return torch.where(p <= q, -z, z)


def _near_excess(x: Tensor, u: Tensor, complement: Tensor) -> Tensor:
    """Distance above a threshold x <= 6 of a normal variable that exceeds it.

    Both tails are kept to full relative accuracy: u * P(Z > x) alone reaches 1 in float32 for
    x < -5.4, where the ordinary active unit is.
    """
    tail = _mills(x.abs()) * torch.exp(-0.5 * x * x) / _SQRT_2PI
    is_right = x >= 0
    above = torch.where(is_right, tail, 1 - tail)
    below = torch.where(is_right, 1 - tail, tail)
    return (_normal_inverse(u * above, below + complement * above) - x).clamp_(min=0)


def far_excess(x: Tensor, target: Tensor) -> Tensor:
    """Distance s above a threshold at which the tail beyond x has fallen by exp(-target).

    Parameters
    ----------
    x : Tensor of float64
        Thresholds, at least 6.
    target : Tensor of float64
        -log u, of the same shape.

    Returns
    -------
    Tensor of float64
        The root of -log P(Z > x + s) + log P(Z > x) = target by Newton's method.
    """
    log_start = _mills(x).log_()
    s = 2 * target / (x + torch.sqrt(x * x + 2 * target))
    for _ in range(_NEWTON_STEPS):
        mills_here = _mills(x + s)
        fallen = s * (s / 2 + x) + log_start - mills_here.log()
        s = s - (fallen - target) * mills_here
    return s.clamp_(min=0)


def _excess(x: Tensor, generator: torch.Generator) -> Tensor:
    """Distances above thresholds x (float32, any shape) of normal variables that exceed them."""
    whole = _uniform(x, generator)
    u = whole + _HALF_STEP
    near = _near_excess(x.clamp(max=_FAR), u.float(), (1 - whole).float())
    far = far_excess(x.double().clamp_(min=_FAR), -u.log())
    return torch.where(x > _FAR, far.float(), near)


def _log_mass(x: Tensor) -> tuple[Tensor, Tensor]:
    """Logarithm of Mills' ratio as a sum (bounded part, x^2/2 of negative x), for any x."""
    mills = _mills(x.abs())
    square = 0.5 * x * x
    is_right = x >= 0
    bounded = torch.where(is_right, mills, _SQRT_2PI - torch.exp(-square) * mills)
    return bounded.log(), square.masked_fill(is_right, 0)


def _draw_drelu(inputs: Tensor, constants: Tensor, generator: torch.Generator) -> Tensor:
    scale_plus, theta_plus, scale_minus, theta_minus = constants.T
    x_plus, x_minus = (theta_plus - inputs) * scale_plus, (theta_minus + inputs) * scale_minus
    bounded_plus, grown_plus = _log_mass(x_plus)
    bounded_minus, grown_minus = _log_mass(x_minus)
    bounded_odds = bounded_plus - bounded_minus + (scale_plus / scale_minus).log()
    # Finite minus finite, and float64 beside the uniform number: no half is ever impossible.
    p_plus = torch.sigmoid((bounded_odds + (grown_plus - grown_minus)).double())
    is_plus = _uniform(inputs, generator) < p_plus
    scale = torch.where(is_plus, scale_plus, -scale_minus)
    return scale * _excess(torch.where(is_plus, x_plus, x_minus), generator)


def _draw_relu(inputs: Tensor, constants: Tensor, generator: torch.Generator) -> Tensor:
    scale, theta = constants.T
    return scale * _excess((theta - inputs) * scale, generator)


def _draw_gaussian(inputs: Tensor, constants: Tensor, generator: torch.Generator) -> Tensor:
    scale, theta = constants.T
    whole = _uniform(inputs, generator)
    z = _normal_inverse((whole + _HALF_STEP).float(), (1 - whole).float())
    return scale * (scale * (inputs - theta) + z)


def _draw_bernoulli(inputs: Tensor, constants: Tensor, generator: torch.Generator) -> Tensor:
    p = torch.sigmoid((inputs - constants[:, 0]).double())
    return (_uniform(inputs, generator) < p).float()


_DRAWS = {
    DReLU: _draw_drelu,
    ReLU: _draw_relu,
    Gaussian: _draw_gaussian,
    Bernoulli: _draw_bernoulli,
}


def draw_hidden(
    kind: type[Potential], inputs: Tensor, constants: Tensor, generator: torch.Generator
) -> Tensor:
    """Draw hidden units given their inputs.

    Parameters
    ----------
    kind : type
        The potential.
    inputs : Tensor of float32, (n_chains, n_hidden)
    constants : Tensor of float32, (n_hidden, n_constants)
        From `popcode.rbm.kernels.hidden.constants_of`.
    generator : torch.Generator
        On the device of `inputs`; advanced.

    Returns
    -------
    Tensor of float32, (n_chains, n_hidden)
    """
    return _DRAWS[kind](inputs, constants, generator)
