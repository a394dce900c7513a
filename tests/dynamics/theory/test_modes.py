"""Closed forms of modes against the plain sums they stand for."""

import math

import numpy as np
import pytest

from popcode.dynamics.schedule import Schedule
from popcode.dynamics.theory import modes
from popcode.errors import InputError

STEP = 0.04


def plain_covariance(eigenvalue, schedule, lag):
    """Mean over bins of Cov(bin, bin + lag), from the covariance of states two steps apart."""
    g = 1 - schedule.step * (1 - eigenvalue)
    v = schedule.step**2 / (1 - g**2)
    m = schedule.steps_per_bin
    states = schedule.n_discarded + 1 + np.arange(schedule.n_bins * m)
    apart = np.abs(np.subtract.outer(states, states))
    covariance = v * g**apart + (1 - v) * g ** np.add.outer(states, states)
    blocks = covariance.reshape(schedule.n_bins, m, schedule.n_bins, m).mean(axis=(1, 3))
    return np.diagonal(blocks, lag).mean()


@pytest.mark.parametrize("eigenvalue", [-1.0, -0.3, 0.0, 0.7, 0.99])
@pytest.mark.parametrize("m", [1, 2, 7])
@pytest.mark.parametrize("lag", [0, 1, 3])
def test_bins_of_a_run_have_the_variance_of_their_sum(eigenvalue, m, lag):
    schedule = Schedule(STEP, m, 5, 6)
    plain = plain_covariance(eigenvalue, schedule, lag)
    found = modes.binned_variance if lag == 0 else modes.lagged_covariance
    closed = found([eigenvalue], schedule) if lag == 0 else found([eigenvalue], schedule, lag)
    np.testing.assert_allclose(closed, plain, rtol=1e-11)  # rounding of the plain sum


@pytest.mark.parametrize("distance", [1e-1, 1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("m", [1, 23, 1000])
def test_modes_next_to_one_keep_their_digits(distance, m):
    eigenvalue = np.array([1 - distance])
    distance = float(1 - eigenvalue[0])  # as the eigenvalue holds it
    log_g = math.log1p(-STEP * distance)
    v = STEP**2 / -math.expm1(2 * log_g)
    terms = [m, *(2 * (m - k) * math.exp(k * log_g) for k in range(1, m))]
    plain = v * math.fsum(terms) / m**2
    closed = modes.binned_variance(eigenvalue, Schedule(STEP, m))
    np.testing.assert_allclose(closed, plain, rtol=1e-13)


def test_a_long_run_is_stationary_and_an_early_start_is_not():
    values = np.array([0.999, 0.9, -0.5])
    for_ever = modes.binned_variance(values, Schedule(STEP, 23))
    long = modes.binned_variance(values, Schedule(STEP, 23, 10**7, 10**6))
    np.testing.assert_allclose(long, for_ever, rtol=1e-12)
    # The slowest mode, of 50 s, starts at variance 1 and ends at 20.
    early = modes.binned_variance(values, Schedule(STEP, 23, 4000, 2434))
    assert early[0] < 0.9 * for_ever[0]
    np.testing.assert_allclose(early[2], for_ever[2], rtol=1e-9)


def test_variance_of_states_starts_at_one():
    values = np.array([0.9, -0.9])
    np.testing.assert_allclose(modes.state_variance(values, STEP, 0), 1)
    g = 1 - STEP * (1 - values)
    np.testing.assert_allclose(modes.state_variance(values, STEP, 1), g**2 + STEP**2, rtol=1e-12)


def test_exponent_doubles_as_bins_outlast_the_timescales():
    values = 1 - np.geomspace(1e-3, 1e-2, 50)
    order = np.log(1 - values)

    def slope(variances):
        return np.polyfit(order, np.log(variances), 1)[0]

    assert slope(modes.binned_variance(values, Schedule(STEP, 1))) == pytest.approx(-1, abs=1e-3)
    slow = modes.binned_variance(values, Schedule(STEP, 10**8))
    # Bins of 4e6 time constants against timescales of 1e3: to one part in a thousand.
    assert slope(slow) == pytest.approx(-2, abs=1e-3)
    ratio = slow / modes.slow_variance(values)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-3)


def test_autocorrelation_decays_with_the_timescale():
    values, m = np.array([0.98, 0.5]), 5
    curve = modes.autocorrelation(values, Schedule(STEP, m), 4)
    np.testing.assert_allclose(curve[0], 1)
    decay = np.exp(-m * modes.decay_rates(values, STEP))
    np.testing.assert_allclose(curve[2:] / curve[1:-1], np.tile(decay, (2, 1)), rtol=1e-12)
    # exp(-dt / timescale) as the step goes to 0
    tau_s, small = 0.05, 1e-5
    rates = modes.decay_rates(values, small)
    np.testing.assert_allclose(rates * modes.timescales(values, tau_s), small * tau_s, rtol=1e-4)


def test_dynamics_of_single_steps_are_those_of_the_network():
    values = np.array([0.99, 0.2, -0.7])
    found = modes.dmd_eigenvalues(values, Schedule(STEP), lag=3)
    np.testing.assert_allclose(found, (1 - STEP * (1 - values)) ** 3, rtol=1e-12)
    shrunk = modes.dmd_eigenvalues(values, Schedule(STEP), lag=3, ridge=0.1)
    assert (shrunk < found).all()


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="never relaxes"):
        modes.binned_variance([1.0], Schedule(STEP))
    for lag in (0, 6):
        with pytest.raises(InputError, match="lag"):
            modes.lagged_covariance([0.5], Schedule(STEP, 2, 5, 6), lag)
