"""The two levels of a signal: exact, whatever its order, scale and sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popcode.metrics.wells import two_wells


def within(groups):
    return sum(((group - group.mean()) ** 2).sum() for group in groups)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=12).filter(lambda v: len(set(v)) > 1))
def test_no_other_cut_has_a_smaller_squared_distance(values):
    ordered = np.sort(np.array(values, float))
    found = two_wells(np.array(values))
    best = min(within((ordered[:k], ordered[k:])) for k in range(1, len(ordered)))
    assert found.n_low + found.n_high == len(values)
    ours = within((ordered[: found.n_low], ordered[found.n_low :]))
    assert ours == pytest.approx(best, abs=1e-9)  # sums of squares below 1e5 in float64
    assert (found.low, found.high) == (
        ordered[: found.n_low].mean(),
        ordered[found.n_low :].mean(),
    )


def test_turning_a_signal_turns_its_wells():
    values = np.array([1.0] * 7 + [3.0] * 2)
    assert two_wells(values) == (1.0, 3.0, 7, 2)
    assert two_wells(-values) == (-3.0, -1.0, 2, 7)


def test_signals_without_two_levels():
    assert two_wells(np.full(5, 3.0)) == (3.0, 3.0, 5, 0)
    assert np.isnan(two_wells(np.array([0.0, np.nan])).low)
    assert np.isnan(two_wells(np.zeros(0)).low)
