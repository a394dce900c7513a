"""The comparison of starts: calibrated where nothing differs, and it sees what Gibbs misses."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.tempering.equilibrium import compare_samples, compare_starts


def drawn(parameters, n, seed):
    p = state_probabilities(parameters)
    rows = np.random.default_rng((seed, 5)).choice(p.size, n, p=p / p.sum())
    return all_states(parameters.n_neurons)[rows]


def test_samples_of_one_law_are_within_chance(planted):
    model = planted.three_states()
    found = [
        compare_samples(drawn(model, 300, k), drawn(model, 300, 100 + k), seed=k, n_splits=99)
        for k in range(40)
    ]
    p_values = np.array([[distance.p_value for distance in each] for each in found])
    # Uniform: 40 values below 0.05 come 2 times, above 8 times once in 5,000.
    assert np.all((p_values <= 0.05).sum(axis=0) <= 8)
    assert sum(each.differ for each in found) <= 8
    ratios = [each.covariances.value / each.covariances.null for each in found]
    assert 0.7 < np.mean(ratios) < 1.4


def test_each_distance_sees_its_difference():
    rng = np.random.default_rng(0)
    base = (rng.random((2, 1000, 10)) < 0.3).astype(np.uint8)
    more = base[1].copy()
    more[:, 0] |= rng.random(1000) < 0.2
    assert compare_samples(base[0], more, seed=0, n_splits=99).means.p_value <= 0.01
    tied = base[1].copy()
    tied[:, 1] = tied[:, 0]
    found = compare_samples(base[0], tied, seed=0, n_splits=99)
    assert found.covariances.p_value <= 0.01
    assert found.means.p_value > 0.01
    assert found.covariances.value > 2 * found.covariances.null_high
    assert not compare_samples(base[0], base[1], seed=0, n_splits=99).differ


def test_stuck_chains_show_and_equilibrium_does_not(team, planted):
    model = planted.three_states()
    tempered = drawn(model, 400, 1)
    one_well = (np.arange(model.n_neurons) % 3 == 1).astype(np.uint8)[None]
    stuck = compare_starts(team, model, one_well, tempered, n_sweeps=100, seed=0, n_splits=99)
    assert stuck.data_random.differ
    assert stuck.data_tempered.differ
    assert stuck.data_tempered.projections.value > 0.3
    mixing = planted.pair_of_layers()
    data = drawn(mixing, 1000, 2)
    fine = compare_starts(
        team, mixing, data, drawn(mixing, 400, 3), n_sweeps=300, seed=0, n_splits=99
    )
    assert not any(comparison.differ for comparison in fine)


def test_constant_neurons_and_too_few_samples():
    silent = np.zeros((60, 4), np.uint8)
    assert not compare_samples(silent, silent, seed=0, n_splits=19).differ
    with pytest.raises(InputError, match="cannot be compared"):
        compare_samples(silent[:10], silent, seed=0)
