"""The simulated brain has the statistics that its settings promise."""

import numpy as np

from popcode.simulate import AssemblySettings, simulate_assemblies

SETTINGS = AssemblySettings(n_neurons=400, n_bins=6000, n_assemblies=10)


def test_assemblies_are_on_as_often_and_as_long_as_asked():
    states = simulate_assemblies(SETTINGS, seed=0).covariates["true_states"]
    # 60,000 unit-bins in runs of 8: standard error .003
    assert abs(states.mean() - SETTINGS.on_probability) < 0.012
    ends = (np.diff(states.astype(int), axis=0) < 0).sum()
    assert abs(states.sum() / ends / SETTINGS.on_bins - 1) < 0.15


def test_neurons_fire_as_their_assemblies_say():
    brain = simulate_assemblies(SETTINGS, seed=1)
    weights, states = brain.neuron_arrays["true_weights"], brain.covariates["true_states"]
    drive = (weights > 0).astype(float) @ states.T
    silent, driven = brain.activity.T[drive == 0].mean(), brain.activity.T[drive == 1].mean()
    # The fields spread by half a unit of log-odds, which lifts the mean above the median.
    assert 0.8 * SETTINGS.base_rate < silent < 1.6 * SETTINGS.base_rate
    assert 0.7 * SETTINGS.on_rate < driven < 1.3 * SETTINGS.on_rate


def test_the_same_seed_gives_the_same_brain_and_another_another():
    one, same, other = (simulate_assemblies(SETTINGS, seed=s).activity for s in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_positions_and_regions_are_there():
    brain = simulate_assemblies(SETTINGS)
    assert brain.positions_um.shape == (400, 3)
    assert brain.neurons["region"].nunique() == 5
