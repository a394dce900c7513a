"""Leading singular values against LAPACK's, with errors that are what they say."""

import numpy as np
import pytest

from popcode.dynamics.spectra.decompositions import Search, of_covariance
from popcode.dynamics.spectra.leading import leading_triplets
from popcode.dynamics.spectra.products import ActivityMatrix, CrossCovariance
from popcode.dynamics.standardised import standardised
from popcode.dynamics.streams import as_stream
from popcode.errors import PopcodeWarning
from popcode.threads import Team


def z_scored(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def leading(x, n_values, n_threads=2, seed=0):
    with Team(n_threads) as team:
        matrix = ActivityMatrix(standardised(as_stream(x)), team)
        return leading_triplets(matrix, n_values, team, seed=seed)


def leading_cross(x, n_first, n_values, n_threads=2):
    with Team(n_threads) as team:
        matrix = CrossCovariance(standardised(as_stream(x)), n_first, team)
        return leading_triplets(matrix, n_values, team)


def test_three_hundred_of_a_thousand_neurons(planted):
    x = planted(3000, 1000, 0.7, noise=0.3)
    z = z_scored(x)
    exact = np.linalg.eigvalsh(z.T @ z / len(z))[::-1][:300]
    found = leading(x, 300)
    relative = np.abs(found.values**2 / exact - 1)
    assert relative.max() <= 1e-3
    # Beyond rounding in float32 the estimate is an upper bound here.
    assert (relative <= 2 * found.errors + 1e-5).all()
    assert 2 * found.errors.max() <= 1e-3


@pytest.mark.parametrize("exponent", [0.4, 0.8, 1.4])
@pytest.mark.parametrize("shape", [(900, 400), (400, 900)])
def test_values_and_their_errors(planted, shape, exponent):
    x = planted(*shape, exponent, noise=0.2)
    exact = np.linalg.svd(z_scored(x), compute_uv=False)[:40] / np.sqrt(len(x))
    found = leading(x, 40)
    relative = np.abs(found.values / exact - 1)
    assert (relative <= found.errors + 1e-5).all()
    assert found.errors.max() <= 2.5e-4


def test_between_halves(planted):
    x = planted(1500, 500, 0.8, noise=0.5)
    z = z_scored(x)
    left, exact, right = np.linalg.svd(z[:, :240].T @ z[:, 240:] / len(z), full_matrices=False)
    found = leading_cross(x, 240, 30)
    assert (np.abs(found.values / exact[:30] - 1) <= found.errors + 1e-5).all()
    # The first, which is far from the second, has its vectors too.
    assert abs(found.left[:, 0] @ left[:, 0]) > 0.9999
    assert abs(found.right[:, 0] @ right[0]) > 0.9999
    assert np.allclose(found.left.T @ found.left, np.eye(30), atol=1e-5)


def test_threads_change_no_bit_and_the_seed_only_rounding(planted):
    x = planted(600, 700, 0.7)
    one, two = leading(x, 20, n_threads=1), leading(x, 20, n_threads=3)
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.right, two.right)
    other = leading(x, 20, seed=1)
    assert not np.array_equal(one.right, other.right)
    assert np.allclose(one.values, other.values, rtol=5e-4)  # twice the tolerance of the search


def test_fewer_directions_than_asked():
    """Ten patterns in 300 neurons: what is beyond them is zero, not noise."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 10)) @ rng.normal(size=(10, 300))
    found = leading(x, 20)
    exact = np.linalg.svd(z_scored(x), compute_uv=False)[:10] / np.sqrt(500)
    assert np.allclose(found.values[:10], exact, rtol=1e-5)
    assert found.values[10:].max() < 1e-5 * exact[0]


def test_a_search_that_ends_early_says_so(monkeypatch):
    x = np.random.default_rng(0).normal(size=(600, 500))
    monkeypatch.setattr("popcode.dynamics.spectra.leading.MOST_BLOCKS", 3)
    monkeypatch.setattr("popcode.dynamics.spectra.leading.MOST_TIMES", 1)
    with Team(1) as team, pytest.warns(PopcodeWarning, match="nearly flat"):
        found = of_covariance(standardised(as_stream(x)), Search(10, exact_up_to=0), team)
    assert found.errors.max() > 0.01
