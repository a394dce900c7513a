"""Halves of a population: by place where there is one, by coin where there is none."""

import numpy as np
import pytest

from popcode.dynamics.halves import halves_with_rule, neuron_halves
from popcode.errors import InputError
from popcode.recording import Recording


def test_a_checkerboard_over_the_plane():
    x, y = np.meshgrid(np.arange(5, 400, 25.0), np.arange(5, 300, 25.0))
    positions = np.stack([x.ravel(), y.ravel(), np.full(x.size, 7.0)], axis=1)
    found = halves_with_rule(positions, len(positions))
    board = (np.arange(x.shape[0])[:, None] + np.arange(x.shape[1])) % 2 == 0
    assert np.array_equal(found.first.reshape(x.shape), board)
    assert "checkerboard" in found.rule
    recording = Recording(
        np.eye(len(positions)), neurons={"x_um": x.ravel(), "y_um": y.ravel(), "z_um": y.ravel()}
    )
    assert np.array_equal(neuron_halves(recording, recording.n_neurons), found.first)


def test_columns_along_the_third_axis_stay_whole():
    rng = np.random.default_rng(0)
    plane = rng.uniform(0, 500, (40, 2))
    above, below = (
        np.column_stack([plane, np.zeros(40)]),
        np.column_stack([plane, np.full(40, 300)]),
    )
    first = neuron_halves(np.concatenate([above, below]), 80)
    assert np.array_equal(first[:40], first[40:])


def test_sections_along_a_shank():
    depth = np.arange(0, 4000, 20.0)
    width = np.tile([11.0, 59.0, 27.0, 43.0], 50)
    found = halves_with_rule(np.stack([width, depth], axis=1), 200)
    assert np.array_equal(found.first, np.floor(depth / 40) % 2 == 0)
    assert "40 um" in found.rule


def test_coins_where_there_is_no_place():
    for places in (None, np.full((2000, 3), np.nan), np.zeros((2000, 3))):
        found = halves_with_rule(places, 2000, seed=3)
        # Four standard deviations of 2,000 fair coins.
        assert abs(found.first.sum() - 1000) < 90
        assert "coin" in found.rule
        assert np.array_equal(found.first, neuron_halves(places, 2000, seed=3))
        assert not np.array_equal(found.first, neuron_halves(places, 2000, seed=4))


def test_neurons_without_a_position_are_told():
    positions = np.random.default_rng(0).uniform(-300, 300, (100, 3))
    all_placed = neuron_halves(positions, 100)
    positions[:7] = np.nan
    found = halves_with_rule(positions, 100)
    assert np.array_equal(found.first[7:], all_placed[7:])
    assert "7 neurons without a position" in found.rule


def test_bad_input():
    with pytest.raises(InputError, match="shape"):
        neuron_halves(np.zeros((3, 3)), 4)
    with pytest.raises(InputError, match="first half"):
        neuron_halves(None, 1)
