"""First four moments of the two halves of a hidden unit given its input, in float64.

The gradient and the variance gauge need E[h+^k | I] and E[|h-|^k | I] for k = 1..4. Units without
a lower half (ReLU, Bernoulli) have zeros there; a Gaussian unit counts as all upper half.
"""

import numpy as np
from numba import njit

_SQRT_2PI = 2.5066282746310002
_TERMS = 16


@njit(forceinline=True, error_model="numpy")
def exp64(x):
    """exp(x), relative error below 1e-12; clamped to |x| <= 700."""
    x = min(max(x, -700.0), 700.0)
    n = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - n * 0.693145751953125) - n * 1.4286068203094173e-6
    p = 2.4727100032813015e-05
    p = p * r + 1.9915404909272402e-04
    p = p * r + 1.388917887966356e-03
    p = p * r + 8.333267063952609e-03
    p = p * r + 4.1666664218298496e-02
    p = p * r + 1.6666666885281867e-01
    p = p * r + 5.000000000618843e-01
    p = p * r + 9.999999999806422e-01
    p = p * r + 9.999999999997625e-01
    return p * np.int64((np.int64(n) + 1023) << 52).view(np.float64)


@njit(forceinline=True, error_model="numpy")
def _mills64(x):
    """Mills' ratio of x >= 0, relative error below 1e-10."""
    t = 1.0 / (1.0 + 0.3 * x)
    p = -0.02291545179175792
    p = p * t + 0.15876074782284122
    p = p * t - 0.45888519395749583
    p = p * t + 0.6934104186541292
    p = p * t - 0.5615661943416212
    p = p * t + 0.2587117604373278
    p = p * t - 0.1414604914667072
    p = p * t + 0.02745615051478857
    p = p * t + 0.06207505949559392
    p = p * t + 0.14575591547956476
    p = p * t + 0.21897045473739674
    p = p * t + 0.2730009745262836
    p = p * t + 0.29999998728117405
    p = p * t + 0.30000000002955945
    return p * t


@njit(forceinline=True, error_model="numpy")
def _half(x):
    """Mass as weight * exp(grown), and the four moments of the excess over a threshold x.

    Below x = 2 the recursion k M_{k-1} = M_{k+1} + x M_k runs upwards from the hazard; above it
    that would cancel, and the ratios come from their continued fraction, run downwards.
    """
    far = abs(x)
    mills = _mills64(far)
    gauss = exp64(-0.5 * x * x)
    body = _SQRT_2PI - gauss * mills
    weight = mills if x >= 0.0 else body
    grown = 0.0 if x >= 0.0 else 0.5 * x * x
    near_1 = (1.0 / mills if x >= 0.0 else gauss / body) - x
    near_2 = 1.0 - x * near_1
    near_3 = 2.0 * near_1 - x * near_2
    near_4 = 3.0 * near_2 - x * near_3
    y = max(x, 2.0)
    # ratio <- 1 / (y + k ratio), as a fraction: one division in place of one a term. The
    # denominator grows as y^13, so that a y beyond 1e20 has nothing to say in float64.
    y = min(y, 1e20)
    above, below = 2.0, y + np.sqrt(y * y + 4.0 * (_TERMS + 1))
    for k in range(_TERMS, 4, -1):
        above, below = below, y * below + k * above
    ratio_4 = above / below
    ratio_3 = 1.0 / (y + 4.0 * ratio_4)
    ratio_2 = 1.0 / (y + 3.0 * ratio_3)
    far_1 = 1.0 / (y + 2.0 * ratio_2)
    far_2 = 2.0 * far_1 * ratio_2
    far_3 = 3.0 * far_2 * ratio_3
    far_4 = 4.0 * far_3 * ratio_4
    is_far = x > 2.0
    return (
        weight,
        grown,
        far_1 if is_far else near_1,
        far_2 if is_far else near_2,
        far_3 if is_far else near_3,
        far_4 if is_far else near_4,
    )


@njit(error_model="numpy")
def _halves_unit(inputs, table, p_plus, plus, minus):
    """Mass of the upper half and moments of both for one dReLU unit; plus, minus (4, n)."""
    scale_plus, theta_plus = np.float64(table[0]), np.float64(table[1])
    scale_minus, theta_minus = np.float64(table[2]), np.float64(table[3])
    for b in range(inputs.size):
        x_plus = (theta_plus - inputs[b]) * scale_plus
        x_minus = (theta_minus + inputs[b]) * scale_minus
        weight_plus, grown_plus, _, _, _, _ = _half(x_plus)
        weight_minus, grown_minus, _, _, _, _ = _half(x_minus)
        odds = (scale_minus * weight_minus) / (scale_plus * weight_plus)
        p_plus[b] = 1.0 / (1.0 + odds * exp64(grown_minus - grown_plus))
    for b in range(inputs.size):
        _, _, m1, m2, m3, m4 = _half((theta_plus - inputs[b]) * scale_plus)
        plus[0, b] = m1
        plus[1, b] = m2
        plus[2, b] = m3
        plus[3, b] = m4
    for b in range(inputs.size):
        _, _, m1, m2, m3, m4 = _half((theta_minus + inputs[b]) * scale_minus)
        minus[0, b] = m1
        minus[1, b] = m2
        minus[2, b] = m3
        minus[3, b] = m4
    for k in range(4):
        for b in range(inputs.size):
            plus[k, b] *= p_plus[b] * scale_plus ** (k + 1)
            minus[k, b] *= (1.0 - p_plus[b]) * scale_minus ** (k + 1)


@njit(error_model="numpy")
def moments_drelu(inputs, table, scratch, plus, minus):
    """Moments E[h+^k], E[|h-|^k] of one dReLU unit.

    Parameters
    ----------
    inputs : ndarray of float64, (n,)
    table : ndarray, (n_constants,)
        The unit's row of `popcode.rbm.kernels.hidden.constants_of`.
    scratch : ndarray of float64, (n,)
    plus, minus : ndarray of float64, (4, n)
        Overwritten with the moments k = 1..4.
    """
    _halves_unit(inputs, table, scratch, plus, minus)


@njit(error_model="numpy")
def moments_relu(inputs, table, scratch, plus, minus):
    """Moments of one non-negative rectified unit; arguments as for `moments_drelu`."""
    scale, theta = np.float64(table[0]), np.float64(table[1])
    minus[:] = 0.0
    for b in range(inputs.size):
        _, _, m1, m2, m3, m4 = _half((theta - inputs[b]) * scale)
        plus[0, b] = m1 * scale
        plus[1, b] = m2 * scale**2
        plus[2, b] = m3 * scale**3
        plus[3, b] = m4 * scale**4


@njit(error_model="numpy")
def moments_gaussian(inputs, table, scratch, plus, minus):
    """Moments of one Gaussian unit (signed h as upper half); arguments as for `moments_drelu`."""
    scale, theta = np.float64(table[0]), np.float64(table[1])
    variance = scale**2
    minus[:] = 0.0
    for b in range(inputs.size):
        mean = (inputs[b] - theta) * variance
        plus[0, b] = mean
        plus[1, b] = mean**2 + variance
        plus[2, b] = mean**3 + 3.0 * mean * variance
        plus[3, b] = mean**4 + 6.0 * mean**2 * variance + 3.0 * variance**2


@njit(error_model="numpy")
def moments_bernoulli(inputs, table, scratch, plus, minus):
    """Moments of one binary unit; arguments as for `moments_drelu`."""
    theta = np.float64(table[0])
    minus[:] = 0.0
    for b in range(inputs.size):
        p = 1.0 / (1.0 + exp64(theta - inputs[b]))
        plus[0, b] = p
        plus[1, b] = p
        plus[2, b] = p
        plus[3, b] = p
