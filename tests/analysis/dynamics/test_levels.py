"""Two Gaussians: against another library, on planted mixtures, and what one Gaussian gives."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from popcode.analysis.dynamics import chance_gain, fit_two_levels
from popcode.errors import InputError


def mixed(n, share, low, high, deviations, seed=0):
    rng = np.random.default_rng(seed)
    upper = rng.random(n) < share
    return np.where(upper, high, low) + rng.normal(size=n) * np.where(upper, *deviations[::-1])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_a_planted_mixture_is_recovered(share):
    x = mixed(20_000, share, -1.0, 3.0, (0.4, 0.9))
    found = fit_two_levels(x[:, None])
    # Standard error of the mean of 2,000 values of deviation .9: .02.
    assert (found.low[0], found.high[0]) == pytest.approx((-1, 3), abs=0.08)
    assert found.low_deviation[0] == pytest.approx(0.4, abs=0.05)
    assert found.high_deviation[0] == pytest.approx(0.9, abs=0.08)
    assert found.high_share[0] == pytest.approx(share, abs=0.02)
    assert found.transition[0] == pytest.approx((found.low[0] + found.high[0]) / 2)
    assert found.two_modes[0]


def test_it_is_the_likelihood_that_scikit_learn_climbs_to():
    x = mixed(3000, 0.3, 0.0, 2.0, (0.5, 0.8))
    found = fit_two_levels(x[:, None])
    model = GaussianMixture(2, tol=1e-9, max_iter=5000, random_state=0).fit(x[:, None])
    one = GaussianMixture(1).fit(x[:, None])
    gain = model.score(x[:, None]) - one.score(x[:, None])
    # Stopped at 1e-6 a step, on a thousand bars.
    assert found.gain[0] == pytest.approx(gain, abs=1e-4)
    assert sorted([found.low[0], found.high[0]]) == pytest.approx(
        sorted(model.means_.ravel()), abs=0.05
    )


def test_scale_shift_sign_and_order_only_carry_over():
    x = mixed(2000, 0.3, 0.0, 2.0, (0.3, 0.5))[:, None]
    plain, other = fit_two_levels(x), fit_two_levels(5 - 100 * x[::-1])
    assert other.low == pytest.approx(5 - 100 * plain.high, rel=1e-3)
    assert other.high == pytest.approx(5 - 100 * plain.low, abs=0.5)
    assert other.high_share == pytest.approx(1 - plain.high_share, abs=1e-3)
    assert other.gain == pytest.approx(plain.gain, abs=1e-5)


def test_one_hump_is_not_two_modes():
    rng, n = np.random.default_rng(1), 4000
    traces = np.c_[
        rng.normal(size=n),
        rng.exponential(size=n),
        rng.standard_t(3, size=n),
        rng.uniform(size=n),
        rng.lognormal(size=n),
    ]
    found = fit_two_levels(traces)
    # Skewed and heavy tails fit two Gaussians better, without a deep valley.
    assert found.gain[1] > 0.1
    assert not found.two_modes.any()
    assert found.valley[0] == 1


def test_units_that_do_not_vary_have_no_levels():
    found = fit_two_levels(np.c_[np.full(50, 3.0), np.arange(50) % 2])
    assert np.isnan([found.low[0], found.gain[0], found.transition[0]]).all()
    assert (found.low[1], found.high[1]) == pytest.approx((0, 1))
    assert found.two_modes.tolist() == [False, True]


def test_switching_gains_more_than_its_spectrum_by_chance():
    rng = np.random.default_rng(2)
    states = np.cumsum(rng.random(1200) < 0.05) % 2
    slow = np.convolve(rng.normal(size=1230), np.exp(-np.arange(31) / 10), "valid")
    traces = np.c_[states + 0.2 * rng.normal(size=1200), slow]
    starts = np.array([0, 500])
    gain, chance = fit_two_levels(traces).gain, chance_gain(traces, starts)
    assert gain[0] > 3 * chance[:, 0].max()
    assert gain[1] < 2 * chance[:, 1].max()
    np.testing.assert_array_equal(chance, chance_gain(traces, starts))


def test_what_has_no_levels_is_refused():
    with pytest.raises(InputError, match="not finite"):
        fit_two_levels(np.full((5, 1), np.nan))
    with pytest.raises(InputError, match="shape"):
        fit_two_levels(np.zeros((1, 2)))
    with pytest.raises(InputError, match="surrogate"):
        chance_gain(np.zeros((5, 1)), np.array([0]), n_surrogates=0)
    with pytest.raises(InputError, match="segment_starts"):
        chance_gain(np.zeros((5, 1)), np.array([1]))
