"""The mesh against sampling and against enumeration."""

import numpy as np
import pytest

from popcode.rbm.pretraining.directions import Directions
from popcode.rbm.pretraining.mesh import _every_state, _saddle_points, mesh_over


def directions(n_neurons, rank, seed):
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0.1, 0.6, n_neurons)
    basis, _ = np.linalg.qr(rng.normal(size=(n_neurons, rank)))
    return Directions(rates, basis / np.sqrt(rates * (1 - rates))[:, None], np.ones(rank))


def drawn(found, n, seed):
    rng = np.random.default_rng(seed)
    return found.project((rng.random((n, len(found.rates))) < found.rates).astype(np.float32))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_masses_are_those_of_independent_neurons(rank):
    found = directions(60, rank, rank)
    mesh = mesh_over(found, drawn(found, 500, 0))
    mass = np.exp(mesh.log_mass)
    np.testing.assert_allclose(mass.sum(), 1)
    # The saddle point errs by O(1 / n_neurons), the sum over cells by less.
    np.testing.assert_allclose(mass @ mesh.points, np.zeros(rank), atol=0.02)
    np.testing.assert_allclose(
        (mass[:, None] * mesh.points).T @ mesh.points, np.eye(rank), atol=0.05
    )


def test_tilted_expectations_equal_their_closed_form():
    found = directions(60, 2, 7)
    mesh = mesh_over(found, drawn(found, 500, 1))
    for tilt in ([1.0, 0.0], [-1.5, 1.0], [2.0, 2.0]):
        shift = found.vectors @ tilt
        exact = np.log1p(found.rates * np.expm1(shift)).sum() - found.rates @ shift
        on_mesh = np.log(np.exp(mesh.log_mass + mesh.points @ tilt).sum())
        np.testing.assert_allclose(on_mesh, exact, atol=0.05)


def test_the_saddle_point_agrees_with_every_state():
    found = directions(14, 1, 3)
    exact, saddle = _every_state(found), _saddle_points(found, drawn(found, 500, 2))
    np.testing.assert_allclose(np.exp(exact.log_mass).sum(), 1)
    below = np.linspace(-1.5, 1.5, 7)
    cumulative = [
        [np.exp(mesh.log_mass)[mesh.points[:, 0] < edge].sum() for edge in below]
        for mesh in (exact, saddle)
    ]
    # A sum of 14 binary variables is no smooth density: its law has steps of some per cent.
    np.testing.assert_allclose(*cumulative, atol=0.05)


def test_the_mesh_reaches_the_last_state_and_is_densest_at_the_data():
    found = directions(60, 1, 5)
    mesh = mesh_over(found, drawn(found, 500, 3))
    points = np.sort(mesh.points[:, 0])
    most = np.maximum(found.vectors, 0).sum() - found.rates @ found.vectors[:, 0]
    assert points[-1] > 0.95 * most
    gaps = np.diff(points)
    near = np.abs(points[1:]) < 2
    assert gaps[near].max() < gaps.max() / 1.2
