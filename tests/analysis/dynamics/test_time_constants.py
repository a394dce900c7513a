"""Time constants on traces whose intervals are known, and the comparison of two groups."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from popcode.analysis.dynamics import (
    fit_two_levels,
    hidden_time_constants,
    neuron_time_constants,
    slower_than,
    time_constants,
)
from popcode.analysis.dynamics.intervals import complete_intervals
from popcode.errors import InputError

ONE = np.array([0])


def course(lengths, first=0):
    """Zeros and ones in turn for given numbers of bins."""
    return np.repeat((np.arange(len(lengths)) + first) % 2, lengths).astype(float)


def one(values):
    return np.array([float(values)])


def by_hand(trace, below, above):
    """The same, a bin at a time: lengths of complete intervals by state."""
    state, since, found = None, None, []
    for t, x in enumerate(trace):
        new = True if x > above else False if x < below else state
        if new != state:
            if state is not None and since is not None:
                found.append((state, t - since))
            since = t if state is not None else None
            state = new
    return found


def test_known_intervals_come_back_without_first_and_last():
    found = time_constants(course([9, 2, 5, 4, 7, 6, 50])[:, None], one(0.5), one(0.5), ONE)
    # Complete: 2 on, 5 off, 4 on, 7 off, 6 on; periods 5 + 4 and 7 + 6.
    assert (found.active[0], found.inactive[0], found.period[0]) == (4, 6, 11)
    assert found.n_periods[0] == 2
    assert found.complete_share[0] == pytest.approx(24 / 83)
    assert found.unit == "bins"
    timed = time_constants(course([9, 2, 5, 4, 7, 6, 50])[:, None], one(0.5), one(0.5), ONE,
                           bin_s=0.2)  # fmt: skip
    assert (timed.period[0], timed.unit) == (pytest.approx(2.2), "s")


def test_it_is_the_rule_bin_by_bin():
    rng, edges = np.random.default_rng(0), np.array([0, 60, 61, 198])
    for _ in range(50):
        trace = np.convolve(rng.normal(size=200), [1, 1, 1], "valid")
        lengths, active, follows = complete_intervals(trace, -0.7, 0.9, edges)
        parts = [by_hand(trace[a:b], -0.7, 0.9) for a, b in pairwise(edges)]
        each = [interval for part in parts for interval in part]
        assert list(zip(active.tolist(), lengths.tolist(), strict=True)) == each
        firsts = [k > 0 for part in parts for k in range(len(part))]
        assert follows.tolist() == firsts
        found = time_constants(trace[:, None], one(-0.7), one(0.9), edges[:-1])
        pairs = [
            down + up
            for part in parts
            for (on, up), (before, down) in zip(part[1:], part[:-1], strict=True)
            if on and not before
        ]
        assert found.n_periods[0] == len(pairs)
        assert found.period[0] == pytest.approx(np.median(pairs), nan_ok=True)
        ups = [length for on, length in each if on]
        assert found.active[0] == pytest.approx(np.median(ups), nan_ok=True)


def test_nothing_crosses_a_border():
    trace = course([4, 3, 5, 3, 4])
    double = np.r_[trace, trace][:, None]
    whole = time_constants(double, one(0.5), one(0.5), ONE)
    parted = time_constants(double, one(0.5), one(0.5), np.array([0, 19]))
    # As one stretch the last and first silence would be one of 8 bins.
    assert (whole.n_periods[0], parted.n_periods[0]) == (3, 2)
    assert parted.inactive[0] == 5
    assert parted.period[0] == time_constants(trace[:, None], one(0.5), one(0.5), ONE).period[0]


def test_hysteresis_keeps_noise_from_breaking_intervals():
    rng = np.random.default_rng(1)
    planted = course([20, 10] * 60)
    trace = (planted + 0.17 * rng.normal(size=planted.size))[:, None]
    levels = fit_two_levels(trace)
    smooth = hidden_time_constants(trace, levels, ONE, margin=0.1)
    assert (smooth.active[0], smooth.inactive[0]) == (10, 20)
    # A single threshold 3 deviations away is crossed by noise now and then.
    rough = hidden_time_constants(trace, levels, ONE, margin=0.5)
    assert rough.n_periods[0] > smooth.n_periods[0]


def test_the_unit_and_the_zero_of_h_do_not_matter():
    rng = np.random.default_rng(2)
    trace = (course([7, 3] * 40) + 0.1 * rng.normal(size=400))[:, None]
    plain = hidden_time_constants(trace, fit_two_levels(trace), ONE)
    other = 40 * trace - 7
    assert hidden_time_constants(other, fit_two_levels(other), ONE).period == plain.period
    # Upside down active and inactive change places.
    turned = hidden_time_constants(-trace, fit_two_levels(-trace), ONE)
    assert (turned.active, turned.inactive) == (plain.inactive, plain.active)


def test_a_two_state_chain_has_its_own_time_constants():
    rng = np.random.default_rng(3)
    states = np.zeros(60_000, np.uint8)
    for t in range(1, len(states)):
        states[t] = rng.random() < (0.9 if states[t - 1] else 0.05)
    found = neuron_time_constants(states[:, None], ONE)
    # Geometric: the median of p = .1 is 7 (1 - .9^7 = .52), of .05 is 14 (1 - .95^14 = .51).
    assert found.active[0] == pytest.approx(7, abs=1)
    assert found.inactive[0] == pytest.approx(14, abs=1)
    assert found.complete_share[0] > 0.99


def test_traces_without_changes_have_none():
    traces = np.c_[np.zeros(30), np.ones(30), course([10, 20])]
    found = neuron_time_constants(traces, ONE)
    assert np.isnan(found.period).all()
    assert found.n_periods.tolist() == [0, 0, 0]
    still = hidden_time_constants(traces, fit_two_levels(traces), ONE)
    assert np.isnan(still.active).all()
    with pytest.raises(InputError, match="margin"):
        hidden_time_constants(traces, fit_two_levels(traces), ONE, margin=0.6)
    with pytest.raises(InputError, match="levels"):
        hidden_time_constants(traces, fit_two_levels(traces[:, :2]), ONE)


def test_slower_is_the_mann_whitney_test():
    rng = np.random.default_rng(4)
    hidden, neurons = rng.integers(3, 12, 40) * 1.0, rng.integers(1, 9, 300) * 1.0
    found = slower_than(np.r_[hidden, np.nan], neurons)
    wanted = mannwhitneyu(hidden, neurons, alternative="greater")
    pairs = np.sign(hidden[:, None] - neurons)
    assert found.p == wanted.pvalue
    assert found.superiority == pytest.approx((pairs.mean() + 1) / 2)
    assert found.low < found.superiority < found.high
    assert (found.n_hidden, found.n_neurons) == (40, 300)
    assert slower_than(neurons, hidden).superiority == pytest.approx(1 - found.superiority)


def test_the_interval_covers_equal_groups():
    covered = 0
    for seed in range(30):
        rng = np.random.default_rng((seed, 5))
        found = slower_than(rng.exponential(size=40), rng.exponential(size=150), seed=seed)
        covered += found.low <= 0.5 <= found.high
    # Binomial (30, .95): 25 or more with probability .997.
    assert covered >= 25


def test_groups_without_time_constants_are_refused():
    with pytest.raises(InputError, match="no hidden unit"):
        slower_than([np.nan], [1.0])
    with pytest.raises(InputError, match="no neuron"):
        slower_than([1.0], [])
