"""Independent neurons against the product of their probabilities."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from popcode.baselines import Independent, load_baseline
from popcode.errors import InputError


@pytest.fixture
def x():
    rates = np.array([0.02, 0.3, 0.9, 0.0, 1.0])
    return (np.random.default_rng(0).random((4000, 5)) < rates).astype(np.uint8)


def test_likelihood_is_the_product_over_neurons(x):
    p = np.clip(x.mean(axis=0), 0.5 / 4000, 1 - 0.5 / 4000)
    expected = np.log(np.where(x == 1, p, 1 - p)).sum(axis=1)
    model = Independent().fit(x)
    np.testing.assert_allclose(model.score_samples(x), expected, rtol=1e-9)
    mean, error = model.log_likelihood(x)
    assert (abs(mean - expected.mean()) < 1e-9) and error == 0


def test_samples_have_the_rates_and_no_correlations(x):
    drawn = Independent().fit(x).sample(200_000, seed=1)
    # Five standard deviations of a mean or a correlation of 200,000.
    np.testing.assert_allclose(drawn.mean(axis=0), x.mean(axis=0), atol=5 * 0.5 / 200_000**0.5)
    correlation = np.corrcoef(drawn[:, :3].T.astype(float))[np.triu_indices(3, 1)]
    assert np.abs(correlation).max() < 5 / 200_000**0.5


def test_a_saved_model_is_the_same(x, tmp_path):
    model = Independent().fit(x)
    model.save(tmp_path / "model.safetensors")
    loaded = load_baseline(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.score_samples(x), model.score_samples(x))


def test_what_cannot_be_is_refused(x):
    with pytest.raises(NotFittedError):
        Independent().energy(x)
    model = Independent().fit(x)
    with pytest.raises(InputError, match="3 neurons"):
        model.energy(x[:, :3])
    with pytest.raises(InputError, match="n is 0"):
        model.sample(0)
