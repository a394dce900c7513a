"""Times in seconds become whole steps, or are refused."""

import math

import pytest

from popcode.dynamics.presets import NATURE, PREPRINT
from popcode.dynamics.schedule import Schedule, scheduled
from popcode.errors import InputError


@pytest.mark.parametrize("preset", [PREPRINT, NATURE])
def test_published_times_are_whole_steps(preset):
    schedule = scheduled(preset.tau_s, preset.dt_s, preset.bin_s, preset.burn_in_s, preset.n_bins)
    assert schedule.steps_per_bin == 23
    assert schedule.n_discarded == 4000
    # 60,000 steps were run
    assert 60_000 - 23 < schedule.n_discarded + 23 * schedule.n_bins <= 60_000
    assert not schedule.is_stationary


def test_a_start_at_equilibrium_or_runs_for_ever_are_stationary():
    assert scheduled(0.05, 0.002, 0.046).is_stationary
    assert scheduled(0.05, 0.002, 0.046, math.inf, 10).is_stationary
    assert Schedule(0.04).is_stationary


@pytest.mark.parametrize(
    ("times", "named"),
    [
        ((0, 0.002, 0.046), "tau_s"),
        ((0.05, float("nan"), 0.046), "dt_s"),
        ((0.05, 0.03, 0.06), "overshoot"),
        ((0.05, 0.002, 0.045), "bin_s"),
        ((0.05, 0.002, 0.001), "bin_s"),
        ((0.05, 0.002, 0.046, -1), "burn_in_s"),
        ((0.05, 0.002, 0.046, 8, 0), "n_bins"),
        ((0.05, 0.002, 0.046, 8, 2.5), "n_bins"),
    ],
)
def test_bad_times_are_refused(times, named):
    with pytest.raises(InputError, match=named):
        scheduled(*times)
