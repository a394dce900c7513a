"""Pairs of bins: every one that may be used, and no other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popcode.dynamics.dmd.bin_pairs import first_bins, units_of_pairs
from popcode.errors import InputError


def enumerated(starts, n_bins, lag, valid):
    segment = np.searchsorted(starts, np.arange(n_bins), side="right")
    return [
        t
        for t in range(n_bins - lag)
        if segment[t] == segment[t + lag] and valid[t] and valid[t + lag]
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 40), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_pairs_are_those_of_the_definition(n_bins, lag, seed):
    rng = np.random.default_rng(seed)
    starts = np.flatnonzero(rng.random(n_bins) < 0.2)
    starts = np.unique(np.concatenate(([0], starts)))
    valid = rng.random(n_bins) < 0.8
    expected = enumerated(starts, n_bins, lag, valid)
    if not expected:
        with pytest.raises(InputError):
            first_bins(starts, n_bins, lag, valid)
    else:
        assert first_bins(starts, n_bins, lag, valid).tolist() == expected


def test_what_cannot_be_paired_is_refused():
    with pytest.raises(InputError, match="longest segment is 4 bins and the lag 5"):
        first_bins(np.arange(0, 40, 4), 40, 5)
    with pytest.raises(InputError, match="one True or False a bin"):
        first_bins(np.array([0]), 40, 5, np.ones(39, bool))
    with pytest.raises(InputError, match="one True or False a bin"):
        first_bins(np.array([0]), 40, 5, np.ones(40))
    with pytest.raises(InputError, match="no two valid bins"):
        first_bins(np.array([0]), 40, 5, np.arange(40) < 5)


def test_stretches_are_whole_segments_where_there_are_enough():
    starts = np.arange(0, 300, 10)
    pairs = first_bins(starts, 300, 2)
    units = units_of_pairs(pairs, starts, 7)
    assert np.unique(units).tolist() == list(range(7))
    assert (np.diff(units) >= 0).all()
    for segment in range(30):
        assert np.unique(units[pairs // 10 == segment]).size == 1


def test_stretches_are_equal_shares_of_one_long_segment():
    pairs = first_bins(np.array([0]), 1003, 3)
    counts = np.bincount(units_of_pairs(pairs, np.array([0]), 20))
    assert counts.tolist() == [50] * 20
