"""K-means as a mixture: enumerated, sampled, and found again where it was planted."""

import numpy as np
import pytest

from popcode.baselines import KMeans, load_any_baseline
from popcode.errors import InputError


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(2)
    rates = np.array([[0.9, 0.8, 0.1, 0.1, 0.2], [0.1, 0.1, 0.9, 0.7, 0.2], [0.05] * 5])
    label = rng.choice(3, 3000, p=[0.2, 0.3, 0.5])
    return (rng.random((3000, 5)) < rates[label]).astype(np.uint8)


@pytest.fixture(scope="module")
def model(x):
    return KMeans(n_clusters=3).fit(x)


def test_it_is_a_law(planted, model):
    every = planted.states(5)
    p = np.exp(model.score_samples(every))
    assert p.sum() == pytest.approx(1, abs=1e-12)
    drawn = model.sample(100_000, seed=1)
    # Five standard errors of a frequency.
    error = 5 * np.sqrt(p * (1 - p) / 100_000)
    assert np.all(np.abs(planted.frequencies(drawn) / 100_000 - p) < error)


def test_withheld_neurons_have_their_conditional(planted, model):
    every = planted.states(5)
    p = np.exp(model.score_samples(every))
    held = np.array([0, 3])
    found = model.complete(every, held).probability
    for v, one in zip(every, found, strict=True):
        match = np.all(np.delete(every, held, 1) == np.delete(v, held), axis=1)
        np.testing.assert_allclose(one, p[match] @ every[match][:, held] / p[match].sum())


def test_planted_clusters_are_found(model):
    rates = 1 / (1 + np.exp(-model.log_odds_))
    assert sorted(np.exp(model.log_shares_).round(1)) == [0.2, 0.3, 0.5]
    assert rates.max(axis=0)[0] > 0.7 and rates.max(axis=0)[2] > 0.7  # planted: .9


def test_nothing_is_impossible(model):
    x = np.ones((1, 5), np.uint8)
    assert np.isfinite(model.score_samples(x)).all()


def test_a_saved_model_is_the_same(x, model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    loaded = load_any_baseline(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.score_samples(x), model.score_samples(x))
    np.testing.assert_array_equal(loaded.reconstruct(x), model.reconstruct(x))
    assert loaded.n_parameters == 17


def test_more_clusters_than_bins_are_refused(x):
    with pytest.raises(InputError, match="n_clusters is 4"):
        KMeans(n_clusters=4).fit(x[:3])
