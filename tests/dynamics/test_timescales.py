"""Timescales of components: planted ones come back, and none is made up."""

import numpy as np
import pytest

from popcode.dynamics.timescales import component_timescales
from popcode.errors import InputError
from popcode.preprocess import shuffle_rows
from popcode.recording import Recording


def ar1(timescales, n_bins, rng):
    """Unit variance, independent columns."""
    rho = np.exp(-1 / np.asarray(timescales, dtype=float))
    y = np.empty((n_bins, rho.size))
    y[0] = rng.normal(size=rho.size)
    for t in range(1, n_bins):
        y[t] = rho * y[t - 1] + np.sqrt(1 - rho**2) * rng.normal(size=rho.size)
    return y


def planted(timescales, n_bins=6000, n_neurons=40, seed=0):
    """Components of falling variance in noise that every neuron has by itself."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(n_neurons, len(timescales))))[0]
    sizes = np.sqrt(n_neurons) * 0.75 ** np.arange(len(timescales))
    return ar1(timescales, n_bins, rng) * sizes @ axes.T + rng.normal(size=(n_bins, n_neurons))


def fitted(x, **settings):
    return component_timescales(x, n_components=10, n_resamples=60, **settings)


def test_planted_timescales_lie_in_their_intervals():
    truth, held, ratios = np.array([20.0, 8.0, 3.0]), 0, []
    for seed in range(12):
        found = fitted(planted(truth, seed=seed), n_lags=60, seed=seed)
        held += np.sum((found.low[:3] <= truth) & (truth <= found.high[:3]))
        ratios.append(found.timescale[:3] / truth)
    assert held >= 29  # of 36; intervals that hold 90 % fall below it once in 20 times
    # Halves mix the planted components a little.
    assert np.exp(np.nanmean(np.log(ratios), axis=0)) == pytest.approx([1, 1, 1], abs=0.25)


def test_independent_neurons_have_no_timescale():
    rng = np.random.default_rng(0)
    found = fitted(ar1(np.full(30, 20.0), 3000, rng))
    assert not found.correlated.any()
    assert np.isnan(found.timescale).all() and np.isnan(found.rank_r)
    assert found.reason == "" and found.n_ranked == 0


def test_order_and_units_do_not_matter_and_time_does():
    x = planted([20.0, 5.0])
    half = np.arange(40) < 20
    found = fitted(x, half=half)
    order = np.random.default_rng(1).permutation(40)
    moved = fitted(x[:, order] * np.linspace(0.1, 9, 40) + 3, half=half[order])
    # Projections are in float32.
    assert moved.timescale[:2] == pytest.approx(found.timescale[:2], rel=1e-3)
    shuffled = fitted(shuffle_rows(Recording(x)), half=half)
    assert not shuffled.correlated[:2].any()


def test_early_value_is_the_mean_of_lags_4_to_6():
    found = fitted(planted([20.0, 5.0]))
    assert found.early == pytest.approx(found.correlograms[:, 4:7].mean(axis=1))
    assert found.correlograms[:, 0] == pytest.approx(np.ones(10))
    assert (found.early_low[:2] < found.early[:2]).all()
    # Lag 0 also has the variance of the noise in the halves' weights, so at most exp(-5 / tau).
    assert found.early[0] == pytest.approx(np.exp(-5 / 20), abs=0.12)


def test_timescales_fall_with_rank():
    found = fitted(planted([40.0, 18.0, 9.0, 4.0]))
    assert found.n_ranked >= 3
    assert found.rank_r_low <= found.rank_r <= found.rank_r_high < -0.5


def test_what_a_trial_cannot_show_is_refused():
    """Trials of 40 bins of 10 ms out of a process that lasts 3 s, beside one that lasts 50 ms."""
    x = planted([300.0, 5.0], n_bins=4000, seed=2)
    trials = Recording(x, bin_s=0.01, segment_starts=np.arange(0, 4000, 40))
    found = fitted(trials)
    assert found.n_lags == 39 and found.limit == pytest.approx(0.39) and found.unit == "s"
    # z-scoring within blocks takes variance from the slow one, which need not come first.
    slow, fast = (1, 0) if found.beyond[1] else (0, 1)
    assert found.beyond[slow] and np.isnan(found.timescale[slow]) and np.isinf(found.high[slow])
    assert found.low[slow] > 0.15
    assert "1 component lasts longer than 0.39 s" in found.reason
    assert "no stretch of time without a gap is longer than 0.4 s" in found.reason
    assert found.low[fast] < 0.05 < found.high[fast]


def test_nothing_crosses_trials():
    """Trials in another order give the same."""
    x = planted([6.0, 3.0], n_bins=2000)
    starts = np.arange(0, 2000, 50)
    half = np.arange(40) % 2 == 0
    within = np.concatenate([np.arange(k, k + 50) for k in range(150, -1, -50)])
    order = np.concatenate([200 * block + within for block in range(10)])
    one, other = (
        fitted(Recording(values, segment_starts=starts), half=half) for values in (x, x[order])
    )
    assert other.timescale[:2] == pytest.approx(one.timescale[:2], rel=1e-3)
    assert other.early[:2] == pytest.approx(one.early[:2], rel=1e-3)


def test_fewer_bins_than_neurons():
    x = planted([6.0], n_bins=60, n_neurons=80)
    half = np.arange(80) < 40
    found = component_timescales(x, n_lags=6, half=half, n_blocks=2, n_resamples=5)
    assert found.timescale.size == 30  # bins of the first block
    assert found.correlograms[0, 1] > 0.5


def test_the_search_for_components_finds_the_same(monkeypatch):
    x, half = planted([20.0, 5.0], n_neurons=80), np.arange(80) < 40
    exact = component_timescales(x, n_components=2, half=half, n_resamples=5)
    monkeypatch.setattr("popcode.dynamics.shared_components.EXACT_UP_TO", 30)
    found = component_timescales(x, n_components=2, half=half, n_resamples=5)
    # The search is in float32 and ends at relative errors of 2.5e-4.
    assert found.timescale == pytest.approx(exact.timescale, rel=1e-2)


def test_bad_input_is_refused():
    x = planted([6.0], n_bins=400)
    constant, missing = x.copy(), x.copy()
    constant[:, 2] = 0
    missing[1, 1] = np.inf
    with pytest.raises(InputError, match="never change"):
        fitted(constant)
    with pytest.raises(InputError, match="neuron 1, bin 1"):
        fitted(missing)
    with pytest.raises(InputError, match="too few for 10 blocks"):
        fitted(x[:30])
    with pytest.raises(InputError, match="longest contiguous stretch is 5 bins"):
        fitted(Recording(x, segment_starts=np.arange(0, 400, 5)))
    with pytest.raises(InputError, match="half has shape"):
        fitted(x, half=np.ones(40, bool))
    for settings in ({"early_lags": (6, 4)}, {"ranks": (0, 4)}, {"n_lags": 5}, {"n_blocks": 1}):
        with pytest.raises(InputError, match=next(iter(settings))):
            fitted(x, **settings)
