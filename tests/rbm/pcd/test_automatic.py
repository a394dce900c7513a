"""Settings by size: anchored where they were measured, monotone around it."""

import numpy as np
import pytest

from popcode.rbm.pcd.automatic import automatic_effort, automatic_learning_rate, needs_penalty


def test_the_size_that_was_measured_has_its_settings():
    assert automatic_effort(160, 100) == (100_000, 250, 250)


@pytest.mark.parametrize(("n_neurons", "n_hidden"), [(1, 1), (12, 12), (12, 24), (40, 20)])
def test_small_models_take_more_chains_and_fewer_updates(n_neurons, n_hidden):
    effort = automatic_effort(n_neurons, n_hidden)
    assert effort.n_chains == effort.batch_size == 1000
    assert 20_000 <= effort.n_updates < 100_000


def test_large_models_take_fewer_updates_of_as_many_chains():
    sizes = [automatic_effort(n, 200) for n in (200, 500, 1500, 1_000_000)]
    assert all(effort.n_chains == 250 for effort in sizes)
    updates = [effort.n_updates for effort in sizes]
    assert updates == sorted(updates, reverse=True)
    assert updates[-1] == 20_000


def test_the_rate_falls_with_the_size_within_bounds():
    rates = [automatic_learning_rate(n_active, 100) for n_active in (0.0, 0.1, 5.0, 80.0, 1e9)]
    assert rates == sorted(rates, reverse=True)
    assert np.isclose(rates[0], 0.02)
    assert np.isclose(rates[-1], 1e-4)


def test_five_bins_a_weight_need_no_penalty():
    assert not needs_penalty(5 * 160 * 100, 160, 100)
    assert needs_penalty(5 * 160 * 100 - 1, 160, 100)
