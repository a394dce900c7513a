"""Components are gathered where they were planted so, and spread where they were not."""

import numpy as np
import pytest

from popcode.dynamics.spread import centres_of_mass, component_spread
from popcode.errors import InputError

BOX = 3000.0


def bumps(places, centres, width):
    """Weights that fall off with the distance on the torus from a centre each."""
    gaps = places[:, None] - centres
    gaps -= BOX * np.rint(gaps / BOX)
    return np.exp(-np.sum(gaps**2, axis=2) / (4 * width**2))


def places_of(n=600, seed=0):
    return np.random.default_rng(seed).uniform(0, BOX, (n, 2))


def test_centres_on_a_torus_are_where_they_were_planted():
    places = places_of(5000)
    centres = np.array([[100.0, 2950.0], [1500.0, 1500.0]])
    found = centres_of_mass(bumps(places, centres, 150.0) ** 2, places, BOX)
    gaps = found - centres
    gaps -= BOX * np.rint(gaps / BOX)
    assert np.abs(gaps).max() < 30  # 150 um over the square root of the 75 neurons in a bump
    plain = centres_of_mass(np.ones((5000, 1)), places)
    assert plain[0] == pytest.approx(places.mean(axis=0))


def test_ratio_is_that_of_the_definition():
    places, rng = places_of(200), np.random.default_rng(1)
    weights = rng.normal(size=(200, 3))
    found = component_spread(weights, places, radius_um=500)
    for k in range(3):
        squares = weights[:, k] ** 2
        centre = squares @ places / squares.sum()
        near = np.linalg.norm(places - centre, axis=1) < 500
        assert found.components[k] == pytest.approx(squares[near].mean() / squares.mean())
    assert found.value == pytest.approx(found.components.mean())


def test_local_components_are_gathered_and_random_ones_are_not():
    places, rng = places_of(), np.random.default_rng(2)
    local = component_spread(bumps(places, places[:40], 200.0), places, box_um=BOX)
    assert local.low > 5
    assert local.permuted_high < 2
    spread = component_spread(rng.normal(size=(600, 40)), places, box_um=BOX)
    assert spread.permuted_low - 0.05 < spread.value < spread.permuted_high + 0.05
    assert spread.low < spread.value < spread.high


def test_scale_sign_and_order_do_not_matter():
    places, rng = places_of(150), np.random.default_rng(3)
    weights, order = rng.normal(size=(150, 5)), rng.permutation(150)
    one = component_spread(weights, places)
    other = component_spread(-7 * weights[order], places[order])
    assert other.components == pytest.approx(one.components)


def test_bad_input_is_refused():
    places = places_of(30)
    weights = np.random.default_rng(0).normal(size=(30, 4))
    silent = weights.copy()
    silent[:, 2] = 0
    for given, settings, message in [
        (weights[:, 0], {}, "components have shape"),
        (np.where(weights == weights.max(), np.nan, weights), {}, "NaN"),
        (silent, {}, "component 2: all weights are zero"),
        (weights, {"radius_um": 0}, "radius_um"),
        (weights, {"radius_um": 1e-6}, "no neuron lies near"),
        (weights, {"n_components": 0}, "n_components"),
    ]:
        with pytest.raises(InputError, match=message):
            component_spread(given, places, **settings)
    with pytest.raises(InputError, match="for 30 neurons"):
        component_spread(weights, places[:29])
