"""The tridiagonal ensemble against matrices, and the quantiles against their integral."""

import numpy as np
from scipy.integrate import quad

from popcode.dynamics import ensemble
from popcode.dynamics.ensemble import ensemble_eigenvalues, semicircle_quantiles


def test_eigenvalues_have_the_law_of_gaussian_matrices():
    n, n_draws = 24, 300
    drawn = np.stack([ensemble_eigenvalues(n, 10, seed) for seed in range(n_draws)])
    rng = np.random.default_rng(0)
    matrices = rng.normal(size=(n_draws, n, n))
    matrices = (matrices + matrices.transpose(0, 2, 1)) / np.sqrt(2)  # entries N(0, 1), N(0, 2)
    plain = np.linalg.eigvalsh(matrices)[:, ::-1][:, :10] / (2 * np.sqrt(n))
    error = np.sqrt((drawn.var(axis=0) + plain.var(axis=0)) / n_draws)
    assert (np.abs(drawn.mean(axis=0) - plain.mean(axis=0)) < 4 * error).all()
    ratio = drawn.std(axis=0) / plain.std(axis=0)
    assert (np.abs(ratio - 1) < 4 / np.sqrt(n_draws)).all()  # of two deviations, 1 / sqrt(n) each


def test_rows_left_out_do_not_matter(monkeypatch):
    n, n_values = 20_000, 20
    few = ensemble_eigenvalues(n, n_values, seed=3)
    assert ensemble._rows_that_matter(n, n_values) < n // 4
    monkeypatch.setattr(ensemble, "_rows_that_matter", lambda n, _: n // 2)
    np.testing.assert_allclose(few, ensemble_eigenvalues(n, n_values, seed=3), atol=1e-13)


def test_all_eigenvalues_begin_with_the_leading_ones():
    every = ensemble_eigenvalues(300, 300, seed=1)
    np.testing.assert_allclose(ensemble_eigenvalues(300, 20, seed=1), every[:20], atol=1e-13)
    assert (np.diff(every) <= 0).all()


def test_quantiles_cut_the_semicircle_evenly():
    n = 51
    values = semicircle_quantiles(n)
    for k in (0, 7, 25, 50):
        share = quad(lambda x: 2 / np.pi * np.sqrt(1 - x**2), values[k], 1)[0]
        assert abs(share - (k + 0.5) / n) < 1e-7
    np.testing.assert_allclose(values, -values[::-1], atol=1e-12)
