"""Bits a spike: closed forms, calibration, and predictions that are wrong on purpose."""

import numpy as np
import pytest
from scipy.special import logit

from popcode.errors import InputError
from popcode.metrics.completion import sampled_log_odds, score_completion, training_log_odds
from popcode.rbm.completion import complete_group, conditional_log_odds
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team


@pytest.fixture(scope="module")
def predicted():
    """True log-odds, states drawn from them, and the log-odds of the true rates."""
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 4, (20_000, 8))
    return logit(p), (rng.random(p.shape) < p).astype(np.uint8), logit(p.mean(axis=0))


def test_rates_alone_are_zero(predicted):
    _, x, rates = predicted
    found = score_completion(np.broadcast_to(rates, x.shape), x, rates)
    assert (found.bits_per_spike, found.bits_expected) == pytest.approx((0, 0), abs=1e-12)
    assert found.bits_shuffled == pytest.approx(0, abs=1e-12)


def test_a_plain_sum(predicted):
    odds, x, rates = predicted
    p, q = 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(-rates))
    gain = np.where(x, np.log2(p / q), np.log2((1 - p) / (1 - q)))
    found = score_completion(odds, x, rates)
    assert found.bits_per_spike == pytest.approx(gain.sum() / x.sum(), rel=1e-10)
    np.testing.assert_allclose(found.neuron_bits, gain.sum(axis=0) / x.sum(axis=0), rtol=1e-10)
    assert found.n_spikes == x.sum()
    certain = -np.where(x, np.log2(q), np.log2(1 - q)).sum() / x.sum()
    assert found.bits_certain == pytest.approx(certain, rel=1e-10)


def test_true_probabilities_score_what_they_expect(predicted):
    odds, x, rates = predicted
    found = score_completion(odds, x, rates)
    assert found.low < found.bits_expected < found.high
    assert found.bits_shuffled < 0 < found.bits_per_spike < found.bits_certain
    assert found.share_above_zero == 1


def test_too_sure_predictions_are_seen(predicted):
    odds, x, rates = predicted
    found = score_completion(3 * odds, x, rates)
    assert found.high < found.bits_expected


def test_the_interval_is_that_of_repeated_recordings():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(80):
        p = np.repeat(rng.beta(0.5, 4, (100, 5)), 10, axis=0)  # bins that depend on each other
        x = (rng.random(p.shape) < p).astype(np.uint8)
        found.append(score_completion(logit(p), x, np.full(5, logit(1 / 9))))
    values = np.array([each.bits_per_spike for each in found])
    errors = np.array([each.high - each.low for each in found]) / 3.92
    # A spread of 80 values is known to 8 %, an error from 20 blocks to 16 %.
    assert 0.75 < errors.mean() / values.std() < 1.35
    neuron = np.array([each.neuron_bits[0] for each in found])
    neuron_errors = np.array([each.neuron_error[0] for each in found])
    assert 0.7 < neuron_errors.mean() / neuron.std() < 1.4


def test_silent_neurons():
    x = np.zeros((100, 2), np.uint8)
    x[::7, 0] = 1
    rates = training_log_odds(x)
    assert np.all(np.isfinite(rates))
    found = score_completion(np.broadcast_to(rates, x.shape), x, rates)
    assert np.isnan(found.neuron_bits).tolist() == [False, True]
    silent = score_completion(np.zeros((40, 1)), np.zeros((40, 1), np.uint8), np.zeros(1))
    assert np.isnan(silent.bits_per_spike) and np.isnan(silent.share_above_zero)


def test_predictions_that_cannot_be_scored():
    x = np.zeros((40, 2), np.uint8)
    with pytest.raises(InputError, match="shape"):
        score_completion(np.zeros((40, 1)), x, np.zeros(2))
    with pytest.raises(InputError, match="finite"):
        score_completion(np.full((40, 2), -np.inf), x, np.zeros(2))


def test_sampled_certainty_can_be_scored():
    x = np.tile(np.array([[0], [1]], np.uint8), (20, 1))
    found = score_completion(sampled_log_odds(x.astype(float)), x, np.zeros(1))
    assert found.bits_per_spike == pytest.approx(found.bits_certain, abs=1e-6)  # 2e-7 / ln 2


def expected_bits(law, states, held):
    """Bits a spike of the true conditional of each held-out neuron, over all states."""
    observed = np.setdiff1d(np.arange(states.shape[1]), held)
    group = states[:, observed] @ (1 << np.arange(observed.size))
    rates, x = law @ states[:, held], states[:, held]
    silent = 1.0 * (x == 0)
    p = np.empty(x.shape)
    for column, values in enumerate(x.T):
        p[:, column] = (np.bincount(group, law * values) / np.bincount(group, law))[group]
    gain = x * np.log2(p / rates) + silent * np.log2((1 - p) / (1 - rates))
    return law @ gain.sum(axis=1) / rates.sum()


@pytest.fixture(scope="module")
def small():
    """A model of eight neurons that fire together, its law, and bins drawn from it."""
    rng = np.random.default_rng(2)
    weights = rng.uniform(0.5, 3, (8, 3)).astype(np.float32)
    fields = rng.normal(-3, 0.5, 8).astype(np.float32)
    model = Parameters(weights, fields, Bernoulli(np.full(3, 6.5)))
    law = state_probabilities(model)
    states = all_states(8)
    return model, law, states[rng.choice(len(states), 4000, p=law)]


def test_a_true_model_scores_what_enumeration_says(small):
    model, law, x = small
    rates, held = logit(law @ all_states(8)), np.array([0, 3, 6])
    with Team(1) as team:
        one_by_one = score_completion(conditional_log_odds(team, model, x), x, rates)
        sampled = complete_group(team, model, x, held, 0).probability
    together = score_completion(sampled_log_odds(sampled), x[:, held], rates[held])
    exact = np.array([expected_bits(law, all_states(8), [i]) for i in range(8)])
    share = (law @ all_states(8)) / (law @ all_states(8)).sum()
    assert one_by_one.low < exact @ share < one_by_one.high
    assert together.low < expected_bits(law, all_states(8), held) < together.high
    # Fewer neurons are observed, so each is told less of.
    assert together.neuron_bits[0] < one_by_one.neuron_bits[0]


def test_a_model_that_forgets_its_weights_is_seen(small):
    model, law, x = small
    rates = logit(law @ all_states(8))
    with Team(1) as team:
        empty = conditional_log_odds(team, model._replace(weights=0 * model.weights), x)
        true = conditional_log_odds(team, model, x)
    assert score_completion(empty, x, rates).high < score_completion(true, x, rates).low
