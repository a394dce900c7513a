"""Exact draws of hidden units given their inputs, a tile of chains at a time, in float32.

Each potential has one table of constants, (n_hidden, n_constants), made by `constants_of`, and one
function that fills `h` (n_hidden, n_lanes): units are rows, so that a vector register holds one
unit in many chains. A cell takes two random words: which half of the unit, and where in it.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from popcode.kernels.special import (
    exp32,
    mills32,
    normal_tail_inverse32,
    uniform32,
)
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, Potential, ReLU

_F = np.float32
_ZERO, _ONE, _HALF = _F(0), _F(1), _F(0.5)
_SQRT_2PI, _INV_SQRT_2PI = _F(2.50662827), _F(0.398942280)
# Above this threshold the tail is drawn in float64 by Newton's method: in float32 the inverse of
# the normal law and its threshold would cancel.
_FAR = _F(6)
_SMALLEST_TAIL = _F(1e-20)


def constants_of(potential: Potential) -> NDArray[np.float32]:
    """What the sampler of a potential needs to know of each unit, (n_hidden, n_constants)."""
    if isinstance(potential, DReLU):
        gamma_plus, gamma_minus, theta_plus, theta_minus = potential.halves()
        scale_plus, scale_minus = gamma_plus**-0.5, gamma_minus**-0.5
        table = [scale_plus, theta_plus, scale_minus, theta_minus]
    elif isinstance(potential, Bernoulli):
        table = [potential.theta]
    elif isinstance(potential, Gaussian | ReLU):
        table = [potential.gamma**-0.5, potential.theta]
    else:
        raise TypeError(f"no sampler for {type(potential).__name__}")
    return np.ascontiguousarray(np.stack(table, axis=1), dtype=np.float32)


@njit(forceinline=True, error_model="numpy")
def _excess(x, tail, u, complement):
    """Distance above the threshold x <= 6 of a normal variable that exceeds it, from 1 - u = c.

    `tail` is P(Z > |x|). Both tails are kept to full relative accuracy: u * P(Z > x) alone
    reaches 1 in float32 for x < -5.4, where the ordinary active unit is.
    """
    above = tail if x >= _ZERO else _ONE - tail
    below = _ONE - tail if x >= _ZERO else tail
    p = u * above
    q = below + complement * above
    z = normal_tail_inverse32(max(min(p, q), _SMALLEST_TAIL))
    z = z if p <= q else -z
    return max(z - x, _ZERO)


@njit(error_model="numpy")
def _log_mills64(x):
    """Logarithm of Mills' ratio for x >= 6, from its continued fraction, error below 1e-8."""
    tail = x
    for k in range(14, 0, -1):
        tail = x + k / tail
    return -np.log(tail)


@njit(error_model="numpy")
def far_excess(x, u):
    """Distance above a threshold x > 6, by Newton's method on the convex -log P(Z > x + s)."""
    target = -np.log(u)
    log_start = _log_mills64(x)
    s = 2 * target / (x + np.sqrt(x * x + 2 * target))
    for _ in range(4):
        log_here = _log_mills64(x + s)
        s -= (s * s / 2 + x * s + log_start - log_here - target) * np.exp(log_here)
    return max(s, 0.0)


@njit(error_model="numpy")
def _drelu_unit(inputs, table, bits, more, h, x_drawn):
    """One unit in every chain: choose its half, then draw within it (thresholds held at 6)."""
    scale_plus, theta_plus, scale_minus, theta_minus = table[0], table[1], table[2], table[3]
    for c in range(inputs.size):
        x_plus = (theta_plus - inputs[c]) * scale_plus
        x_minus = (theta_minus + inputs[c]) * scale_minus
        square_plus, square_minus = _HALF * x_plus * x_plus, _HALF * x_minus * x_minus
        mills_plus, mills_minus = mills32(abs(x_plus)), mills32(abs(x_minus))
        tail_plus, tail_minus = exp32(-square_plus) * mills_plus, exp32(-square_minus) * mills_minus
        # Z = scale * weight * exp(grown): nothing overflows, nothing cancels.
        body_plus, body_minus = _SQRT_2PI - tail_plus, _SQRT_2PI - tail_minus
        weight_plus = mills_plus if x_plus >= _ZERO else body_plus
        weight_minus = mills_minus if x_minus >= _ZERO else body_minus
        grown_plus = _ZERO if x_plus >= _ZERO else square_plus
        grown_minus = _ZERO if x_minus >= _ZERO else square_minus
        odds_minus = (scale_minus * weight_minus) * exp32(grown_minus - grown_plus)
        odds_plus = scale_plus * weight_plus
        is_plus = uniform32(bits[c]) * (odds_plus + odds_minus) <= odds_plus
        x = x_plus if is_plus else x_minus
        tail = _INV_SQRT_2PI * (tail_plus if is_plus else tail_minus)
        scale = scale_plus if is_plus else -scale_minus
        x_drawn[c] = x
        h[c] = scale * _excess(min(x, _FAR), tail, uniform32(more[c]), uniform32(~more[c]))


@njit(error_model="numpy")
def _relu_unit(inputs, scale, theta, bits, h, x_drawn):
    for c in range(inputs.size):
        x = (theta - inputs[c]) * scale
        x_drawn[c] = x
        tail = _INV_SQRT_2PI * exp32(-_HALF * x * x) * mills32(abs(x))
        h[c] = scale * _excess(min(x, _FAR), tail, uniform32(bits[c]), uniform32(~bits[c]))


@njit(error_model="numpy")
def _redraw_far(scale_up, scale_down, bits, h, x_drawn):
    """Draw again, in float64, the few cells of a unit whose threshold is beyond 6."""
    for c in range(h.size):
        if x_drawn[c] > _FAR:
            # The sign bit tells the half even where the draw is 0.
            scale = scale_up if np.copysign(_ONE, h[c]) > _ZERO else -scale_down
            h[c] = scale * _F(far_excess(np.float64(x_drawn[c]), np.float64(uniform32(bits[c]))))


@njit(error_model="numpy")
def _gaussian_unit(inputs, scale, theta, bits, h):
    for c in range(inputs.size):
        u, complement = uniform32(bits[c]), uniform32(~bits[c])
        z = normal_tail_inverse32(min(u, complement))
        z = z if u <= complement else -z
        h[c] = scale * (scale * (inputs[c] - theta) + z)


@njit(error_model="numpy")
def _bernoulli_unit(inputs, theta, bits, h):
    for c in range(inputs.size):
        is_on = uniform32(bits[c]) * (_ONE + exp32(theta - inputs[c])) <= _ONE
        h[c] = _ONE if is_on else _ZERO


@njit(nogil=True, cache=True, error_model="numpy")
def sample_drelu(inputs, constants, bits, h, x_drawn):
    """Draw dReLU units.

    Parameters
    ----------
    inputs, h, x_drawn : ndarray of float32, (n_hidden, n_lanes)
        Inputs; the draws, overwritten; scratch.
    constants : ndarray of float32, (n_hidden, n_constants)
        From `constants_of`.
    bits : ndarray of uint32, (2, n_hidden, n_lanes)
        Random words.
    """
    for m in range(h.shape[0]):
        _drelu_unit(inputs[m], constants[m], bits[0, m], bits[1, m], h[m], x_drawn[m])
        _redraw_far(constants[m, 0], constants[m, 2], bits[1, m], h[m], x_drawn[m])


@njit(nogil=True, cache=True, error_model="numpy")
def sample_relu(inputs, constants, bits, h, x_drawn):
    """Draw non-negative rectified units; arguments as for `sample_drelu`."""
    for m in range(h.shape[0]):
        scale, theta = constants[m, 0], constants[m, 1]
        _relu_unit(inputs[m], scale, theta, bits[0, m], h[m], x_drawn[m])
        _redraw_far(scale, scale, bits[0, m], h[m], x_drawn[m])


@njit(nogil=True, cache=True, error_model="numpy")
def sample_gaussian(inputs, constants, bits, h, x_drawn):
    """Draw Gaussian units; arguments as for `sample_drelu`, of which `x_drawn` is left alone."""
    for m in range(h.shape[0]):
        _gaussian_unit(inputs[m], constants[m, 0], constants[m, 1], bits[0, m], h[m])


@njit(nogil=True, cache=True, error_model="numpy")
def sample_bernoulli(inputs, constants, bits, h, x_drawn):
    """Draw binary units; arguments as for `sample_drelu`, of which `x_drawn` is left alone."""
    for m in range(h.shape[0]):
        _bernoulli_unit(inputs[m], constants[m, 0], bits[0, m], h[m])
