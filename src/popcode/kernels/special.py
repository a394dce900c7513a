"""Elementary functions that vectorise: polynomials in place of library calls.

Minimax fits against scipy in float64; each docstring gives the largest error over its range, and
the tests hold it. A call into libm or a float64 constant would keep a loop from vectorising.
"""

import numpy as np
from numba import njit

_F = np.float32
_ONE, _HALF = _F(1), _F(0.5)
LOG2_E, _LN_2 = _F(1.44269504), _F(0.693147181)
_LN_2_HIGH, _LN_2_LOW = _F(0.693359375), _F(-2.12194440e-4)
_EXP_LIMIT, _EXP2_LIMIT = _F(87), _F(126)
_MILLS_SCALE = _F(0.3)

_E2, _E3, _E4, _E5 = _F(0.49998897), _F(0.16667575), _F(0.041915238), _F(0.0082975822)
_E0, _E1 = _F(1.0000001), _F(0.9999997)

_B2, _B3, _B4, _B5 = _F(0.24022117), _F(0.055506557), _F(0.009675703), _F(0.0013291378)
_B0, _B1 = _F(1.0000001), _F(0.693147)

_L0, _L1, _L2, _L3 = _F(0.33333331), _F(-0.2500082), _F(0.20001224), _F(-0.16623376)
_L4, _L5, _L6, _L7 = _F(0.14201836), _F(-0.13160075), _F(0.12760967), _F(-0.076340184)

_M0, _M1, _M2, _M3 = _F(0.30000001), _F(0.29999837), _F(0.27306407), _F(0.21804301)
_M4, _M5, _M6, _M7 = _F(0.15230579), _F(0.03868564), _F(0.05947756), _F(-0.08311847)
_M8, _M9, _M10 = _F(-0.07527979), _F(0.09707052), _F(-0.026932578)

_T0, _T1, _T2, _T3 = _F(0.33747497), _F(0.97617179), _F(0.16079144), _F(0.027652038)
_T4, _T5, _T6 = _F(0.0038348502), _F(0.00039747619), _F(3.1672258e-5)
_T7, _T8 = _F(3.4379536e-7), _F(3.9392518e-7)


@njit(forceinline=True, error_model="numpy")
def exp32(x):
    """exp(x), relative error below 2.5e-7; clamped to |x| <= 87."""
    x = min(max(x, -_EXP_LIMIT), _EXP_LIMIT)
    n = np.floor(x * LOG2_E + _HALF)
    r = (x - n * _LN_2_HIGH) - n * _LN_2_LOW
    p = _E5
    p = p * r + _E4
    p = p * r + _E3
    p = p * r + _E2
    p = p * r + _E1
    p = p * r + _E0
    return p * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)


@njit(forceinline=True, error_model="numpy")
def exp2_32(x):
    """2**x, relative error below 2.5e-7; clamped to |x| <= 126."""
    x = min(max(x, -_EXP2_LIMIT), _EXP2_LIMIT)
    n = np.floor(x + _HALF)
    r = x - n
    p = _B5
    p = p * r + _B4
    p = p * r + _B3
    p = p * r + _B2
    p = p * r + _B1
    p = p * r + _B0
    return p * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)


@njit(forceinline=True, error_model="numpy")
def log32(x):
    """Natural logarithm of a positive normal number, absolute error below 2e-7 near 1."""
    bits = np.float32(x).view(np.int32)
    # Shift so that the mantissa falls in [sqrt(1/2), sqrt(2)).
    shifted = np.int32(bits - np.int32(0x3F3504F3))
    exponent = np.int32(shifted >> np.int32(23))
    m = np.int32(bits - np.int32(exponent << np.int32(23))).view(np.float32) - _ONE
    p = _L7
    p = p * m + _L6
    p = p * m + _L5
    p = p * m + _L4
    p = p * m + _L3
    p = p * m + _L2
    p = p * m + _L1
    p = p * m + _L0
    return np.float32(exponent) * _LN_2 + (m + m * m * (m * p - _HALF))


@njit(forceinline=True, error_model="numpy")
def mills32(x):
    """Mills' ratio of x >= 0, relative error below 5e-7 up to 1e4."""
    t = _ONE / (_ONE + _MILLS_SCALE * x)
    p = _M10
    p = p * t + _M9
    p = p * t + _M8
    p = p * t + _M7
    p = p * t + _M6
    p = p * t + _M5
    p = p * t + _M4
    p = p * t + _M3
    p = p * t + _M2
    p = p * t + _M1
    p = p * t + _M0
    return p * t


@njit(forceinline=True, error_model="numpy")
def normal_tail_inverse32(p):
    """The z >= 0 with P(Z > z) = p, for p in [1e-20, 0.5], absolute error below 3e-6."""
    t = log32(-log32(p))
    z = _T8
    z = z * t + _T7
    z = z * t + _T6
    z = z * t + _T5
    z = z * t + _T4
    z = z * t + _T3
    z = z * t + _T2
    z = z * t + _T1
    z = z * t + _T0
    return z


@njit(forceinline=True, error_model="numpy")
def uniform32(bits):
    """A uniform number in (0, 1] from 32 random bits; small numbers keep 24 significant bits.

    It can round to 1, so an event of probability p is `uniform <= p`, never `<`.
    """
    return (np.float32(bits) + _HALF) * _F(2.0**-32)
