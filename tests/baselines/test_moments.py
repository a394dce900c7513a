"""Moments against their definitions."""

import numpy as np
import pytest

from popcode.baselines.moments import fields_of, moments_of, rates_of
from popcode.errors import InputError


def test_moments_of_more_than_one_block():
    x = (np.random.default_rng(0).random((9001, 5)) < 0.3).astype(np.uint8)
    x[:, 4] = 0
    moments = moments_of(x)
    wide = x.astype(np.int64)
    np.testing.assert_allclose(moments.joint * 9001, wide.T @ wide, rtol=1e-14)
    expected = np.bincount(wide.sum(axis=1), minlength=6) / 9001
    np.testing.assert_array_equal(moments.counts, expected)
    np.testing.assert_array_equal(moments.constant, [False] * 4 + [True])


def test_rates_are_half_a_spike_away_from_the_ends():
    x = np.array([[0, 1, 1], [0, 1, 0]], np.uint8)
    np.testing.assert_allclose(rates_of(x), [0.25, 0.75, 0.5])
    assert np.isfinite(fields_of(rates_of(x))).all()


def test_an_empty_recording_is_refused():
    with pytest.raises(InputError, match="0 bins"):
        rates_of(np.zeros((0, 3), np.uint8))
