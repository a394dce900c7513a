"""How many hidden units are active at once, and against what."""

from __future__ import annotations

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given
from hypothesis import strategies as st

from popcode.metrics import active_units, blocks, inactive_level, participation_ratio
from popcode.metrics.phase import ALIVE_WEIGHT, effective_number, summarise_active_units
from popcode.rbm import trainer


def two_wells(n_bins, share_up, rng, low=-2.0, high=3.0, deviation=0.3):
    up = rng.random(n_bins) < share_up
    return np.where(up, high, low) + deviation * rng.standard_normal(n_bins)


def found_for(hidden, seed=0):
    weights = np.ones((3, hidden.shape[1]))
    return active_units(weights, hidden, np.random.default_rng(seed))


@given(st.integers(1, 40), st.integers(0, 40), st.floats(1e-30, 1e30))
def test_equal_entries_count_one_each(k, n_zero, size):
    x = np.concatenate([np.full(k, size), np.zeros(n_zero)])
    assert participation_ratio(x) == pytest.approx(k / len(x), rel=1e-12)  # float64
    assert effective_number(-x) == pytest.approx(k, rel=1e-12)


def test_ratio_equals_its_formula_and_zeros_have_none():
    x = np.random.default_rng(0).standard_normal((5, 8))
    plain = (x**2).sum(1) ** 2 / (8 * (x**4).sum(1))
    np.testing.assert_allclose(participation_ratio(x), plain, rtol=1e-12)
    assert participation_ratio(np.zeros(4)) == 0


@pytest.mark.parametrize(("share_up", "well"), [(0.1, -2.0), (0.9, 3.0)])
def test_a_unit_rests_in_its_occupied_well(share_up, well):
    values = two_wells(3000, share_up, np.random.default_rng(0))
    # 2,700 bins of deviation .3 have a mean good to .006; five times that is allowed.
    assert inactive_level(values) == pytest.approx(well, abs=0.03)


def test_turning_a_unit_turns_its_level():
    values = two_wells(3000, 0.2, np.random.default_rng(0))
    # The two mixtures are the same but for the order of their sums, and stop at a step of 1e-3.
    assert inactive_level(-values) == pytest.approx(-inactive_level(values), abs=1e-6)
    assert inactive_level(1e6 * values) == pytest.approx(1e6 * inactive_level(values), rel=1e-6)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.25], 0.25),
        ([0.25] * 40, 0.25),
        ([0.0] * 30 + [1.0] * 3, 0.0),
        ([0.0] * 3 + [1.0] * 30, 1.0),
    ],
)
def test_units_that_hardly_vary(values, expected):
    # Two levels are separated but for the mixture's own regularisation of 1e-6.
    assert inactive_level(np.array(values, dtype=np.float32)) == pytest.approx(expected, abs=1e-3)


def test_a_broad_active_well_is_not_rest():
    rng = np.random.default_rng(0)
    # Two Gaussians give the broad one the larger share here; the narrow well is the fuller.
    values = np.concatenate([-0.9 + 0.1 * rng.standard_normal(560), rng.normal(0.5, 0.6, 440)])
    assert inactive_level(values) == pytest.approx(-0.85, abs=0.1)


def test_dead_is_dead_everywhere():
    assert ALIVE_WEIGHT == trainer.ALIVE_WEIGHT


def test_one_well_gives_a_level_within_it():
    values = np.random.default_rng(0).standard_normal(2000)
    assert abs(inactive_level(values)) < 1.5
    assert np.isnan(inactive_level(np.array([0.0, np.nan])))


def test_planted_active_units_are_counted():
    rng = np.random.default_rng(0)
    hidden = np.stack([two_wells(2000, 0.1, rng, deviation=0.01) for _ in range(30)], axis=1)
    hidden[:, ::2] *= -1  # half of them rest in their upper well
    found = found_for(hidden)
    n_active = (np.abs(hidden - np.median(hidden, axis=0)) > 1).sum(axis=1)
    # Noise of .01 in 30 units beside steps of 5 moves the number by some 1e-4 of itself.
    busy = n_active > 0
    np.testing.assert_allclose(found.data[busy], n_active[busy], rtol=1e-2)
    assert np.median(found.surrogate) > 2 * np.median(found.data)


def test_number_equals_plain_numpy():
    rng = np.random.default_rng(0)
    hidden = np.stack([two_wells(500, 0.2, rng) for _ in range(6)], axis=1).astype(np.float32)
    x = hidden.astype(float) - [inactive_level(unit) for unit in hidden.T]
    plain = (x**2).sum(1) ** 2 / (x**4).sum(1)
    np.testing.assert_allclose(found_for(hidden).data, plain, rtol=1e-6)


def test_gaussian_units_stand_at_their_own_bound():
    rng = np.random.default_rng(0)
    found = found_for(rng.standard_normal((4000, 50)))
    # The number of a bin spreads by 3 of 50: the median of 4,000 bins is good to .06, the
    # difference of two to .09; the levels of one-welled units shift both alike.
    assert np.median(found.data) == pytest.approx(np.median(found.surrogate), abs=0.35)


def test_surrogates_about_zero_are_a_third_of_the_units():
    rng = np.random.default_rng(0)
    # Symmetric rare excursions: the resting level is 0, and so is the mean.
    hidden = 0.01 * rng.standard_normal((4000, 300))
    signs = rng.choice([-1.0, 1.0], hidden.shape)
    hidden += np.where(rng.random(hidden.shape) < 0.1, signs, 0)
    found = found_for(hidden)
    # E x^4 = 3 (E x^2)^2: M / 3, but for terms of order 1 / M and unequal deviations.
    assert np.median(found.surrogate) == pytest.approx(100, rel=0.05)


def test_dead_units_are_left_out():
    rng = np.random.default_rng(0)
    hidden = np.stack([two_wells(300, 0.2, rng) for _ in range(4)], axis=1)
    weights = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    found = active_units(weights, hidden, np.random.default_rng(0))
    np.testing.assert_array_equal(found.data, found_for(hidden[:, [0, 2]]).data)
    summary = summarise_active_units(found)
    assert summary["n_hidden"] == 2
    assert summary["share_median"] == summary["active_units_median"] / 2
    assert summary["active_units_median"] == np.median(found.data)
    assert summary["surrogate_median"] == np.median(found.surrogate)
    nothing = active_units(0 * weights, hidden, np.random.default_rng(0))
    assert np.isnan([*summarise_active_units(nothing).values()][:5]).all()
    assert len(nothing.data) == 300


def test_constant_units_are_never_active():
    found = found_for(np.full((20, 3), 0.7, dtype=np.float32))
    assert not found.data.any()
    assert not found.surrogate.any()


@pytest.mark.parametrize("rows", [1, 7, 4096])
def test_blocks_and_threads_do_not_matter(monkeypatch, rows):
    rng = np.random.default_rng(0)
    hidden = np.stack([two_wells(500, 0.2, rng) for _ in range(8)], axis=1).astype(np.float32)
    whole = found_for(hidden)
    monkeypatch.setattr(blocks, "MAX_BLOCK_ROWS", rows)
    for n_threads in (1, 2):
        with threadpoolctl.threadpool_limits(n_threads):
            found = found_for(hidden)
        np.testing.assert_array_equal(found.data, whole.data)
        np.testing.assert_array_equal(found.surrogate, whole.surrogate)
