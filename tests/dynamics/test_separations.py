"""Distances in the plane and on a torus."""

import numpy as np
import pytest

from popcode.dynamics.separations import checked_positions, paired_separations, separations
from popcode.errors import InputError


def test_plane():
    here, there = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 4.0]])
    assert separations(here, there).tolist() == [[4.0], [3.0]]
    assert paired_separations(here[1:], there).tolist() == [3.0]


def test_torus_is_the_nearest_of_all_images():
    rng = np.random.default_rng(0)
    here, there = rng.uniform(0, 10, (2, 8, 2))
    shifts = np.array([[i, j] for i in (-10, 0, 10) for j in (-10, 0, 10)])
    images = [np.linalg.norm(here[:, None] - there - shift, axis=2) for shift in shifts]
    assert separations(here, there, 10.0) == pytest.approx(np.min(images, axis=0))


def test_axes_that_nobody_has_are_left_out():
    positions = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, np.nan]])
    assert checked_positions(positions, 2).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_missing_positions_are_refused():
    with pytest.raises(InputError, match="have no positions"):
        checked_positions(None, 3)
    with pytest.raises(InputError, match="neuron 1: 1 of 2 neurons have no position"):
        checked_positions([[0.0, 1.0], [np.nan, 1.0]], 2)
    with pytest.raises(InputError, match="for 3 neurons"):
        checked_positions(np.zeros((2, 2)), 3)
    with pytest.raises(InputError, match="have no position"):
        checked_positions(np.full((2, 2), np.nan), 2)
