"""Statistics of covariances between halves: what changes them and what must not."""

import numpy as np
import pytest

from popcode.dynamics.verdict.signature import (
    LAGS,
    Lagged,
    log_at_ranks,
    signature_of,
    without_mean,
)


@pytest.fixture
def blocks():
    rng = np.random.default_rng(0)
    same = rng.standard_normal((20, 24))
    lagged = [Lagged(*(0.5**k * rng.standard_normal((20, 24)) for _ in "ab")) for k in range(5)]
    return same, lagged


def test_units_and_order_of_neurons_change_nothing_but_what_is_shared(blocks):
    same, lagged = blocks
    order = np.random.default_rng(1).permutation(20)
    plain = signature_of(same, lagged).flat()
    other = signature_of(
        3 * same[order], [Lagged(3 * a[order], 3 * b[order]) for a, b in lagged]
    ).flat()
    np.testing.assert_allclose(plain[:-1], other[:-1], rtol=1e-9)
    assert other[-1] - plain[-1] == pytest.approx(2 * np.log(3))


def test_time_run_backwards_keeps_all(blocks):
    same, lagged = blocks
    backwards = [Lagged(each.earlier, each.later) for each in lagged]
    np.testing.assert_allclose(
        signature_of(same, lagged).flat(), signature_of(same, backwards).flat(), rtol=1e-12
    )


def test_what_is_the_same_at_both_lags_is_reversible_and_its_negative_wholly_not(blocks):
    same, lagged = blocks
    reversible = signature_of(same, [Lagged(each.later, each.later) for each in lagged])
    turning = signature_of(same, [Lagged(each.later, -each.later) for each in lagged])
    np.testing.assert_allclose(reversible.irreversibility, 0, atol=1e-15)
    np.testing.assert_allclose(turning.irreversibility, 1, rtol=1e-12)


def test_nothing_left_at_a_lag_is_no_division_by_zero(blocks):
    same, _ = blocks
    gone = Lagged(np.zeros_like(same), np.zeros_like(same))
    found = signature_of(same, [gone] * len(LAGS))
    assert (found.persistence == 0).all()
    assert (found.irreversibility == 0).all()


def test_a_component_along_the_mean_is_taken_out(blocks):
    same, _ = blocks
    np.testing.assert_allclose(without_mean(same + 7), without_mean(same), atol=1e-12)


def test_ranks_past_a_half_are_not_told():
    found = log_at_ranks(np.arange(10, 0, -1.0))
    assert np.isfinite(found).tolist() == [True] * 4 + [False] * 4
    assert found[0] == pytest.approx(np.log(10))
