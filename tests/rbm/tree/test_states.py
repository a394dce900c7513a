"""The tree of a planted three-state system, from an RBM trained here by exact gradients."""

import numpy as np
import pytest
from scipy.special import expit, logsumexp
from sklearn.metrics import adjusted_rand_score

from popcode.errors import InputError
from popcode.rbm.exact import all_states
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tree import tree_of_states

WEIGHTS, FLIP = (0.5, 0.3, 0.2), 0.05


def planted(n_neurons, n_bins, seed):
    """Three random patterns of unequal weight whose entries flip independently."""
    rng = np.random.default_rng(seed)
    patterns = rng.random((3, n_neurons)) < 0.5
    labels = rng.choice(3, n_bins, p=WEIGHTS)
    flips = rng.random((n_bins, n_neurons)) < FLIP
    return (patterns[labels] ^ flips).astype(np.uint8), labels


def trained(states, n_hidden, n_updates, seed):
    """Exact gradient ascent over the hidden states; every fifth model is kept, the last first."""
    rng = np.random.default_rng(seed)
    data = states.astype(float)
    rates = data.mean(axis=0)
    w = rng.normal(0, 0.01, (data.shape[1], n_hidden))
    b, c = np.log(rates / (1 - rates)), np.zeros(n_hidden)
    h = all_states(n_hidden).astype(float)
    kept = []
    for update in range(n_updates):
        posterior = expit(data @ w + c)
        v_given_h = expit(h @ w.T + b)
        log_weights = h @ c + np.logaddexp(0, h @ w.T + b).sum(axis=1)
        p = np.exp(log_weights - logsumexp(log_weights))
        model_w = (p[:, None] * v_given_h).T @ h
        g_c = posterior.mean(axis=0) - p @ h
        g_b = rates - p @ v_given_h
        g_w = data.T @ posterior / len(data) - model_w
        # Centred: the offsets' share goes to the fields.
        hidden_mean = posterior.mean(axis=0)
        g_w = g_w - np.outer(g_b, hidden_mean) - np.outer(rates, g_c)
        b += 0.5 * (g_b - g_w @ hidden_mean)
        c += 0.5 * (g_c - g_w.T @ rates)
        w += 0.5 * g_w
        if update % 5 == 0 or update == n_updates - 1:
            hidden = Bernoulli(-c.copy())
            kept.append(Parameters(w.astype(np.float32), b.astype(np.float32), hidden))
    return kept[::-1]


@pytest.fixture(scope="module")
def session():
    states, labels = planted(40, 1500, 0)
    trajectory = trained(states, n_hidden=8, n_updates=400, seed=0)
    return states, labels, trajectory, tree_of_states(trajectory, states)


def test_three_planted_states_are_the_leaves(session):
    _, labels, _, tree = session
    assert len(tree.levels[0].states.visible) == 3
    assert tree.n_unconverged == 0
    assert adjusted_rand_score(labels[tree.bins], tree.labels[:, 0]) >= 0.95
    # 1,500 draws of the largest weight have a standard error of .013.
    np.testing.assert_allclose(np.sort(tree.weights)[::-1], WEIGHTS, atol=0.05)


def test_the_third_order_and_the_mean_field_agree(session):
    states, labels, trajectory, _ = session
    for order in (1, 3):
        tree = tree_of_states(trajectory, states, order=order)
        assert adjusted_rand_score(labels[tree.bins], tree.labels[:, 0]) >= 0.95


def test_levels_are_nested_and_end_in_one(session):
    *_, tree = session
    numbers = [len(level.states.visible) for level in tree.levels]
    assert numbers == sorted(set(numbers), reverse=True)
    assert numbers[-1] == 1
    assert [level.model for level in tree.levels] == sorted({level.model for level in tree.levels})
    for fine, coarse in zip(tree.labels.T[:-1], tree.labels.T[1:], strict=True):
        assert all(len(np.unique(coarse[fine == state])) == 1 for state in np.unique(fine))
    for k, number in enumerate(numbers):
        assert set(tree.labels[:, k]) == set(range(number))


def test_the_fixed_points_are_the_patterns(session):
    states, labels, _, tree = session
    for state, mean in enumerate(tree.levels[0].states.visible):
        members = states[tree.bins][tree.labels[:, 0] == state]
        # Rates of 300 members and more: standard errors below .015; a fit of 1,500 rows.
        assert np.abs(mean - members.mean(axis=0)).max() < 0.12
    assert len(labels) == 1500


def test_newick_holds_every_state_once(session):
    *_, tree = session
    text = tree.newick()
    assert text.endswith(";") and text.count("(") == text.count(")")
    for state, number in enumerate(np.bincount(tree.labels[:, 0])):
        assert text.count(f"state{state}_{number}") == 1


def test_shuffled_labels_do_not_pass(session):
    _, labels, _, tree = session
    shuffled = np.random.default_rng(0).permutation(labels[tree.bins])
    assert adjusted_rand_score(shuffled, tree.labels[:, 0]) < 0.05


def test_independent_neurons_have_one_state(session):
    states, _, trajectory, _ = session
    last = trajectory[0]
    empty = last._replace(weights=np.zeros_like(last.weights))
    tree = tree_of_states([empty], states)
    assert len(tree.levels[0].states.visible) == 1
    assert tree.newick() == f"state0_{len(states)};"


def test_a_long_recording_is_subsampled_and_says_which_bins(session):
    states, _, trajectory, _ = session
    tree = tree_of_states(trajectory[:2], states, max_points=100)
    assert tree.bins.shape == (100,) and len(tree.labels) == 100
    assert len(np.unique(tree.bins)) == 100


def test_what_does_not_fit_is_refused(session):
    states, _, trajectory, _ = session
    with pytest.raises(InputError, match="no models"):
        tree_of_states([], states)
    with pytest.raises(InputError, match="model 0 has 40 neurons"):
        tree_of_states(trajectory, states[:, :5])
