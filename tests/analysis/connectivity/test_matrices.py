"""Averages and similarities of regional matrices, and models that are set aside."""

import numpy as np
import pytest

from popcode.analysis.areas import Areas
from popcode.analysis.connectivity import (
    RegionalMatrix,
    animal_connectivity,
    between_animals,
    failure_of,
    model_average,
    similarities,
    weighted_average,
)
from popcode.errors import InputError
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Gaussian


def matrix(names, values, sizes, n_bins=100):
    return RegionalMatrix(tuple(names), np.array(values, float), np.array(sizes), n_bins)


def test_the_weighted_average_is_equation_22():
    first = matrix("ab", [[1, 2], [2, 3]], [10, 30], 100)
    second = matrix("bc", [[5, 4], [4, 6]], [20, 50], 300)
    found = weighted_average([first, second])
    assert found.names == ("a", "b", "c")
    weights = 100 * 60**2, 300 * 40**2  # region b with itself
    expected = (3 * weights[0] + 5 * weights[1]) / sum(weights)
    np.testing.assert_allclose(found.values[1, 1], expected)
    np.testing.assert_allclose(found.values[0, 1], 2)
    assert np.isnan(found.values[0, 2])
    assert found.sizes.tolist() == [10, 50, 50]


def test_similarity_sees_scale_and_names_for_what_they_are():
    rng = np.random.default_rng(0)
    values = np.exp(rng.normal(size=(6, 6)))
    values = values + values.T
    first = matrix("abcdef", values, [9] * 6)
    order = [3, 1, 0, 5, 4, 2]
    renamed = matrix("dbafec", 7 * values[np.ix_(order, order)], [9] * 6)
    wrong = matrix("abcdef", values[np.ix_(order, order)], [9] * 6)
    assert similarities([first, wrong])[0, 1] < 0.8
    holes = values.copy()
    holes[0, 1] = holes[1, 0] = 0
    holed = matrix("abcdef", holes, [9] * 6)
    np.testing.assert_allclose(similarities([first, holed])[0, 1], 1)
    assert between_animals([first, holed], 50).n_entries == 20
    np.testing.assert_allclose(similarities([first, renamed]), 1)
    assert np.isnan(similarities([first, matrix("xyz", np.ones((3, 3)), [9] * 3)])[0, 1])


def test_only_models_of_the_same_regions_are_averaged():
    first = matrix("ab", np.ones((2, 2)), [5, 5])
    np.testing.assert_allclose(
        model_average([first, first._replace(values=3 * first.values)]).values, 2
    )
    with pytest.raises(InputError, match="different regions"):
        model_average([first, first._replace(names=("a", "c"))])
    with pytest.raises(InputError, match="no animals"):
        weighted_average([])


def model(weights):
    m = weights.shape[1]
    return Parameters(weights, np.zeros(len(weights)), Gaussian(np.ones(m), np.zeros(m)))


def test_failed_models_are_set_aside_and_named():
    rng = np.random.default_rng(1)
    good = rng.normal(size=(12, 5))
    dead = good.copy()
    dead[:, :3] = 0
    broken = good.copy()
    broken[0, 0] = np.nan
    areas = Areas(("a", "b"), np.arange(12)[:, None] // 6 == np.arange(2), ())
    states = (rng.random((50, 12)) < 0.2).astype(np.uint8)
    found = animal_connectivity([model(w) for w in (dead, good, broken, 2 * good)], states, areas)
    assert found.kept == (1, 3)
    assert list(found.failures) == [0, 2]
    assert "only 2 of 5" in found.failures[0]
    assert "its weights are not finite" in found.failures[2]
    alone = animal_connectivity([model(good)], states, areas)
    # Gaussian units: couplings are quadratic in the weights.
    np.testing.assert_allclose(found.l1.values, 2.5 * alone.l1.values, rtol=1e-6)
    np.testing.assert_allclose(found.agreement, 1)
    assert np.isnan(alone.agreement)
    assert failure_of(model(good)) is None
    with pytest.raises(InputError, match="no model of the animal can be used: only 2 of 5"):
        animal_connectivity([model(dead)], states, areas)
