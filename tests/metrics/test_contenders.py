"""One footing: a law that is known, one that knows nothing, one that cheats."""

import numpy as np
import pytest

from popcode.baselines import GLM, PCA, Independent, KMeans
from popcode.estimators.answers import Withheld
from popcode.metrics.contenders import (
    bounds_of,
    co_smoothing,
    folds_of,
    judge_contender,
)
from popcode.metrics.rbm_contenders import as_contender
from popcode.rbm import BernoulliRBM, CompositionalRBM

N, N_UPDATES = 24, 300
RATES = np.array([[0.05, 0.05], [0.6, 0.05], [0.05, 0.6]]).repeat(N // 2, axis=1)
SHARES = np.array([0.6, 0.2, 0.2])


def drawn(n, seed):
    rng = np.random.default_rng(seed)
    return (rng.random((n, N)) < RATES[rng.choice(3, n, p=SHARES)]).astype(np.uint8)


class Truth:
    """The planted mixture."""

    n_parameters, sees_itself = 3 * N + 2, True

    def _rates(self, x, seen):
        active, rates = x[:, seen].T, RATES[:, seen]
        log_p = np.log(rates) @ active + np.log1p(-rates) @ (1 - active)
        p = SHARES[:, None] * np.exp(log_p - log_p.max(axis=0))
        return (p / p.sum(axis=0)).T @ RATES

    def reconstruct(self, x):
        return self._rates(np.asarray(x, int), np.arange(N))

    def complete(self, x, held, *, seed):
        seen = np.setdiff1d(np.arange(N), held)
        return Withheld(self._rates(np.asarray(x, int), seen)[:, held])

    def sample(self, n, *, seed):
        return drawn(n, seed + 100)


class Peeking(Truth):
    """Looks at what it is to predict."""

    def complete(self, x, held, *, seed):
        return Withheld(np.clip(x[:, held].astype(float), 1e-7, 1 - 1e-7))


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    monkeypatch.setattr("popcode.metrics.comparison.MIN_SAMPLES", 3000)
    for module in ("comparison", "rbm_contenders"):
        monkeypatch.setattr(f"popcode.metrics.{module}.BURN_IN", 50)


@pytest.fixture(scope="module")
def parts():
    return drawn(3000, 0), drawn(1500, 1)


def test_the_truth_beats_what_is_fitted_which_beats_the_rates(parts):
    train, test = parts
    bits = [
        co_smoothing(each, train, test, 0)["bits_per_spike"]
        for each in (Truth(), KMeans(n_clusters=3).fit(train), Independent().fit(train))
    ]
    assert bits[0] > bits[1] - 0.01 > 0.2
    assert bits[2] == pytest.approx(0, abs=1e-9)  # by definition
    truth = co_smoothing(Truth(), train, test, 0)
    assert truth["low"] < truth["bits_expected"] < truth["high"] + 0.05  # it is calibrated


def test_a_model_that_peeks_reaches_what_no_model_can(parts):
    train, test = parts
    cheat = co_smoothing(Peeking(), train, test, 0)
    certain = bounds_of(train, test)["bits_certain"]
    assert cheat["bits_per_spike"] == pytest.approx(certain, abs=1e-3)
    assert co_smoothing(Truth(), train, test, 0)["bits_per_spike"] < 0.7 * certain


def test_every_neuron_is_withheld_once_and_the_same_for_all():
    parts = folds_of(23, 5)
    assert sorted(np.concatenate(parts)) == list(range(23)) and len(parts) == 4
    for first, second in zip(parts, folds_of(23, 5), strict=True):
        np.testing.assert_array_equal(first, second)
    assert len(folds_of(3, 0)) == 3 and folds_of(1, 0) == []


def test_what_a_model_does_not_do_is_none(parts):
    train, test = parts
    models = (GLM(penalty=20.0), PCA(n_components=2), Independent())
    told = {type(each).__name__: judge_contender(each.fit(train), train, test) for each in models}
    assert told["GLM"]["generation"] is None and told["PCA"]["generation"] is None
    assert told["GLM"]["single"]["low"] > 0 and told["PCA"]["single"] is None
    assert not told["GLM"]["sees_itself"] and told["PCA"]["sees_itself"]
    statistics = told["Independent"]["generation"]["statistics"]
    assert statistics["mean_hidden"]["score"] is None  # it has no hidden units
    assert statistics["mean_activity"]["score"] > 0.9
    assert abs(statistics["neuron_neuron"]["slope"]) < 0.05
    assert told["Independent"]["log_likelihood"]["standard_error"] == 0


def test_samples_of_the_truth_are_as_near_as_the_training_bins(parts):
    train, test = parts
    found = judge_contender(Truth(), train, test)["generation"]
    assert found["statistics"]["neuron_neuron"]["score"] > 0.95
    assert found["statistics"]["neuron_neuron"]["slope"] == pytest.approx(1, abs=0.1)
    bounds = bounds_of(train, test)
    assert bounds["perfect"]["statistics"]["neuron_neuron"]["score"] > 0.9
    empty = bounds["independent"]
    assert empty["statistics"]["neuron_neuron"]["slope"] == pytest.approx(0, abs=0.05)
    assert empty["population_activity"]["kl"] > found["population_activity"]["kl"]


@pytest.mark.parametrize("kind", [CompositionalRBM, BernoulliRBM])
def test_rbms_are_judged_in_the_same_terms(parts, kind):
    train, test = parts
    model = kind(n_hidden=4, l1=0.001, n_updates=N_UPDATES, n_chains=50, batch_size=50).fit(train)
    contender = as_contender(model)
    found = judge_contender(contender, train, test)
    per_unit = {CompositionalRBM: 4, BernoulliRBM: 1}[kind]
    assert found["n_parameters"] == 4 * N + N + 4 * per_unit
    assert found["co_smoothing"]["low"] > 0.1
    assert found["generation"]["statistics"]["hidden_hidden"]["score"] is not None
    assert (found["single"] is None) == (kind is CompositionalRBM)
    assert (found["log_likelihood"] is None) == (kind is CompositionalRBM)
    assert as_contender(parts) is parts
