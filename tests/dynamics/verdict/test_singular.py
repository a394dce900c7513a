"""Singular values freed of noise, against matrices whose values are known."""

import numpy as np
import pytest

from popcode.dynamics.verdict.singular import noise_level, without_noise

SHAPE, LEVEL = (150, 120), 0.04


def spiked(seed):
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.standard_normal((n, 3)))[0] for n in SHAPE)
    truth = np.array([30.0, 12.0, 6.0])
    return (left * truth) @ right.T + np.sqrt(LEVEL) * rng.standard_normal(SHAPE), truth


def test_planted_values_come_back_where_the_raw_ones_are_too_large():
    raw, freed = [], []
    for seed in range(8):
        matrix, truth = spiked(seed)
        values = np.linalg.svd(matrix, compute_uv=False)[:3]
        raw.append(values)
        freed.append(without_noise(values, SHAPE, LEVEL))
    np.testing.assert_allclose(np.mean(freed, axis=0), truth, rtol=0.02)
    assert np.mean(raw, axis=0)[2] > 1.1 * truth[2]


def test_the_level_of_noise_does_not_see_a_few_large_values():
    matrix, _ = spiked(1)
    assert noise_level(matrix) == pytest.approx(LEVEL, rel=0.05)


def test_noise_itself_is_not_told():
    noise = np.sqrt(LEVEL) * np.random.default_rng(3).standard_normal(SHAPE)
    values = np.linalg.svd(noise, compute_uv=False)
    assert np.isnan(without_noise(values, SHAPE, LEVEL)).all()
