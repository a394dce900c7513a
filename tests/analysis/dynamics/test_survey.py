"""The survey of traces finds planted switching, says nothing of noise, and copes with nothing."""

import numpy as np
import pytest

from popcode.analysis.dynamics import fit_two_levels, hidden_time_constants, survey_dynamics

STARTS = np.array([0, 300, 1000])


@pytest.fixture(scope="module")
def planted():
    """Two switching traces that are one, a slow Gaussian one, and neurons that flicker."""
    rng = np.random.default_rng(0)
    states = (np.cumsum(rng.random(2000) < 0.04) % 2)[:, None] * np.ones(2)
    slow = np.convolve(rng.normal(size=2040), np.exp(-np.arange(41) / 8), "valid")
    traces = np.c_[3 * states + 0.4 * rng.normal(size=(2000, 2)), slow / slow.std()]
    neurons = (rng.random((2000, 30)) < 0.2).astype(np.uint8)
    return traces, neurons, survey_dynamics(traces, neurons, STARTS, bin_s=0.5)


def test_switching_units_are_bimodal_and_slow(planted):
    traces, _, found = planted
    assert found.bimodal.tolist() == [True, True, False]
    wanted = hidden_time_constants(traces, fit_two_levels(traces), STARTS, bin_s=0.5)
    np.testing.assert_array_equal(found.hidden.period, wanted.period)
    assert found.hidden.unit == "s"
    assert found.slower.low > 0.5
    order = found.order.order.tolist()
    assert abs(order.index(0) - order.index(1)) == 1
    assert found.components.n_beyond_chance >= 1


def test_traces_that_do_not_vary_leave_nothing_to_tell(planted):
    _, neurons, _ = planted
    found = survey_dynamics(np.ones((2000, 2)), neurons, STARTS)
    assert (found.slower, found.components) == (None, None)
    assert found.bimodal.tolist() == [False, False]
    none = survey_dynamics(np.ones((2000, 0)), neurons, STARTS)
    assert none.bimodal.shape == (0,)
