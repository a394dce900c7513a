"""The estimator: what users call."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import popcode
from popcode.errors import InputError
from popcode.rbm.exact import all_states
from popcode.rbm.settings import automatic_n_hidden


@pytest.fixture(scope="module")
def activity():
    rng = np.random.default_rng(0)
    on = rng.random((500, 2)) < 0.3
    odds = on @ np.kron(np.eye(2), np.full(6, 3.0)) - 2.5
    return (rng.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(np.uint8)


@pytest.fixture(scope="module")
def small():
    return popcode.CompositionalRBM(n_hidden=3, l1=0.001, n_updates=100, n_chains=20, n_sweeps=3)


@pytest.fixture(scope="module")
def model(small, activity):
    return clone(small).fit(activity)


def test_shapes_and_types(model, activity):
    assert model.weights_.shape == (12, 3)
    assert model.fields_.shape == (12,)
    assert model.transform(activity).shape == (500, 3)
    reconstructed = model.reconstruct(activity)
    assert reconstructed.shape == (500, 12)
    assert ((reconstructed > 0) & (reconstructed < 1)).all()
    samples = model.sample(30, n_chains=7, burn_in=5, thin=2)
    assert samples.dtype == np.uint8
    assert samples.shape == (30, 12)
    assert set(np.unique(samples)) <= {0, 1}
    assert len(model.history_) == 100


def test_the_same_seed_gives_the_same_bits_whatever_the_container(small, model, activity):
    for same in (activity.astype(np.float64), activity.astype(bool), np.asfortranarray(activity)):
        np.testing.assert_array_equal(clone(small).fit(same).weights_, model.weights_)
    recording = popcode.Recording(activity, bin_s=0.02)
    np.testing.assert_array_equal(clone(small).fit(recording).weights_, model.weights_)
    other = clone(small).set_params(seed=1).fit(activity)
    assert not np.array_equal(other.weights_, model.weights_)


def test_numbers_of_numpy_are_numbers(small, model, activity, tmp_path):
    settings = {"n_hidden": np.int64(3), "l1": np.float64(0.001), "seed": np.int64(0)}
    same = clone(small).set_params(**settings).fit(activity)
    np.testing.assert_array_equal(same.weights_, model.weights_)
    same.save(tmp_path / "model.safetensors")
    assert popcode.load_model(tmp_path / "model.safetensors").get_params() == model.get_params()


def test_columns_taken_out_of_a_recording_fit(small, activity):
    recording = popcode.Recording(activity).select(neurons=[3, 1, 8])
    assert clone(small).fit(recording).weights_.shape == (3, 3)


def test_fitting_does_not_touch_the_global_generator(small, activity):
    before = np.random.get_state()[1].copy()  # noqa: NPY002  (it is what must not change)
    clone(small).fit(activity)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_saved_model_is_the_same_model(model, activity, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = popcode.load_model(path)
    np.testing.assert_array_equal(loaded.transform(activity), model.transform(activity))
    np.testing.assert_array_equal(loaded.free_energy(activity), model.free_energy(activity))
    np.testing.assert_array_equal(loaded.sample(20, burn_in=9), model.sample(20, burn_in=9))
    assert loaded.get_params() == model.get_params()
    assert loaded.training_ == model.training_


def test_samples_have_the_law_of_the_free_energy(model):
    samples = model.sample(60_000, n_chains=2000, burn_in=300, thin=5, seed=3)
    states = all_states(12)
    law = np.exp(-model.free_energy(states))
    law /= law.sum()
    expected = law @ states
    # Thirty nearly independent samples of each of 2,000 chains: standard errors near .002.
    np.testing.assert_allclose(samples.mean(axis=0), expected, atol=0.01)


def test_counts_are_made_binary_and_said_so(small, activity):
    with pytest.warns(popcode.PopcodeWarning, match="counts were made binary"):
        counted = clone(small).fit(activity * 3)
    assert counted.weights_.shape == (12, 3)


def test_automatic_numbers_of_hidden_units():
    assert automatic_n_hidden(160, 100_000) == 50
    assert automatic_n_hidden(1000, 100_000) == 80
    assert automatic_n_hidden(40_000, 5000) == 200
    assert automatic_n_hidden(1000, 400) == 20


def test_auto_l1_is_chosen_by_the_recording(small, activity):
    auto = clone(small).set_params(l1="auto", n_updates=20).fit(activity)
    assert 0 < auto.l1_ < 0.02


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_hidden": 0}, "n_hidden is 0. It must be 'auto' or a whole number of at least 1"),
        ({"n_updates": 1.5}, "n_updates is 1.5. It must be a whole number of at least 1"),
        ({"l1": -1}, "l1 is -1. It must be 'auto' or a number from 0 to 10"),
        ({"learning_rate": 0}, "learning_rate is 0. It must be a number above 0 and up to 1"),
        ({"hidden": "tanh"}, "hidden is 'tanh'. It must be one of bernoulli, drelu"),
        ({"seed": -1}, "seed is -1. It must be a whole number from 0"),
        ({"device": "tpu"}, "device is 'tpu'. It must be auto, cpu, cuda or cuda:0"),
    ],
)
def test_impossible_settings_are_refused_by_name(small, activity, options, message):
    with pytest.raises(popcode.InputError, match=message):
        clone(small).set_params(**options).fit(activity)


def test_other_input_is_refused(small, model, activity):
    with pytest.raises(popcode.InputError, match="5 neurons, and the model was fitted to 12"):
        model.transform(activity[:, :5])
    with pytest.raises(popcode.InputError, match="no neuron is active"):
        clone(small).fit(np.zeros((50, 4), np.uint8))
    with pytest.raises(popcode.InputError, match="--binarize"):
        clone(small).fit(np.random.default_rng(0).normal(size=(50, 4)))
    with pytest.raises(NotFittedError, match="call fit first"):
        clone(small).transform(activity)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 5.5),
        ("n", 0),
        ("n_chains", True),
        ("thin", float("nan")),
        ("burn_in", -1),
        ("seed", -1),
    ],
)
def test_impossible_samples_are_refused_by_name(model, name, value):
    given = {"n": 5, name: value}
    with pytest.raises(InputError, match=f"^{name} is "):
        model.sample(given.pop("n"), **given)
