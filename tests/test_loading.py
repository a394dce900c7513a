"""One function loads what any estimator has saved."""

import numpy as np
import pytest

import popcode
from popcode.baselines import GLM, PCA, KMeans
from popcode.errors import InputError


@pytest.fixture(scope="module")
def activity():
    return (np.random.default_rng(0).random((300, 8)) < 0.2).astype(np.uint8)


@pytest.mark.parametrize(
    "model",
    [
        popcode.Independent(),
        popcode.Pairwise(n_updates=5, n_chains=50, n_annealing=5),
        popcode.KPairwise(n_updates=5, n_chains=50, n_annealing=5),
        popcode.BernoulliRBM(n_hidden=2, n_updates=60, n_chains=40, batch_size=50),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_saved_model_comes_back_as_what_it_was(model, activity, tmp_path):
    path = tmp_path / "model.safetensors"
    model.fit(activity).save(path)
    for place in (path, tmp_path):  # a file, and a folder that holds one
        loaded = popcode.load_model(place)
        assert type(loaded) is type(model)
        np.testing.assert_array_equal(loaded.fields_, model.fields_)


@pytest.mark.parametrize(
    "model", [GLM(penalty=1.0), PCA(n_components=2), KMeans(n_clusters=2)], ids=repr
)
def test_models_without_fields_come_back_too(model, activity, tmp_path):
    path = tmp_path / "model.safetensors"
    model.fit(activity).save(path)
    loaded = popcode.load_model(path)
    assert type(loaded) is type(model)
    np.testing.assert_array_equal(loaded.reconstruct(activity), model.reconstruct(activity))


def test_what_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(InputError, match="cannot be read as a model"):
        popcode.load_model(path)
    path.write_bytes(b"not a model")
    with pytest.raises(InputError, match="cannot be read as a model"):
        popcode.load_model(path)
