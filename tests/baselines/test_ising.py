"""The estimators: recovery of planted laws, the moments they promise, edges and bits."""

import numpy as np
import pytest
from sklearn.base import clone

from popcode.baselines import Independent, KPairwise, Pairwise, exact, load_baseline
from popcode.baselines.matching import MatchingSettings, match_moments
from popcode.baselines.moments import moments_of
from popcode.baselines.parameters import Parameters
from popcode.errors import InputError
from popcode.threads import Team

SHORT = {"n_updates": 1500, "n_chains": 1000, "n_annealing": 300}


def parameters_of(model):
    return Parameters(model.fields_, model.couplings_, model.population_)


@pytest.fixture(scope="module")
def pair_model(planted):
    return planted.random_model(8, seed=5, strength=1.0)


@pytest.fixture(scope="module")
def fitted(planted, pair_model):
    return Pairwise(**SHORT).fit(planted.draw(pair_model, 100_000, seed=0))


def test_a_pairwise_law_is_recovered(planted, pair_model, fitted):
    upper = np.triu_indices(8, 1)
    p, _ = planted.law(*pair_model)
    states = planted.states(8).astype(float)
    pairs = (states[:, :, None] * states[:, None, :])[:, upper[0], upper[1]]
    features = np.column_stack([states, pairs])
    centred = features - p @ features
    fisher = (centred * p[:, None]).T @ centred
    error = np.sqrt(np.diag(np.linalg.inv(fisher)) / 100_000)
    found = np.append(fitted.fields_, fitted.couplings_[upper])
    z = (found - np.append(pair_model[0], pair_model[1][upper])) / error
    # The best estimator has z of standard deviation 1; 36 of them reach 3 one time in ten.
    assert np.abs(z).max() < 4.5 and z.std() < 1.5
    excess = p @ np.log(p / exact.state_probabilities(parameters_of(fitted)))
    # 36 parameters cost 36 / 2T = 1.8e-4 nats on average.
    assert excess < 6e-4


def test_the_fit_holds_the_moments_of_the_data(planted, pair_model, fitted):
    x = planted.draw(pair_model, 100_000, seed=0).astype(float)
    p = exact.state_probabilities(parameters_of(fitted))
    states = planted.states(8).astype(float)
    model_joint = (states * p[:, None]).T @ states
    # The chains' noise is averaged over some 400 updates of 1,000 chains: 0.5 / sqrt(4e5) = 8e-4
    # for the worst pair, were the steps whole.
    np.testing.assert_allclose(model_joint, x.T @ x / len(x), atol=2e-3)


def test_the_likelihood_by_annealing_is_the_exact_one(planted, pair_model, fitted):
    x = planted.draw(pair_model, 5000, seed=9)
    annealed, error = fitted.log_likelihood(x)
    enumerated, none = fitted.log_likelihood(x, method="exact")
    assert (abs(annealed - enumerated) < 3 * error) and none == 0 and error < 0.02
    np.testing.assert_allclose(fitted.score_samples(x).mean(), annealed, rtol=1e-12)


def test_samples_follow_the_fitted_law(planted, fitted):
    p = exact.state_probabilities(parameters_of(fitted))
    counts = planted.frequencies(fitted.sample(100_000, n_chains=20_000, thin=20, seed=1))
    # Half the summed error of 1e5 nearly independent draws over 256 states: at most
    # sqrt(256 / (2 pi 1e5)) = 0.02.
    assert np.abs(counts / 1e5 - p).sum() / 2 < 0.02


def test_the_population_term_is_recovered_up_to_what_pairs_can_say(planted):
    fields, couplings, _ = planted.random_model(8, seed=5, strength=0.5)
    population = np.array([0, 1.2, -0.5, 0.8, 0.5, -0.6, 0, 0, 0], np.float32)
    model = fields, couplings, population
    x = planted.draw(model, 200_000, seed=0)
    with_k, without = (kind(**SHORT).fit(x) for kind in (KPairwise, Pairwise))
    p, _ = planted.law(*model)
    excess = [
        p @ np.log(p / exact.state_probabilities(parameters_of(each))) for each in (with_k, without)
    ]
    # 44 parameters cost 1.1e-4 nats; the pairwise model lacks far more.
    assert excess[0] < 5e-4 and excess[1] > 20 * excess[0]
    # A line and a parabola in K are fields and couplings too: third differences are not.
    found, truth = (np.diff(u[:6], 3) for u in (with_k.population_, population))
    np.testing.assert_allclose(found, truth, atol=0.25)  # three standard errors at K = 5
    assert with_k.population_[0] == 0 and not without.population_.any()


def test_the_k_pairwise_model_holds_the_population_activity(planted):
    rng = np.random.default_rng(0)
    drive = rng.random((30_000, 1)) < 0.2
    x = (rng.random((30_000, 30)) < np.where(drive, 0.3, 0.03)).astype(np.uint8)
    model = KPairwise(n_updates=800, n_chains=1000, n_annealing=200).fit(x)
    drawn = model.sample(60_000, seed=1)
    observed, found = (np.bincount(a.sum(axis=1), minlength=31)[:12] / len(a) for a in (x, drawn))
    # Four standard errors of 30,000 bins at P(K) = 0.3, and as much for the chains.
    np.testing.assert_allclose(found, observed, atol=0.02)
    gain = model.score_samples(x).mean() - Independent().fit(x).score_samples(x).mean()
    assert gain > 0.5


@pytest.mark.parametrize("with_population", [False, True])
def test_the_same_seed_gives_the_same_bits_on_any_threads(planted, with_population):
    x = planted.draw(planted.random_model(9, seed=1), 2000, seed=0)
    x = np.tile(x, (1, 5))[:, :41] ^ (np.random.default_rng(0).random((2000, 41)) < 0.1)
    settings = MatchingSettings(30, 130, 2, 0.02, 2.0, 7)
    found = []
    for n_threads in (1, 2, 3):
        with Team(n_threads) as team:
            found.append(match_moments(team, moments_of(x), settings, with_population))
    for other in found[1:]:
        for a, b in zip(found[0].parameters, other.parameters, strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(found[0].chains, other.chains)
    couplings = found[0].parameters.couplings
    np.testing.assert_array_equal(couplings, couplings.T)


@pytest.mark.parametrize("kind", [Pairwise, KPairwise])
def test_silent_always_active_and_exclusive_neurons_are_finite(kind):
    rng = np.random.default_rng(0)
    x = (rng.random((3000, 10)) < 0.3).astype(np.uint8)
    x[:, 0], x[:, 1] = 0, 1
    x[:, 3] *= 1 - x[:, 2]  # never together
    x[:, 4] = x[:, 5]  # always together
    x[:, 6] = 0
    x[17, 6] = 1  # one spike
    model = kind(n_updates=600, n_chains=500, n_annealing=200).fit(x)
    for values in (model.fields_, model.couplings_, model.population_):
        assert np.isfinite(values).all()
    assert np.abs(model.couplings_).max() < 20
    assert not model.couplings_[:2].any() and not np.diag(model.couplings_).any()
    assert model.couplings_[2, 3] < -2 < 2 < model.couplings_[4, 5]
    assert np.isfinite(model.score_samples(x)).all()
    drawn = model.sample(4000, seed=0)
    assert drawn[:, 0].mean() < 0.01 and drawn[:, 1].mean() > 0.99
    assert (drawn[:, 2] & drawn[:, 3]).mean() < 0.005


def test_strongly_collective_neurons_do_not_run_away():
    rng = np.random.default_rng(0)
    drive = rng.random((2000, 1)) < 0.1
    x = (rng.random((2000, 60)) < np.where(drive, 0.6, 0.02)).astype(np.uint8)
    model = Pairwise(n_updates=800, n_chains=500, n_annealing=500).fit(x)
    drawn = model.sample(10_000, seed=0)
    assert abs(drawn.mean() - x.mean()) < 0.02
    assert model.score_samples(x).mean() > Independent().fit(x).score_samples(x).mean()


def test_few_bins_of_independent_neurons_teach_almost_nothing():
    x = (np.random.default_rng(0).random((1000, 60)) < 0.05).astype(np.uint8)
    train, test = x[:700], x[700:]
    chance = Independent().fit(train).score_samples(test).mean()
    settings = {"n_updates": 800, "n_chains": 500, "n_annealing": 300}
    cautious, naive = (
        Pairwise(prior_sd=sd, **settings).fit(train).score_samples(test).mean() - chance
        for sd in ("auto", 2.0)
    )
    # Every coupling that is free costs 1 / (2 x 700) nats: 1,770 of them more than one.
    assert cautious > -0.1 and naive < -0.5


def test_a_saved_model_is_the_same(fitted, tmp_path, planted, pair_model):
    path = tmp_path / "model.safetensors"
    fitted.save(path)
    loaded = load_baseline(path)
    x = planted.draw(pair_model, 100, seed=2)
    assert type(loaded) is Pairwise and loaded.get_params() == fitted.get_params()
    np.testing.assert_array_equal(loaded.score_samples(x), fitted.score_samples(x))
    np.testing.assert_array_equal(loaded.sample(50), fitted.sample(50))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match="cannot be read"):
        load_baseline(path)


def test_the_constructor_only_stores():
    model = KPairwise(n_updates=7, prior_sd=3.0)
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"n_updates": 0}, "n_updates"),
        ({"prior_sd": 0}, "prior_sd"),
        ({"prior_sd": "wide"}, "prior_sd"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_settings_are_refused_by_name(settings, named):
    with pytest.raises(InputError, match=named):
        Pairwise(**settings).fit(np.eye(4, dtype=np.uint8))


def test_unknown_methods_and_other_neurons_are_refused(fitted):
    with pytest.raises(InputError, match="method"):
        fitted.log_likelihood(np.zeros((1, 8), np.uint8), method="guess")
    with pytest.raises(InputError, match="7 neurons"):
        fitted.energy(np.zeros((1, 7), np.uint8))
