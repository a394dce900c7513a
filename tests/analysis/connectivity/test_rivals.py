"""Baselines against the matrices that they stand for, and an Ising model against its truth."""

import numpy as np
import pytest
from scipy.optimize import minimize

from popcode.analysis.areas import Areas
from popcode.analysis.connectivity import (
    PseudoLikelihoodSettings,
    correlation_matrix,
    covariance_matrix,
    graphical_lasso_matrix,
    ising_couplings,
    ising_matrix,
    regional_l1_of,
    shifted,
    thinned,
)
from popcode.errors import InputError
from popcode.estimators.states import all_states

MEMBER = np.arange(12)[:, None] // 4 == np.arange(3)
AREAS = Areas(("a", "b", "c"), MEMBER, ())


def activity(n_bins=400):
    rng = np.random.default_rng(0)
    common = rng.random((n_bins, 3)) < 0.2
    rates = np.repeat(common, 4, axis=1) * 0.5 + rng.uniform(0.03, 0.2, 12)
    return (rng.random(rates.shape) < rates).astype(np.uint8)


def test_covariances_and_correlations_are_those_of_numpy():
    x = activity()
    np.testing.assert_allclose(
        covariance_matrix(x, AREAS).values, regional_l1_of(np.cov(x.T, bias=True), MEMBER),
        rtol=1e-4,
    )  # fmt: skip
    np.testing.assert_allclose(
        correlation_matrix(x, AREAS).values, regional_l1_of(np.corrcoef(x.T), MEMBER), rtol=1e-4
    )
    x[:, 3] = 1  # a neuron that never changes
    assert np.isfinite(correlation_matrix(x, AREAS).values).all()


def test_the_graphical_lasso_is_sparse_where_nothing_is_coupled():
    found = graphical_lasso_matrix(activity(2000), AREAS, 0.1).values
    assert found[0, 0] > 0.05
    assert found[0, 1] < 0.01
    with pytest.raises(InputError, match="takes too long"):
        graphical_lasso_matrix(np.zeros((3, 500)), AREAS)


def planted(n_bins=20_000):
    """Samples of a known Ising model of eight neurons by enumeration."""
    rng = np.random.default_rng(1)
    couplings = rng.normal(0, 0.8, (8, 8)) * (rng.random((8, 8)) < 0.5)
    couplings = np.tril(couplings, -1) + np.tril(couplings, -1).T
    fields, states = rng.normal(-1, 0.5, 8), all_states(8)
    logs = states @ fields + np.einsum("si,ij,sj->s", states, couplings, states) / 2
    probabilities = np.exp(logs - logs.max())
    drawn = rng.choice(len(states), n_bins, p=probabilities / probabilities.sum())
    return states[drawn], fields, couplings


def test_planted_couplings_are_recovered():
    x, fields, couplings = planted()
    found = ising_couplings(x, PseudoLikelihoodSettings(penalty=0.0, tolerance=1e-6))
    # Standard errors at 20,000 bins are .05 and below.
    np.testing.assert_allclose(found.couplings, couplings, atol=0.2)
    np.testing.assert_allclose(found.fields, fields, atol=0.2)
    np.testing.assert_array_equal(found.couplings, found.couplings.T)
    np.testing.assert_array_equal(np.diag(found.couplings), 0)


def pseudo_likelihood(x, fields, couplings):
    """Mean over bins of the log-likelihoods of every neuron given the others, summed."""
    odds = x @ couplings + fields
    return (x * odds - np.logaddexp(0, odds)).sum(axis=1).mean()


def test_the_ascent_ends_where_a_general_optimiser_does():
    x = planted(500)[0]
    found = ising_couplings(x, PseudoLikelihoodSettings(0.0, 3000, 1e-7))
    upper = np.triu_indices(8, 1)

    def loss(values):
        matrix = np.zeros((8, 8))
        matrix[upper] = values[8:]
        return -pseudo_likelihood(x, values[:8], matrix + matrix.T)

    best = minimize(loss, np.zeros(8 + upper[0].size), method="L-BFGS-B").fun
    reached = -pseudo_likelihood(x, found.fields, found.couplings)
    assert abs(reached - best) < 1e-4  # float32


def test_the_penalty_takes_out_chance_and_keeps_what_is_there():
    x, _, couplings = planted(5000)
    noise = (np.random.default_rng(2).random((5000, 20)) < 0.1).astype(np.uint8)
    found = ising_couplings(np.hstack([x, noise])).couplings
    assert (found[8:, 8:] == 0).mean() > 0.95
    strong = np.abs(couplings) > 0.8
    assert (found[:8, :8][strong] != 0).mean() > 0.8
    everything = ising_couplings(x, PseudoLikelihoodSettings(penalty=10.0)).couplings
    assert not everything.any()


def test_regions_of_an_ising_model_are_in_the_same_norm():
    x = activity(1500)
    found = ising_matrix(x, AREAS)
    np.testing.assert_allclose(
        found.values, regional_l1_of(ising_couplings(x).couplings, MEMBER), rtol=1e-6
    )
    assert np.diag(found.values).min() > np.max(found.values[~np.eye(3, dtype=bool)])


@pytest.mark.parametrize(
    "settings",
    [
        PseudoLikelihoodSettings(penalty=-1.0),
        PseudoLikelihoodSettings(n_steps=0),
        PseudoLikelihoodSettings(tolerance=0.0),
    ],
)
def test_impossible_settings_are_refused(settings):
    with pytest.raises(InputError):
        ising_couplings(activity(), settings)


def test_neurons_moved_in_time_keep_their_rates_and_lose_their_couplings():
    x = activity(4000)
    moved = shifted(x)
    np.testing.assert_array_equal(moved.sum(axis=0), x.sum(axis=0))
    before, after = (correlation_matrix(each, AREAS).values for each in (x, moved))
    # Mean |r| of independent neurons is sqrt(2 / (pi 4000)) = .013.
    assert np.diag(before).min() > 0.1
    assert after.max() < 0.03


def test_a_sample_of_neurons_takes_as_many_of_each_region():
    member = np.zeros((100, 3), bool)
    member[:70, 0], member[70:95, 1], member[95:, 2] = True, True, True
    areas = Areas(("a", "b", "c"), member, ())
    assert member[thinned(areas, 30)].sum(axis=0).tolist() == [10, 10, 5]
    np.testing.assert_array_equal(thinned(areas, 100), np.arange(100))
    np.testing.assert_array_equal(thinned(areas, 30, seed=1), thinned(areas, 30, seed=1))


def test_neurons_move_within_their_stretches():
    x = np.arange(20)[:, None] * np.ones((1, 5))
    moved = shifted(x, 0, (0, 8))
    np.testing.assert_array_equal(np.sort(moved[:8], axis=0), x[:8])
    np.testing.assert_array_equal(np.sort(moved[8:], axis=0), x[8:])
    assert (moved != x).any()
