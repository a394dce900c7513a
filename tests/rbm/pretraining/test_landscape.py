"""The concave likelihood, and the RBM of a low-rank model, against enumeration."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import logsumexp

from popcode.rbm.exact import all_states
from popcode.rbm.parameters import free_energy
from popcode.rbm.pretraining.directions import principal_directions
from popcode.rbm.pretraining.landscape import (
    Landscape,
    _Problem,
    as_rbm,
    fitted_landscape,
)
from popcode.rbm.pretraining.mesh import mesh_over
from popcode.rbm.pretraining.planes import Planes, candidate_planes


def planted(n_neurons, n_bins, seed):
    """Three random patterns of unequal weight whose entries flip independently."""
    rng = np.random.default_rng(seed)
    patterns = rng.random((3, n_neurons)) < 0.5
    labels = rng.choice(3, n_bins, p=(0.5, 0.3, 0.2))
    return (patterns[labels] ^ (rng.random((n_bins, n_neurons)) < 0.05)).astype(np.float32)


@pytest.fixture(scope="module")
def small():
    rows = planted(10, 3000, 0)
    directions = principal_directions(rows, 2)
    projections = directions.project(rows)
    return directions, projections, mesh_over(directions, projections)


def test_the_gradient_is_that_of_the_likelihood(small):
    _, projections, mesh = small
    planes = candidate_planes(projections).keep(np.arange(0, 120, 20))
    features = np.hstack([mesh.points, planes.distances(mesh.points)])
    target = np.concatenate([projections.mean(0), planes.distances(projections).mean(0)])
    problem = _Problem(features, mesh.log_mass, target)
    at = np.random.default_rng(0).uniform(0, 0.5, features.shape[1])
    slope = check_grad(problem.value, lambda x: problem.derivatives(x)[1], at)
    assert slope < 1e-5  # forward differences of 1.5e-8: rounding 1e-15 / 1.5e-8
    step = 1e-5
    for k in range(len(at)):
        move = np.eye(len(at))[k] * step
        change = problem.derivatives(at + move)[1] - problem.derivatives(at - move)[1]
        np.testing.assert_allclose(-change / (2 * step), problem.derivatives(at)[2][k], atol=1e-6)


def test_the_optimum_meets_its_conditions_and_strengths_are_not_negative(small):
    _, projections, mesh = small
    found = fitted_landscape(mesh, projections, candidate_planes(projections), 8)
    assert 0 < len(found.strengths) <= 8 and (found.strengths > 0).all()
    weights = np.exp(mesh.log_mass + found.log_factor(mesh.points))
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-6)
    # The ascent ends where a step gains below 1e-6 nats: moments are met to its square root.
    np.testing.assert_allclose(weights @ mesh.points, projections.mean(axis=0), atol=5e-3)
    means = [
        weights @ found.planes.distances(mesh.points),
        found.planes.distances(projections).mean(axis=0),
    ]
    np.testing.assert_allclose(*means, atol=5e-3)


def test_the_rbm_is_the_low_rank_model_but_for_log_2_a_plane(small):
    directions, projections, mesh = small
    found = fitted_landscape(mesh, projections, candidate_planes(projections), 8)
    states = all_states(10).astype(np.float32)
    base = states @ directions.fields - np.logaddexp(0, directions.fields).sum()
    low_rank = base + found.log_factor(directions.project(states))
    gap = -free_energy(as_rbm(directions, found), states) - low_rank
    gap -= gap.min()
    assert gap.max() <= len(found.strengths) * np.log(2) + 1e-4


def test_strong_planes_make_the_same_law():
    rng = np.random.default_rng(1)
    directions = principal_directions(planted(10, 3000, 0), 2)
    planes = Planes(rng.normal(size=(3, 2)), rng.normal(size=3))
    states = all_states(10).astype(np.float32)
    distances = planes.distances(directions.project(states))
    gaps = []
    for strength in (2.0, 20.0):
        landscape = Landscape(planes, np.array([0.3, -0.2]), np.full(3, strength), 0.0)
        gap = -free_energy(as_rbm(directions, landscape), states)
        gap -= states @ directions.fields + landscape.log_factor(directions.project(states))
        # Where all planes are far away in units of 1 / (2 q), the difference is one constant.
        gaps.append(np.ptp(gap[(distances * strength > 3).all(axis=1)]))
    assert max(gaps) < 3 * np.log1p(np.exp(-6)) + 1e-4


def test_the_map_is_that_of_spins():
    """w = q n u, zeta = -q z on s = 2 v - 1 with W = 4 w, c = 2 (zeta - sum w) is the same unit."""
    rng = np.random.default_rng(2)
    directions = principal_directions(planted(10, 3000, 0), 2)
    planes = Planes(rng.normal(size=(3, 2)), rng.normal(size=3))
    landscape = Landscape(planes, np.zeros(2), np.array([1.0, 2.0, 0.5]), 0.0)
    rbm = as_rbm(directions, landscape)
    # n . m - z with m = vectors^T (v - rates) and v = (s + 1) / 2
    w = directions.vectors @ planes.normals.T / 2 * landscape.strengths
    centre = (0.5 - directions.rates) @ directions.vectors @ planes.normals.T
    zeta = landscape.strengths * (centre - planes.offsets)
    np.testing.assert_allclose(rbm.weights, 4 * w, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(-rbm.hidden.theta, 2 * (zeta - w.sum(axis=0)), atol=1e-5)
    eta = directions.fields / 2
    np.testing.assert_allclose(rbm.fields, 2 * (eta - w.sum(axis=1)), atol=1e-5)


def test_more_planes_never_hurt_the_likelihood(small):
    _, projections, mesh = small
    planes = candidate_planes(projections)
    values = [
        fitted_landscape(mesh, projections, planes, n).log_factor(projections).mean()
        for n in (2, 6, 12)
    ]
    assert values[0] <= values[1] + 1e-3 <= values[2] + 2e-3
    assert logsumexp(mesh.log_mass) == pytest.approx(0)
