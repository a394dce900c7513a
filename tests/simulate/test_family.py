"""The family is as its settings say, and its animals share the circuit and nothing else."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.simulate.family import (
    FamilySettings,
    planted_circuit,
    simulate_animal,
    simulate_family,
)

SMALL = FamilySettings(n_animals=2, fewest_neurons=600, most_neurons=700, n_bins=600)


def test_the_default_family_is_what_was_asked_for():
    settings, circuit = FamilySettings(), planted_circuit()
    assert settings.n_animals == 4
    assert settings.n_bins == 4000
    assert settings.fewest_neurons >= 2000
    assert len(circuit.names) == 20
    assert ((circuit.shares > 0).sum(axis=1) > 1).mean() == 0.6
    animal = simulate_animal(circuit, 0)
    assert 0.03 <= animal.activity.mean() <= 0.06


def test_the_circuit_is_the_mean_product_of_what_neurons_receive():
    settings = SMALL._replace(animal_spread=0.0, fewest_neurons=6000, most_neurons=6000, n_bins=2)
    circuit = planted_circuit(settings)
    animal = simulate_animal(circuit, 0, settings)
    regions = animal.neurons["region"].to_numpy()
    weights = animal.neuron_arrays["true_weights"].astype(float)
    means = np.stack([weights[regions == name].mean(axis=0) for name in circuit.names])
    # Means over 100 neurons and more of a region: a tenth of the largest.
    error = np.abs(means @ means.T - circuit.matrix)
    assert error.max() < 0.1 * circuit.matrix.max() + 0.2
    np.testing.assert_array_equal(circuit.matrix, circuit.matrix.T)


def test_animals_differ_and_seeds_repeat():
    first, second = simulate_family(SMALL)[0]
    again = simulate_animal(planted_circuit(SMALL), 1, SMALL)
    np.testing.assert_array_equal(second.activity, again.activity)
    assert first.activity.shape != second.activity.shape
    other = planted_circuit(SMALL, seed=1)
    assert (other.matrix != planted_circuit(SMALL).matrix).any()


def test_a_drive_makes_assemblies_go_together():
    alone, driven = (
        simulate_animal(
            planted_circuit(SMALL), 0, SMALL._replace(n_bins=4000, drive=drive)
        ).covariates["true_states"]
        for drive in (0.0, 1.0)
    )
    mean = [
        np.corrcoef(each.T.astype(float))[np.tril_indices(each.shape[1], -1)].mean()
        for each in (alone, driven)
    ]
    # Independent chains of 250 looks each: means over 276 pairs are within a hundredth of 0.
    assert abs(mean[0]) < 0.02
    assert mean[1] > 0.03


@pytest.mark.parametrize(
    "changed",
    [
        {"n_shared_regions": 21},
        {"most_regions": 13},
        {"fewest_neurons": 100},
        {"n_assemblies": 7},
    ],
)
def test_impossible_families_are_refused(changed):
    with pytest.raises(InputError):
        planted_circuit(FamilySettings()._replace(**changed))
