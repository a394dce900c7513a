"""The elementary functions against scipy in float64, held to the error that each states."""

import numpy as np
import pytest
from numba import njit
from scipy.special import erfcx, ndtri

from popcode.kernels import special
from popcode.rbm.half_line import log_mills
from popcode.rbm.kernels import moments


def over(function, *arrays, dtype=np.float32):
    """The kernel function of every element, compiled as the kernels compile it: in a loop."""
    if len(arrays) == 1:

        @njit(error_model="numpy")
        def loop(x, out):
            for k in range(x.size):
                out[k] = function(x[k])
    else:

        @njit(error_model="numpy")
        def loop(x, y, out):
            for k in range(x.size):
                out[k] = function(x[k], y[k])

    out = np.empty(arrays[0].size, dtype)
    loop(*arrays, out)
    return out.astype(np.float64)


def mills(x):
    return np.sqrt(np.pi / 2) * erfcx(x / np.sqrt(2))


def relative_error(value, truth):
    return np.abs(value / truth - 1).max()


def grid(low, high, dtype=np.float32):
    return np.linspace(low, high, 1_000_001).astype(dtype)


def log_grid(low, high, dtype=np.float32):
    return np.exp(np.linspace(np.log(low), np.log(high), 1_000_001)).astype(dtype)


def test_exp32_keeps_its_stated_error():
    x = np.concatenate([grid(-87, 87), grid(-1, 1)])
    assert relative_error(over(special.exp32, x), np.exp(x.astype(np.float64))) < 2.5e-7


def test_exp2_32_keeps_its_stated_error_and_is_clamped():
    x = np.concatenate([grid(-126, 126), grid(-1, 1)])
    assert relative_error(over(special.exp2_32, x), np.exp2(x.astype(np.float64))) < 2.5e-7
    beyond = over(special.exp2_32, np.array([-np.inf, -127, -126, 126, 127, np.inf], np.float32))
    np.testing.assert_allclose(beyond, [2.0**-126] * 3 + [2.0**126] * 3, rtol=2.5e-7)


def test_exp32_is_clamped_outside_of_its_range():
    x = np.array([-np.inf, -1e30, -88, -87, 87, 88, 1e30, np.inf], np.float32)
    values = over(special.exp32, x)
    np.testing.assert_array_equal(values[:4], values[3])
    np.testing.assert_array_equal(values[4:], values[4])
    assert values[0] > 0
    assert np.isfinite(values[-1])


def test_log32_keeps_its_stated_error():
    near = grid(0.3, 3)
    assert np.abs(over(special.log32, near) - np.log(near.astype(np.float64))).max() < 2e-7
    # Far from 1 the error is the rounding of the result: 2e-7 of it.
    anywhere = log_grid(1.2e-38, 3e38)
    truth = np.log(anywhere.astype(np.float64))
    far = np.abs(truth) > 1
    assert relative_error(over(special.log32, anywhere)[far], truth[far]) < 2e-7


def test_mills32_keeps_its_stated_error():
    x = np.concatenate([grid(0, 10), log_grid(10, 1e4)])
    assert relative_error(over(special.mills32, x), mills(x.astype(np.float64))) < 5e-7


def test_normal_tail_inverse32_keeps_its_stated_error():
    p = np.minimum(np.concatenate([log_grid(1e-20, 0.5), grid(0.01, 0.5)]), np.float32(0.5))
    values = over(special.normal_tail_inverse32, p)
    assert np.abs(values + ndtri(p.astype(np.float64))).max() < 3e-6


def test_uniform32_is_open_at_zero_closed_at_one_and_keeps_24_bits():
    ends = np.array([0, 1, 2, 2**32 - 1], np.uint32)
    np.testing.assert_array_equal(
        over(special.uniform32, ends), [2**-33, 1.5 / 2**32, 2.5 / 2**32, 1]
    )
    bits = np.random.default_rng(0).integers(0, 2**32, 1_000_000, dtype=np.uint32)
    bits >>= np.arange(bits.size, dtype=np.uint32) % 32  # every magnitude
    truth = (bits.astype(np.float64) + 0.5) / 2**32
    values = over(special.uniform32, bits)
    # Conversion and addition round once each: 2 x 2^-24.
    assert relative_error(values, truth) <= 2**-23
    # The complement of the bits is the complement of the number, to the rounding of the larger.
    assert np.abs(values + over(special.uniform32, ~bits) - 1).max() < 2**-22


def test_exp64_keeps_its_stated_error():
    x = np.concatenate([grid(-700, 700, np.float64), grid(-1, 1, np.float64)])
    assert relative_error(over(moments.exp64, x, dtype=np.float64), np.exp(x)) < 1e-12
    outside = over(moments.exp64, np.array([-1e9, -700.0, 700.0, 1e9]), dtype=np.float64)
    assert outside[0] == outside[1] > 0
    assert outside[2] == outside[3] < np.inf


def test_mills64_keeps_its_stated_error():
    x = np.concatenate([grid(0, 10, np.float64), log_grid(10, 1e8, np.float64)])
    assert relative_error(over(moments._mills64, x, dtype=np.float64), mills(x)) < 1e-10


@njit
def halves_of(x, out):
    for k in range(x.size):
        values = moments._half(x[k])
        for j in range(6):
            out[k, j] = values[j]


def excess_moments(x):
    """log of the mass and the moments 1..4 of s >= 0 under exp(-s^2/2 - x s), by quadrature."""
    nodes, node_weights = np.polynomial.legendre.leggauss(20)
    start = max(0.0, -x - 40)
    stop = max(0.0, -x) + (60 / x if x > 2 else 40)
    width = (stop - start) / 600
    s = (np.linspace(start, stop - width, 600)[:, None] + width * (nodes + 1) / 2).ravel()
    exponent = -s * s / 2 - x * s
    density = np.tile(width * node_weights / 2, 600) * np.exp(exponent - exponent.max())
    mass = density.sum()
    return np.log(mass) + exponent.max(), *((density * s**k).sum() / mass for k in range(1, 5))


def test_half_line_moments_against_quadrature():
    x = np.concatenate([np.linspace(-60, 60, 481), np.linspace(-3, 3, 121), [2 + 1e-12, 200.0]])
    values = np.empty((x.size, 6))
    halves_of(x, values)
    truth = np.array([excess_moments(each) for each in x])
    np.testing.assert_allclose(np.log(values[:, 0]) + values[:, 1], truth[:, 0], atol=2e-10, rtol=0)
    # Just above 2 the continued fraction of 16 terms is at its worst; measured 1.1e-7 for the
    # mean and 3.5 times that for every further moment.
    for power, bound in enumerate((2e-7, 5e-7, 2e-6, 5e-6), start=1):
        assert relative_error(values[:, 1 + power], truth[:, power]) < bound, power


def test_half_line_moments_join_at_two():
    values = np.empty((2, 6))
    halves_of(np.array([2.0, 2.0 + 1e-12]), values)
    np.testing.assert_allclose(values[0], values[1], rtol=5e-6)


def test_half_line_mass_agrees_with_the_oracle_far_out():
    x = np.concatenate([-np.logspace(0, 4, 50), np.logspace(0, 6, 50)])
    values = np.empty((x.size, 6))
    halves_of(x, values)
    assert np.isfinite(values).all()
    np.testing.assert_allclose(np.log(values[:, 0]) + values[:, 1], log_mills(x), atol=2e-10)


@pytest.mark.parametrize("function", [special.mills32, special.exp32])
def test_nan_stays_nan(function):
    assert np.isnan(over(function, np.array([np.nan], np.float32))).all()
