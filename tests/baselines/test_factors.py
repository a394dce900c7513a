"""PCA, NMF and their logistic links against closed forms and planted factors."""

import numpy as np
import pytest

from popcode.baselines import NMF, PCA, load_any_baseline
from popcode.baselines.link import fit_link
from popcode.errors import InputError
from popcode.metrics.completion import sampled_log_odds, score_completion, training_log_odds


@pytest.fixture(scope="module")
def x():
    """Three assemblies of eight neurons each."""
    rng = np.random.default_rng(3)
    inputs = (rng.random((3000, 3)) < 0.25) @ np.kron(np.eye(3), np.full(8, 3.0)) - 3
    return (rng.random(inputs.shape) < 1 / (1 + np.exp(-inputs))).astype(np.uint8)


def test_the_link_is_a_logistic_regression():
    rng = np.random.default_rng(1)
    y = rng.normal(2, 3, (40_000, 3))
    slopes, intercepts = np.array([0.5, -1.0, 0.0]), np.array([-2.0, 1.0, -1.0])
    activity = (rng.random(y.shape) < 1 / (1 + np.exp(-slopes * y - intercepts))).astype(np.uint8)
    link = fit_link(y, activity)
    # Standard errors are below .03 with so many bins.
    np.testing.assert_allclose(link.slopes, slopes, atol=0.1)
    np.testing.assert_allclose(link.intercepts, intercepts, atol=0.1)


def test_silent_and_separable_neurons_stay_finite():
    y = np.array([[0.0, 1, 5]] * 50 + [[1.0, 1, 5]] * 50)
    activity = np.zeros((100, 3), np.uint8)
    activity[50:, 0] = activity[:, 2] = 1
    p = fit_link(y, activity).probability(y)
    assert np.all(np.isfinite(p))
    assert p[0, 0] < 0.1 and p[-1, 0] > 0.9 and p[:, 1].max() < 0.05 and p[:, 2].min() > 0.95


def test_inferred_components_are_the_conditional_mean_of_the_gaussian(x):
    model = PCA(n_components=4).fit(x)
    signal = model.variances_ - model.noise_
    covariance = model.components_.T * signal @ model.components_
    covariance += model.noise_ * np.eye(x.shape[1])
    held, observed = np.arange(5), np.arange(5, x.shape[1])
    centred = x[:10].astype(float) - model.mean_
    gain = covariance[np.ix_(held, observed)] @ np.linalg.inv(
        covariance[np.ix_(observed, observed)]
    )
    factors = model._inferred(x[:10].astype(np.float32), observed)
    np.testing.assert_allclose(
        factors @ model.components_[:, held], centred[:, observed] @ gain.T, atol=1e-4
    )


@pytest.mark.parametrize("kind", [PCA, NMF])
def test_planted_assemblies_are_predicted(x, kind):
    train, test = x[:2000], x[2000:]
    model = kind(n_components=3).fit(train)
    held = np.array([0, 9, 17])
    p = model.complete(test, held).probability
    tested = np.ascontiguousarray(test[:, held])
    score = score_completion(sampled_log_odds(p), tested, training_log_odds(train)[held])
    assert score.low > 0.1
    # Calibrated on bins that the factors did not see: no surer of itself than it may be. Links
    # withhold twice as many neurons, so that it is too timid rather.
    assert score.bits_expected < score.bits_per_spike + 0.1


def test_factors_are_those_of_the_assemblies(x):
    model = NMF(n_components=3).fit(x)
    assert np.all(model.components_ >= 0)
    groups = np.repeat(np.arange(3), 8)
    strongest = model.components_.argmax(axis=0)
    assert len({(g, s) for g, s in zip(groups, strongest, strict=True)}) == 3


@pytest.mark.parametrize("kind", [PCA, NMF])
def test_a_saved_model_is_the_same(x, kind, tmp_path):
    model = kind(n_components=3).fit(x)
    model.save(tmp_path / "model.safetensors")
    loaded = load_any_baseline(tmp_path / "model.safetensors")
    held = np.array([1, 2])
    np.testing.assert_array_equal(loaded.reconstruct(x), model.reconstruct(x))
    np.testing.assert_array_equal(
        loaded.complete(x, held).probability, model.complete(x, held).probability
    )
    np.testing.assert_array_equal(kind(n_components=3).fit(x).components_, model.components_)


def test_too_many_components_are_refused(x):
    with pytest.raises(InputError, match="n_components is 25"):
        PCA(n_components=25).fit(x)
