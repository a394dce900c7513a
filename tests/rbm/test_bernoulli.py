"""The estimator: recovery against enumeration, persistence, and bad input."""

import numpy as np
import pytest
from sklearn.base import clone

import popcode
from popcode.errors import InputError, PopcodeWarning
from popcode.rbm import BernoulliRBM, exact
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli

N_NEURONS = 12


def correlated(n_bins, seed):
    """Three groups of four neurons that share an on-off source each; a generator of its own."""
    rng = np.random.default_rng(seed)
    sources = rng.random((n_bins, 3)) < (0.2, 0.35, 0.5)
    rates = np.where(np.repeat(sources, 4, axis=1), 0.7, 0.08)
    return (rng.random(rates.shape) < rates).astype(np.uint8)


def true_log_likelihood(states):
    """Nats a bin of the law that `correlated` draws from."""
    total = np.zeros(len(states))
    for group, on in enumerate((0.2, 0.35, 0.5)):
        v = states[:, 4 * group : 4 * group + 4]
        active, silent = (
            np.prod(np.where(v, rate, 1 - rate), axis=1) * weight
            for rate, weight in ((0.7, on), (0.08, 1 - on))
        )
        total += np.log(active + silent)
    return total


@pytest.fixture(scope="module")
def data():
    return correlated(20_000, seed=0)


@pytest.fixture(scope="module")
def fitted(data):
    return BernoulliRBM(
        n_hidden=8, n_updates=6000, n_chains=200, batch_size=200, learning_rate=0.03, seed=1
    ).fit(data)


def test_a_known_law_is_recovered(data, fitted):
    """Within .02 nats of the truth on its own bins, of which independent neurons lack .8."""
    log_z = exact.log_partition(fitted.parameters_)
    reached = -fitted.free_energy(data).mean() - log_z
    rates = data.mean(axis=0)
    independent = (rates * np.log(rates) + (1 - rates) * np.log(1 - rates)).sum()
    truth = true_log_likelihood(data).mean()
    assert truth - independent > 0.5
    assert reached > truth - 0.02
    assert fitted.training_["converged"]


@pytest.mark.parametrize("method", ["ais", "ladder", "exact"])
def test_every_likelihood_covers_the_enumerated_one(data, fitted, method):
    value, error = fitted.log_likelihood(data[:1000], method=method)
    log_z = exact.log_partition(fitted.parameters_)
    expected = -fitted.free_energy(data[:1000]).mean() - log_z
    # 1e-6: float32 weights in the enumeration of the other layer.
    assert abs(value - expected) <= 4 * error + 1e-6
    assert error < 0.2


def test_a_saved_model_keeps_all_that_its_methods_need(tmp_path, data, fitted):
    fitted.save(tmp_path / "model.safetensors")
    loaded = popcode.load_model(tmp_path / "model.safetensors")
    assert loaded.log_likelihood(data[:100], "ladder") == fitted.log_likelihood(
        data[:100], "ladder"
    )
    assert np.array_equal(loaded.sample(50, burn_in=10), fitted.sample(50, burn_in=10))
    assert np.array_equal(loaded.transform(data[:9]), fitted.transform(data[:9]))
    assert loaded.get_params() == fitted.get_params()
    assert len(loaded.history_) == len(fitted.history_)
    assert loaded.ladder_.updates == fitted.ladder_.updates


def test_samples_have_the_data_s_statistics(data, fitted):
    samples = fitted.sample(20_000, seed=3)
    # Four standard errors of a difference of means of 20,000.
    bound = 4 * np.sqrt(2 * 0.25 / 20_000)
    assert np.abs(samples.mean(axis=0) - data.mean(axis=0)).max() < bound
    covariances = (np.cov(x, rowvar=False) for x in (samples.astype(float), data.astype(float)))
    assert np.abs(np.subtract(*covariances)).max() < bound


def test_the_same_seed_gives_the_same_bits(data):
    small = BernoulliRBM(n_hidden=4, n_updates=60, n_chains=60, batch_size=50, seed=5)
    first, second = (clone(small).fit(data) for _ in range(2))
    other = clone(small).set_params(seed=6).fit(data)
    assert np.array_equal(first.weights_, second.weights_)
    assert not np.array_equal(first.weights_, other.weights_)


def test_weights_of_bins_count_as_repeats(data):
    """A bin of weight 0 is as good as absent: its neuron, active nowhere else, stays silent."""
    x = np.column_stack([data[:2000], np.zeros(2000, np.uint8)])
    x[:100, -1] = 1
    weights = np.ones(2000)
    weights[:100] = 0
    rbm = BernoulliRBM(n_hidden=4, n_updates=200, n_chains=60, batch_size=100)
    rbm.fit(x, sample_weight=weights)
    assert rbm.mean_activity_[-1] == 0
    assert not rbm.weights_[-1].any()
    assert rbm.fields_[-1] < -6


def test_early_stopping_keeps_the_best_on_withheld_bins():
    """Few bins and many units overfit: the fit ends long before its last update."""
    x = correlated(300, seed=7)
    rbm = BernoulliRBM(
        n_hidden=40, n_updates=4000, n_chains=100, batch_size=100, early_stopping=True, seed=8
    ).fit(x)
    assert rbm.training_["stopped_early"]
    values = [row.log_likelihood_validation for row in rbm.history_]
    best = rbm.history_[int(np.argmax(values))].update
    assert rbm.training_["updates"] == best < 2000


@pytest.mark.filterwarnings("ignore::popcode.errors.PopcodeWarning")
def test_constant_neurons_and_counts(data):
    x = data[:500].astype(np.uint8).copy()
    x[:, 0], x[:, 1] = 0, 1
    x[:, 2] *= 3
    rbm = BernoulliRBM(n_hidden=3, n_updates=100, n_chains=50, batch_size=50).fit(x)
    assert np.isfinite(rbm.fields_).all()
    assert not rbm.weights_[:2].any()
    with pytest.warns(PopcodeWarning, match="counts were made binary"):
        rbm.transform(x)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_hidden": 0}, "n_hidden is 0"),
        ({"n_updates": 1.5}, "n_updates is 1.5"),
        ({"learning_rate": -1}, "learning_rate is -1"),
        ({"l2": -1}, "l2 is -1"),
        ({"optimizer": "lbfgs"}, "optimizer is 'lbfgs'"),
        ({"chains": "cold"}, "chains is 'cold'"),
        ({"device": "cuda"}, "fitted on the processor"),
        ({"seed": -1}, "seed is -1"),
        ({"pretraining": 1}, "pretraining is 1"),
        ({"n_chains": 5}, "chains"),
    ],
)
def test_impossible_settings_are_named(data, change, message):
    with pytest.raises(InputError, match=message):
        BernoulliRBM(n_updates=5).set_params(**change).fit(data[:200])


@pytest.mark.parametrize(
    "x",
    [np.full((100, 3), np.nan), np.random.default_rng(0).normal(size=(100, 3)), np.zeros((100, 3))],
)
def test_bad_activity_is_refused(x):
    with pytest.raises(InputError):
        BernoulliRBM(n_updates=5).fit(x)


def test_bad_weights_of_bins_are_refused(data):
    for weights in (np.ones(3), -np.ones(200), np.zeros(200), np.full(200, np.nan)):
        with pytest.raises(InputError, match="sample_weight"):
            BernoulliRBM(n_updates=5).fit(data[:200], sample_weight=weights)


def test_other_neurons_and_methods_are_refused(data, fitted):
    with pytest.raises(InputError, match="11 neurons"):
        fitted.free_energy(data[:, :11])
    with pytest.raises(InputError, match="ais, ladder or exact"):
        fitted.log_likelihood(data[:5], method="guess")


def test_parameters_are_those_of_the_energy(fitted, data):
    expected = Parameters(fitted.weights_, fitted.fields_, Bernoulli(-fitted.hidden_fields_))
    inputs = data[:20] @ fitted.weights_.astype(float) + fitted.hidden_fields_
    by_hand = -(data[:20] @ fitted.fields_.astype(float)) - np.logaddexp(0, inputs).sum(axis=1)
    np.testing.assert_allclose(fitted.free_energy(data[:20]), by_hand, rtol=1e-6)
    assert expected.n_hidden == 8


def test_a_pretrained_start_is_kept_where_the_updates_make_it_worse():
    """Three states of 40 neurons that chains do not cross between."""
    rng = np.random.default_rng(0)
    patterns = rng.random((3, 40)) < 0.5
    labels = rng.choice(3, 4000, p=(0.5, 0.3, 0.2))
    rows = (patterns[labels] ^ (rng.random((4000, 40)) < 0.02)).astype(np.uint8)
    rbm = BernoulliRBM(
        n_hidden=10,
        n_updates=1500,
        n_chains=50,
        batch_size=50,
        learning_rate=0.05,
        pretraining=True,
    )
    with pytest.warns(PopcodeWarning, match="that model is kept"):
        rbm.fit(rows)
    samples = rbm.sample(300, n_chains=300, burn_in=5, thin=1, seed=0)
    nearest = np.argmin((samples[:, None] != patterns).sum(axis=2), axis=1)
    shares = np.bincount(nearest, minlength=3) / 300
    # 300 samples leave .03, the low-rank start .02 to .03.
    np.testing.assert_allclose(shares, (0.5, 0.3, 0.2), atol=0.12)
