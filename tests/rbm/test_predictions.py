"""The estimator's conditional laws, against enumeration of its own distribution."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from popcode.errors import InputError
from popcode.rbm import BernoulliRBM
from popcode.rbm.exact import all_states


@pytest.fixture(scope="module")
def model():
    """A fit whose parameters are replaced by known ones."""
    rng = np.random.default_rng(0)
    found = BernoulliRBM(n_hidden=4, n_updates=5, n_chains=30, batch_size=30, seed=1)
    found.fit((rng.random((60, 8)) < 0.3).astype(np.uint8))
    found.weights_ = rng.normal(0, 1, (8, 4)).astype(np.float32)
    found.fields_ = rng.normal(-1, 0.3, 8).astype(np.float32)
    found.hidden_fields_ = rng.normal(0, 0.5, 4)
    return found


def test_conditional_log_odds_are_differences_of_free_energy(model):
    states = all_states(8).astype(np.uint8)
    on, off = (np.repeat(states[:, None], 8, axis=1) for _ in range(2))
    on[:, range(8), range(8)], off[:, range(8), range(8)] = 1, 0
    energies = [model.free_energy(each.reshape(-1, 8)).reshape(-1, 8) for each in (off, on)]
    # The product of factors is in float64 and the result in float32.
    np.testing.assert_allclose(
        model.conditional_log_odds(states), energies[0] - energies[1], atol=2e-5
    )


def test_a_group_is_completed_as_by_enumeration(model):
    states = all_states(8).astype(np.uint8)
    weights = np.exp(-model.free_energy(states))
    held, seen = np.array([1, 6]), np.array([0, 2, 3, 4, 5, 7])
    bins = states[[3, 77, 200]]
    same = (states[:, seen] == bins[:, None, seen]).all(axis=2) * weights
    exact = same @ states[:, held] / same.sum(axis=1, keepdims=True)
    found = model.complete(bins, held, n_sweeps=4000, seed=2)
    error = np.maximum(found.standard_error, 1e-3)
    # Six probabilities: five standard errors, themselves known to a quarter.
    assert np.all(np.abs(found.probability - exact) < 5 * error)


def test_paths_are_at_equilibrium_and_count_groups(model):
    groups = np.column_stack([np.ones(8, bool), np.arange(8) < 3])
    start = model.sample(400, n_chains=400, burn_in=50, thin=1, seed=0)
    paths = model.activity_paths(start, 200, groups=groups, seed=1)
    assert paths.shape == (400, 200, 2)
    states = all_states(8).astype(float)
    p = np.exp(-model.free_energy(states.astype(np.uint8)))
    expected = (p / p.sum()) @ states @ groups
    chains = paths.mean(axis=1)
    error = chains.std(axis=0) / np.sqrt(len(chains))
    assert np.all(np.abs(chains.mean(axis=0) - expected) < 5 * error)
    np.testing.assert_array_equal(model.activity_paths(start, 200, seed=1)[..., 0], paths[..., 0])
    assert not np.array_equal(model.activity_paths(start, 200, seed=2)[..., 0], paths[..., 0])


def test_bad_input(model):
    with pytest.raises(InputError, match="8"):
        model.conditional_log_odds(np.zeros((3, 5), np.uint8))
    with pytest.raises(InputError, match="held-out"):
        model.complete(np.zeros((3, 8), np.uint8), np.array([1, 1]))
    with pytest.raises(InputError, match="n_sweeps"):
        model.activity_paths(np.zeros((3, 8), np.uint8), 0)
    with pytest.raises(NotFittedError):
        BernoulliRBM().conditional_log_odds(np.zeros((3, 8), np.uint8))
