"""Links of each structure have their chances; sparse and dense forms are one matrix."""

import numpy as np
import pytest

from popcode.dynamics.connectivity import clustered, local, sparse
from popcode.dynamics.connectivity.clustered import cluster_of_neurons, draw_clustered
from popcode.dynamics.connectivity.local import distances_um, draw_local, places_um
from popcode.dynamics.connectivity.sparse import draw_sparse
from popcode.dynamics.connectivity.structures import Clustered, Local, Sparse

N = 600


def drawn(structure, asymmetry=0.0, seed=0):
    rng = np.random.default_rng(seed)
    if isinstance(structure, Sparse):
        return draw_sparse(N, structure, asymmetry, rng)
    if isinstance(structure, Clustered):
        return draw_clustered(N, structure, asymmetry, rng)
    return draw_local(places_um(N, structure, seed), structure, asymmetry, rng)


def chances(structure, seed=0):
    if isinstance(structure, Sparse):
        return np.full((N, N), structure.probability)
    if isinstance(structure, Clustered):
        cluster = cluster_of_neurons(N, structure)
        same = cluster[:, None] == cluster
        return np.where(same, structure.within, structure.between)
    places = places_um(N, structure, seed)
    distance = distances_um(places, places, structure)
    near = structure.nearest * np.exp(-distance / structure.length_um)
    return np.maximum(near, structure.far)


STRUCTURES = [Sparse(0.05), Clustered(10, 0.4, 0.01), Local(far=0.02), Local(far=0.02, torus=False)]


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("asymmetry", [0.0, 1.0])
def test_links_are_there_with_their_chance(structure, asymmetry):
    matrix = drawn(structure, asymmetry).to_array().astype(float)
    chance = chances(structure)
    links = matrix + chance
    off = ~np.eye(N, dtype=bool)
    assert np.abs(links[off] * (links[off] - 1)).max() < 1e-5  # a link is there or not
    assert (np.diag(matrix) == 0).all()
    assert np.array_equal(matrix, matrix.T) == (asymmetry == 0)
    # Near and far pairs apart: the mean of entries is 0 within 4.5 errors.
    pairs = np.triu(off)
    for group in (chance > 0.1, chance <= 0.1):
        some = pairs & group
        if some.any():
            error = np.sqrt((chance * (1 - chance))[some].sum())
            assert abs(matrix[some].sum()) < 4.5 * error


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_sparse_form_is_the_dense_matrix(structure, monkeypatch):
    thin = drawn(structure)
    for module in (sparse, clustered, local):
        monkeypatch.setattr(module, "MOST_FILLED", 0.0)
    dense = drawn(structure)
    assert not isinstance(thin.links, np.ndarray)
    assert isinstance(dense.links, np.ndarray)
    np.testing.assert_allclose(thin.to_array(), dense.to_array(), atol=1e-6)
    x = np.random.default_rng(1).normal(size=(N, 3)).astype(np.float32)
    product = dense.to_array() @ x
    for form in (thin, dense):
        np.testing.assert_allclose(form.operator() @ x, product, atol=1e-3)
        np.testing.assert_allclose(form.operator() @ x[:, 0], product[:, 0], atol=1e-3)
        plain = (dense.to_array().astype(float) ** 2).sum() / N
        assert form.mean_square() == pytest.approx(plain, rel=1e-4)
        half = form.scaled(0.5)
        np.testing.assert_allclose(half.to_array(), dense.to_array() / 2, atol=1e-6)


def test_the_torus_has_no_edge():
    sheet = Local(extent_um=1000.0)
    corner, opposite = np.array([[1.0, 1.0]]), np.array([[999.0, 999.0]])
    assert distances_um(corner, opposite, sheet)[0, 0] == pytest.approx(2 * np.sqrt(2))
    flat = sheet._replace(torus=False)
    assert distances_um(corner, opposite, flat)[0, 0] == pytest.approx(998 * np.sqrt(2))
    places = places_um(2000, sheet, 0)
    shifted = (places + np.array([377.0, 612.0])) % 1000
    before = distances_um(places[:50], places, sheet)
    np.testing.assert_allclose(before, distances_um(shifted[:50], shifted, sheet), atol=1e-9)
