"""The VAE with one latent against quadrature over it."""

import numpy as np
import pytest
import torch

from popcode.baselines import LinearVAE, load_any_baseline
from popcode.baselines.vae_network import evidence_bound
from popcode.errors import InputError


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(4)
    inputs = rng.normal(size=(1500, 1)) * np.array([2, 2, 2, -2, -2, 0.0]) - 1
    return (rng.random(inputs.shape) < 1 / (1 + np.exp(-inputs))).astype(np.uint8)


@pytest.fixture(scope="module")
def model(x):
    return LinearVAE(n_hidden=1, l1=0.0, n_updates=1500, learning_rate=5e-3).fit(x)


def log_law(model, states):
    """ln P(v) by the trapezoid rule over the latent."""
    z = np.linspace(-8, 8, 1601)
    odds = z[:, None] * model.weights_[:, 0].astype(float) + model.fields_
    told = states @ odds.T - np.logaddexp(0, odds).sum(axis=1)
    prior = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.log((np.exp(told) * prior).sum(axis=1) * (z[1] - z[0]))


def test_the_bound_is_below_the_likelihood_and_near_to_it(planted, model):
    every = planted.states(6)
    exact = log_law(model, every)
    assert np.exp(exact).sum() == pytest.approx(1, abs=1e-4)  # quadrature in float32 weights
    generator = torch.Generator().manual_seed(1)
    v = torch.from_numpy(every).float()
    with torch.no_grad():
        draws = [evidence_bound(model._network, v, generator) for _ in range(1000)]
        bound = torch.stack(draws).mean(dim=0).numpy()
    gap = exact - bound
    error = torch.stack(draws).std(dim=0).numpy() / np.sqrt(1000)
    assert np.all(gap > -5 * error)
    assert np.exp(exact) @ gap < 0.15  # the mean gap of a fitted encoder of one latent


def test_samples_follow_the_law(planted, model):
    p = np.exp(log_law(model, planted.states(6)))
    drawn = planted.frequencies(model.sample(100_000, seed=1)) / 100_000
    assert np.all(np.abs(drawn - p) < 5 * np.sqrt(p * (1 - p) / 100_000) + 1e-5)


def test_withheld_neurons_are_near_their_conditional(planted, model):
    every, held = planted.states(6), np.array([1, 3])
    p = np.exp(log_law(model, every))
    found = model.complete(np.repeat(every, 20, axis=0), held, seed=0).probability
    found = found.reshape(len(every), 20, 2).mean(axis=1)
    exact = []
    for v in every:
        match = np.all(np.delete(every, held, 1) == np.delete(v, held), axis=1)
        exact.append(p[match] @ every[match][:, held] / p[match].sum())
    # As exact as the encoder, whose law is a normal and the true one is not.
    assert p @ np.abs(found - exact).mean(axis=1) < 0.05
    assert np.corrcoef(found.ravel(), np.ravel(exact))[0, 1] > 0.95


def test_the_latent_is_found_and_the_penalty_thins_it(x, model):
    weights = model.weights_[:, 0] * np.sign(model.weights_[0, 0])
    assert np.all(weights[:3] > 1) and np.all(weights[3:5] < -1) and abs(weights[5]) < 0.5
    thin = LinearVAE(n_hidden=1, l1=0.5, n_updates=600, learning_rate=5e-3).fit(x)
    assert np.abs(thin.weights_).max() < 0.1


def test_the_same_seed_gives_the_same_bits_and_so_does_the_file(x, tmp_path):
    first, second = (LinearVAE(n_hidden=2, n_updates=30, seed=3).fit(x) for _ in range(2))
    np.testing.assert_array_equal(first.weights_, second.weights_)
    first.save(tmp_path / "model.safetensors")
    loaded = load_any_baseline(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.transform(x), first.transform(x))
    np.testing.assert_array_equal(loaded.sample(5), first.sample(5))
    assert loaded.n_parameters == first.n_parameters


def test_global_random_numbers_and_threads_are_left_alone(x):
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    LinearVAE(n_hidden=2, n_updates=3).fit(x)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_impossible_settings_are_refused(x):
    with pytest.raises(InputError, match="l1 is -1"):
        LinearVAE(l1=-1).fit(x)
    with pytest.raises(InputError, match="batch_size is 1"):
        LinearVAE(batch_size=1).fit(x)
