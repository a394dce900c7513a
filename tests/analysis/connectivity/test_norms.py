"""Streamed norms against sums over the whole matrix."""

import numpy as np
import pytest

from popcode.analysis.connectivity import norms, regional_l1, regional_l1_of, regional_l2
from popcode.errors import InputError


def brute(matrix, member, power):
    """Definition, pair by pair."""
    n = member.shape[1]
    found = np.full((n, n), np.nan)
    for k in range(n):
        for other in range(n):
            rows, columns = np.flatnonzero(member[:, k]), np.flatnonzero(member[:, other])
            values = [abs(matrix[i, j]) ** power for i in rows for j in columns if i != j]
            if values:
                found[k, other] = (sum(values) / (len(rows) * len(columns))) ** (1 / power)
    return found


def example(overlap=True):
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(60, 5)).astype(np.float32)
    member = np.arange(60)[:, None] // 20 == np.arange(3)
    if overlap:
        member[15:30, 2] = True
    # One region of a single neuron, which makes no pair with itself.
    return factors, np.column_stack([member, np.arange(60) == 7])


@pytest.mark.parametrize("overlap", [False, True])
def test_streamed_norms_are_those_of_the_matrix(overlap, monkeypatch):
    monkeypatch.setattr(norms, "_SIDE", 7)  # many blocks, the last of them not full
    factors, member = example(overlap)
    matrix = factors.astype(float) @ factors.T.astype(float)
    # Products in float32: 1e-6 of the largest.
    np.testing.assert_allclose(regional_l1(factors, member), brute(matrix, member, 1), rtol=1e-5)
    np.testing.assert_allclose(regional_l2(factors, member), brute(matrix, member, 2), rtol=1e-6)
    np.testing.assert_allclose(regional_l1_of(matrix, member), brute(matrix, member, 1))


def test_what_a_neuron_has_with_itself_does_not_count():
    factors, member = example()
    matrix = factors.astype(float) @ factors.T.astype(float)
    np.fill_diagonal(matrix, 1e6)
    np.testing.assert_allclose(
        regional_l1_of(matrix, member), regional_l1(factors, member), rtol=1e-5
    )
    assert np.isnan(regional_l1(factors, member)[3, 3])


def test_order_of_neurons_does_not_matter():
    factors, member = example()
    order = np.random.default_rng(1).permutation(60)
    np.testing.assert_allclose(
        regional_l1(factors[order], member[order]), regional_l1(factors, member), rtol=1e-6
    )


def test_bad_factors_are_refused():
    factors, member = example()
    with pytest.raises(InputError, match="shape"):
        regional_l1(factors[:50], member)
    with pytest.raises(InputError, match="not finite"):
        regional_l2(np.full_like(factors, np.nan), member)
    with pytest.raises(InputError, match="matrix of shape"):
        regional_l1_of(np.eye(5), member)


def test_no_coupling_is_none_whatever_rounding_leaves():
    rng = np.random.default_rng(4)
    # Every neuron of the first region has a unit of its own: no two of them are coupled.
    factors = np.zeros((60, 40), np.float32)
    factors[np.arange(30), np.arange(30)] = rng.normal(0, 1, 30)
    factors[30:, 30:] = rng.normal(0, 1, (30, 10))
    member = np.arange(60)[:, None] // 30 == np.arange(2)
    for found in (regional_l1(factors, member), regional_l2(factors, member)):
        assert found[0, 0] == 0
        assert found[1, 1] > 0.1
