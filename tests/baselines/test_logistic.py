"""Many logistic regressions at once against scikit-learn's one by one, and their gradient."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from popcode.baselines.logistic import Regressions, fit_regressions, log_odds, regressors_of
from popcode.threads import Team


def assemblies(n_bins, n_neurons, seed=0):
    rng = np.random.default_rng((seed, 5))
    states = rng.random((n_bins, 3)) < 0.3
    inputs = states @ rng.normal(0, 1.5, (3, n_neurons)) - 1.5
    return (rng.random(inputs.shape) < 1 / (1 + np.exp(-inputs))).astype(np.uint8)


def fitted(x, penalty, n_threads=1, start=None):
    with Team(n_threads) as team:
        targets = np.arange(x.shape[1])
        return fit_regressions(team, regressors_of(x), x, targets, penalty, start)


@pytest.mark.parametrize("penalty", [20.0, 1000.0])
@pytest.mark.parametrize("shape", [(600, 30), (40, 70)], ids=["tall", "wide"])
def test_each_is_the_regression_of_scikit_learn(penalty, shape):
    x = assemblies(*shape)
    x[:, 4] = 0
    found = fitted(x, penalty)
    for j in (0, 7, shape[1] - 1):
        others = np.delete(np.arange(shape[1]), j)
        model = LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=2000).fit(
            x[:, others], x[:, j]
        )
        # A gain of 1e-6 nats a bin that may be left is 1e-3 of a standard deviation of a weight.
        np.testing.assert_allclose(found.weights[others, j], model.coef_[0], atol=1e-3)
        assert found.intercepts[j] == pytest.approx(model.intercept_[0], abs=3e-3)


def test_no_neuron_predicts_itself_and_the_gradient_vanishes():
    x, penalty = assemblies(500, 20), 20.0
    found = fitted(x, penalty)
    assert np.all(np.diag(found.weights) == 0)
    residual = x - 1 / (1 + np.exp(-log_odds(found, x).astype(np.float64)))
    gradient = x.T @ residual - penalty * found.weights
    np.fill_diagonal(gradient, 0)
    # Before the fit it is some tens; the tolerance leaves about sqrt(2 * 1e-6 * 500 * curvature).
    assert np.abs(gradient).max() < 0.5
    assert np.abs(residual.sum(axis=0)).max() < 0.5


def test_neither_threads_nor_the_start_matter():
    x = assemblies(300, 150)
    alone, together = fitted(x, 100.0), fitted(x, 100.0, n_threads=3)
    np.testing.assert_array_equal(alone.weights, together.weights)
    warm = fitted(x, 100.0, start=fitted(x, 1000.0))
    np.testing.assert_allclose(warm.weights, alone.weights, atol=2e-3)  # as above


def test_weights_shrink_with_the_penalty_to_the_rates():
    x = assemblies(400, 12)
    found = fitted(x, 1e7)
    assert np.abs(found.weights).max() < 1e-4
    rates = x.mean(axis=0)
    np.testing.assert_allclose(found.intercepts, np.log(rates / (1 - rates)), atol=1e-3)


def test_predictions_are_the_linear_form():
    x = assemblies(50, 6)
    weights = np.arange(12, dtype=np.float32).reshape(6, 2)
    found = log_odds(Regressions(weights, np.float32([1, -1])), x)
    np.testing.assert_allclose(found, x @ weights + [1, -1], rtol=1e-6)
