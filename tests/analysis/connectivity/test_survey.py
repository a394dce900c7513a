"""Methods side by side: the better one is told, on the same draws of regions."""

import numpy as np
import pytest

from popcode.analysis.connectivity import (
    RegionalMatrix,
    Structure,
    advantage,
    survey_connectivity,
    weighted_average,
)
from popcode.errors import InputError

N = 14
NAMES = tuple(f"r{k:02d}" for k in range(N))


def symmetric(values):
    return np.tril(values) + np.tril(values, -1).T


def example(noise, seed, structure):
    rng = np.random.default_rng(seed)
    return [
        RegionalMatrix(
            NAMES,
            (structure + 0.1) * symmetric(np.exp(noise * rng.normal(size=(N, N)))),
            np.full(N, 9),
            100,
        )
        for _ in range(2)
    ]


@pytest.fixture(scope="module")
def structure():
    rng = np.random.default_rng(0)
    values = symmetric(np.exp(rng.normal(size=(N, N))) * (rng.random((N, N)) < 0.6))
    return Structure(NAMES, values, "a matrix", ("a note",))


def test_the_better_method_is_told(structure):
    good, bad = example(0.2, 1, structure.values), example(3.0, 2, structure.values)
    found = survey_connectivity({"good": good, "bad": bad}, structure, 100)
    assert found.methods["good"].gain is None
    gain = found.methods["bad"].gain
    assert gain.interval[0] > 0
    averages = [weighted_average(each).values for each in (good, bad)]
    assert gain == advantage(*averages, structure.values, 100)
    assert found.methods["good"].structural.spearman > 0.9
    assert found.methods["good"].between.mean > found.methods["bad"].between.mean
    assert found.control is None
    assert found.evidence.log10_ratio[-1] > 0 > found.evidence.log10_ratio[0]


def test_one_animal_without_a_structure_has_matrices_and_a_law(structure):
    found = survey_connectivity({"own": example(0.2, 1, structure.values)[:1]}, None, 100)
    own = found.methods["own"]
    assert (own.between, own.structural, own.gain, found.evidence) == (None,) * 4
    assert own.law is not None


def test_structures_of_other_regions_are_refused(structure):
    other = structure._replace(names=tuple("abcdefghijklmn"))
    with pytest.raises(InputError, match="other regions"):
        survey_connectivity({"own": example(0.2, 1, structure.values)}, other)
