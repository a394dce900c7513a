"""Pre-training on planted states: their law by enumeration, their labels, and what has none."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from popcode.errors import InputError
from popcode.rbm.exact import all_states, log_partition, state_probabilities
from popcode.rbm.parameters import mean_hidden
from popcode.rbm.pretraining import pretrained

WEIGHTS, FLIP = (0.5, 0.3, 0.2), 0.05


def planted(n_neurons, n_bins, seed, flip=FLIP):
    """Three random patterns of unequal weight whose entries flip independently."""
    rng = np.random.default_rng(seed)
    patterns = rng.random((3, n_neurons)) < 0.5
    labels = rng.choice(3, n_bins, p=WEIGHTS)
    rows = patterns[labels] ^ (rng.random((n_bins, n_neurons)) < flip)
    return rows.astype(np.uint8), labels, patterns


@pytest.fixture(scope="module")
def twelve():
    rows, labels, patterns = planted(12, 20_000, 0)
    return rows, labels, patterns, pretrained(rows, 12, seed=0)


@pytest.fixture(scope="module")
def forty():
    rows, labels, patterns = planted(40, 5000, 0)
    return rows, labels, patterns, pretrained(rows, 30, seed=0)


def independent(rates, states):
    return np.where(states, rates, 1 - rates).prod(axis=1)


def test_the_law_of_twelve_neurons_against_enumeration(twelve):
    rows, _, patterns, found = twelve
    states = all_states(12)
    flips = (states[:, None] != patterns).sum(axis=2)
    true = (FLIP**flips * (1 - FLIP) ** (12 - flips)) @ WEIGHTS
    model = state_probabilities(found.parameters)
    alone = independent(rows.mean(axis=0), states)
    distance = [np.abs(true - law).sum() / 2 for law in (model, alone)]
    divergence = [(true * np.log(true / law)).sum() for law in (model, alone)]
    # 20,000 draws of the true law lie .08 from it; 142 parameters cost 142 / 40,000 = .004 nats.
    assert distance[0] < 0.04 and distance[1] > 0.6
    assert divergence[0] < 0.01 and divergence[1] > 1.5


def test_the_partition_function_is_exact(twelve):
    *_, found = twelve
    assert abs(found.log_partition - log_partition(found.parameters)) < 1e-4


def test_static_chains_have_the_law_of_the_model(twelve):
    *_, found = twelve
    chains = found.static_chains(100_000, seed=3)
    codes = chains @ (1 << np.arange(11, -1, -1))
    exact = state_probabilities(found.parameters)
    # The total variation of n draws over states of probability p: sum sqrt(p / (2 pi n)).
    expected = np.sqrt(exact / (2 * np.pi * len(chains))).sum()
    distance = np.abs(np.bincount(codes, minlength=4096) / len(chains) - exact).sum() / 2
    assert distance < 1.3 * expected
    np.testing.assert_array_equal(chains[:10], found.static_chains(100_000, seed=3)[:10])
    assert (chains[:10] != found.static_chains(10, seed=4)).any()


def test_the_states_of_forty_neurons_and_their_weights(forty):
    rows, labels, patterns, found = forty
    assert found.states.clustered and len(found.states.weights) == 3
    # 1,000 chains: standard errors up to .016.
    np.testing.assert_allclose(found.states.weights, WEIGHTS, atol=0.05)
    np.testing.assert_array_equal(found.states.rates > 0.5, patterns)
    distances = ((rows[:, None] - found.states.rates) ** 2).sum(axis=2)
    assert adjusted_rand_score(labels, distances.argmin(axis=1)) > 0.99
    chains = found.static_chains(20_000, seed=0)
    nearest = (chains[:, None] != patterns).sum(axis=2).argmin(axis=1)
    # The fit's own share of each state: 5,000 bins, standard error .007.
    np.testing.assert_allclose(np.bincount(nearest) / len(chains), WEIGHTS, atol=0.03)


def test_held_out_rows_gain_by_rank_and_the_chosen_one_suffices(forty):
    *_, found = forty
    assert found.rank == len(found.held_out) - 1 == 2
    assert (np.diff(found.held_out) > 0).all()
    assert found.log_likelihood[-1] > found.log_likelihood[0]


def test_the_spare_hidden_units_do_nothing_yet(forty):
    *_, found = forty
    spare = np.abs(found.parameters.weights).max(axis=0) < 1e-3
    assert found.parameters.n_hidden == 30 and spare.sum() >= 20
    states = found.static_chains(100, seed=1)
    np.testing.assert_allclose(mean_hidden(found.parameters, states)[:, spare], 0.5, atol=1e-3)
    assert found.parameters.weights.dtype == found.parameters.fields.dtype == np.float32


def test_independent_neurons_are_said_to_have_no_states():
    rng = np.random.default_rng(5)
    rows = (rng.random((3000, 30)) < rng.uniform(0.02, 0.4, 30)).astype(np.uint8)
    found = pretrained(rows, 10)
    assert found.rank == 0 and not found.states.clustered
    assert any("No direction stands out" in note for note in found.notes)
    np.testing.assert_allclose(found.static_chains(20_000, 0).mean(0), rows.mean(0), atol=0.02)


def test_one_broad_mode_is_not_called_clustered():
    rng = np.random.default_rng(6)
    drive = rng.normal(size=(4000, 1))  # a common drive of any strength: one continuous cloud
    rates = 1 / (1 + np.exp(2 - 0.8 * drive))
    found = pretrained((rng.random((4000, 40)) < rates).astype(np.uint8), 10)
    assert found.rank > 0 and not found.states.clustered
    assert any("No clustered structure" in note for note in found.notes)


def test_the_seed_decides_every_bit():
    rows, *_ = planted(20, 1000, 7)
    first, second = (pretrained(rows, 8, seed=1) for _ in range(2))
    np.testing.assert_array_equal(first.parameters.weights, second.parameters.weights)


def test_constant_neurons_are_kept_with_finite_fields():
    rows, *_ = planted(20, 1000, 8)
    rows[:, 0], rows[:, 1] = 0, 1
    found = pretrained(rows, 8)
    assert np.isfinite(found.parameters.fields).all()
    assert (np.abs(found.parameters.weights[:2]) < 1e-3).all()
    means = found.static_chains(2000, 0).mean(axis=0)
    assert means[0] < 0.01 and means[1] > 0.99


def test_a_given_rank_is_taken():
    rows, *_ = planted(20, 1000, 9)
    assert [pretrained(rows, 8, rank=rank).rank for rank in (0, 1)] == [0, 1]


def test_a_model_with_its_bits_turned_is_caught(twelve):
    """The criterion of the first test fails for the right states with wrong weights."""
    *_, patterns, found = twelve
    flips = (all_states(12)[:, None] != patterns).sum(axis=2)
    even = (FLIP**flips * (1 - FLIP) ** (12 - flips)).mean(axis=1)
    assert np.abs(even - state_probabilities(found.parameters)).sum() / 2 > 0.1


def test_what_cannot_be_fitted_is_refused():
    rows, *_ = planted(20, 100, 10)
    for call, message in (
        (lambda: pretrained(rows, 0), "n_hidden is 0"),
        (lambda: pretrained(rows, 5, rank=5), "rank is 5"),
        (lambda: pretrained(rows[:5], 5), "activity has shape"),
    ):
        with pytest.raises(InputError, match=message):
            call()
