"""The schedule and the batches of a fit."""

import numpy as np
import pytest

from popcode.rbm.training import Batches, Schedule

SCHEDULE = Schedule(n_updates=1000, n_sweeps=15, batch_size=100, learning_rate=5e-3, l1=0.004)


def test_the_learning_rate_warms_up_holds_falls_geometrically_and_holds_while_averaged():
    rates = np.array([SCHEDULE.rate_at(k) for k in range(1000)])
    assert (np.diff(rates[:25]) > 0).all()
    np.testing.assert_allclose(rates[25:601], 5e-3)
    ratios = rates[602:751] / rates[601:750]
    np.testing.assert_allclose(ratios, ratios[0])
    assert ratios[0] < 1
    np.testing.assert_allclose(rates[750:], 2e-4)
    assert not any(SCHEDULE.is_averaged(k) for k in range(751))


def test_the_penalty_grows_is_held_above_itself_and_ends_at_itself():
    penalties = np.array([SCHEDULE.l1_at(k) for k in range(1001)])
    assert penalties[0] == pytest.approx(0.0004)
    assert (np.diff(penalties[:25]) > 0).all()
    np.testing.assert_allclose(penalties[26:501], 0.005)
    assert (np.diff(penalties[501:600]) < 0).all()
    np.testing.assert_allclose(penalties[600:], 0.004)
    # No jump anywhere: the steepest change is the growth, tenfold and a quarter in 25 updates.
    assert (np.abs(np.diff(np.log(penalties))) < np.log(12.5) / 25 + 1e-9).all()


def test_every_epoch_has_every_bin_once_and_an_order_of_its_own():
    bins = np.arange(50, 350)
    batches = Batches(bins, 100, seed=3)
    epochs = [np.concatenate([batches.rows(3 * e + k) for k in range(3)]) for e in range(4)]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), bins)
    assert not np.array_equal(epochs[0], epochs[1])


def test_a_batch_depends_on_the_update_alone():
    bins = np.arange(130)
    one, other = Batches(bins, 40, seed=1), Batches(bins, 40, seed=1)
    forwards = [one.rows(k) for k in range(9)]
    backwards = [other.rows(k) for k in reversed(range(9))][::-1]
    np.testing.assert_array_equal(forwards, backwards)
    assert not np.array_equal(forwards[0], Batches(bins, 40, seed=2).rows(0))


def test_a_batch_larger_than_the_data_is_all_of_it():
    assert sorted(Batches(np.arange(7), 100, seed=0).rows(5)) == list(range(7))


def test_a_learning_rate_below_the_final_one_never_rises():
    slow = SCHEDULE._replace(learning_rate=1e-6)
    assert max(slow.rate_at(k) for k in range(1001)) == pytest.approx(1e-6)
