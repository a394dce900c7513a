"""The GLM on laws whose conditionals are known, and what it refuses."""

import numpy as np
import pytest

from popcode.baselines import GLM, Independent, load_any_baseline, load_baseline
from popcode.baselines.glm import PENALTIES, choose_penalty
from popcode.errors import InputError
from popcode.metrics.completion import score_completion, training_log_odds
from popcode.threads import Team


@pytest.fixture(scope="module")
def x(planted):
    return planted.draw(planted.random_model(8, 3), 4000, 0)


def test_couplings_of_a_pairwise_law_are_found(planted):
    fields, couplings, population = planted.random_model(6, 1)
    x = planted.draw((fields, couplings, population), 60_000, 2)
    model = GLM(penalty=1.0).fit(x)
    # The conditional of a pairwise law is a regression with its own couplings; their standard
    # errors are at most .1 for neurons active in one bin of ten.
    np.testing.assert_allclose(model.weights_into_, couplings, atol=0.3)
    assert np.corrcoef(model.weights_into_.ravel(), couplings.ravel())[0, 1] > 0.99


def test_it_predicts_what_independent_neurons_do_not(x):
    train, test = x[:3000], x[3000:]
    odds = GLM().fit(train).conditional_log_odds(test)
    score = score_completion(odds, test, training_log_odds(train))
    assert score.low > 0 and score.bits_shuffled < score.low


def test_penalties_fall_until_two_in_turn_are_worse():
    rng = np.random.default_rng(0)
    noise = (rng.random((500, 30)) < 0.3).astype(np.uint8)
    with Team(1) as team:
        tried = choose_penalty(team, noise, 0)
    assert [each.penalty for each in tried] == list(PENALTIES[: len(tried)])
    assert len(tried) < len(PENALTIES)
    # Nothing is to be learnt: the penalty outweighs the curvature of the data, 350 x .21.
    assert GLM().fit(noise).penalty_ > 100
    with Team(1) as team:
        again = choose_penalty(team, noise, 0)
    assert again == tried


def test_a_saved_model_is_the_same(x, tmp_path):
    model = GLM(penalty=20.0).fit(x)
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = load_any_baseline(path)
    np.testing.assert_array_equal(loaded.reconstruct(x), model.reconstruct(x))
    assert loaded.n_parameters == model.n_parameters == 64
    with pytest.raises(InputError, match="GLM"):
        load_baseline(path)  # it has no likelihood
    Independent().fit(x).save(path)
    assert isinstance(load_any_baseline(path), Independent)


@pytest.mark.parametrize("penalty", [0, -1.0, "some", np.inf])
def test_impossible_penalties_are_refused(x, penalty):
    with pytest.raises(InputError, match="penalty"):
        GLM(penalty=penalty).fit(x)


def test_a_single_neuron_is_refused(x):
    with pytest.raises(InputError, match="one neuron"):
        GLM().fit(x[:, :1])
