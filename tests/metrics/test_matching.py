"""Matching of hidden units with planted assemblies."""

import numpy as np
import pytest

from popcode.metrics import matched_correlations


def test_permuted_scaled_and_flipped_columns_match_perfectly():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(60, 5))
    units = np.column_stack([rng.normal(size=60), truth[:, ::-1] * [2, -1, 0.5, 3, -4] + 1])
    np.testing.assert_allclose(matched_correlations(units, truth), 1)


def test_it_is_the_correlation_of_numpy_and_one_to_one():
    truth = np.array([[1.0, 1], [2, 2], [3, 3], [4, 5]])
    units = np.array([[1.0, 0], [2, 1], [2, 0], [5, 1]])
    table = np.abs(np.corrcoef(truth.T, units.T)[:2, 2:])
    best = max(table[0, 0] + table[1, 1], table[0, 1] + table[1, 0])
    assert matched_correlations(units, truth).sum() == pytest.approx(best)


def test_missing_and_constant_units_score_zero():
    truth = np.random.default_rng(1).normal(size=(30, 3))
    matched = matched_correlations(np.column_stack([truth[:, 1], np.zeros(30)]), truth)
    np.testing.assert_allclose(np.sort(matched), [0, 0, 1], atol=1e-12)
