"""The realised edge is set, and leading eigenvalues are those of the whole matrix."""

import numpy as np
import pytest

from popcode.dynamics.connectivity import leading, normalisation
from popcode.dynamics.connectivity.dense import draw_dense
from popcode.dynamics.connectivity.leading import leading_eigenvalues
from popcode.dynamics.connectivity.normalisation import normalised
from popcode.dynamics.connectivity.sparse import draw_sparse
from popcode.dynamics.connectivity.structures import Sparse


@pytest.mark.parametrize("n_values", [1, 40, 90])  # one by one, and in blocks
@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_lanczos_finds_the_leading_eigenvalues(form, n_values):
    rng = np.random.default_rng(0)
    if form == "dense":
        connectivity = draw_dense(1500, "uniform", 0.0, rng)
    else:
        connectivity = draw_sparse(1500, Sparse(0.05), 0.0, rng)
    every = np.linalg.eigvalsh(connectivity.to_array().astype(float))[::-1]
    found = leading_eigenvalues(connectivity, n_values)
    np.testing.assert_allclose(found, every[:n_values], rtol=1e-4)  # products in float32
    assert leading._SMALL < 1500


@pytest.mark.parametrize("asymmetry", [0.0, 0.5, 1.0])
def test_the_realised_edge_is_the_radius(asymmetry, monkeypatch):
    monkeypatch.setattr(normalisation, "_SMALL", 100)  # the iteration, not all eigenvalues
    drawn = draw_dense(300, "gaussian", asymmetry, np.random.default_rng(2))
    matrix = normalised(drawn, 0.99, is_symmetric=asymmetry == 0).to_array()
    values = np.linalg.eigvals(matrix.astype(float))
    assert values.real.max() == pytest.approx(0.99, abs=1e-4)
