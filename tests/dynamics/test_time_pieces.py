"""Pieces of time: within segments, apart, and every one used once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popcode.dynamics.time_pieces import (
    alternating,
    resampled,
    time_pieces,
    train_and_test,
)
from popcode.errors import InputError


@settings(max_examples=50, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 400), min_size=1, max_size=8),
    n_pieces=st.integers(1, 60),
    gap=st.integers(0, 3),
)
def test_no_piece_straddles_a_segment_or_overlaps_another(lengths, n_pieces, gap):
    edges = np.concatenate([[0], np.cumsum(lengths)])
    cut = time_pieces(edges[:-1], int(edges[-1]), n_pieces=n_pieces, gap=gap)
    segment = np.searchsorted(edges, [start for start, _ in cut], side="right")
    last = np.searchsorted(edges, [stop - 1 for _, stop in cut], side="right")
    assert np.array_equal(segment, last)
    assert all(stop > start for start, stop in cut)
    for k in range(1, len(cut)):
        between = cut[k][0] - cut[k - 1][1]
        assert between == (gap if segment[k] == segment[k - 1] else 0)
    assert set(segment.tolist()) == set(range(1, len(lengths) + 1))


def test_a_long_recording_has_forty_pieces():
    assert len(time_pieces(np.array([0]), 40_000)) == 40
    assert len(time_pieces(np.arange(0, 4000, 40), 4000)) == 100  # trials: one each


def test_divisions_are_whole_and_apart():
    cut = time_pieces(np.array([0]), 4000)
    train, test = train_and_test(cut, seed=1)
    assert sorted(train + test) == cut
    assert len(test) == 10
    assert train_and_test(cut, seed=1) == (train, test)
    assert train_and_test(cut, seed=2) != (train, test)
    first, second = alternating(cut)
    assert sorted(first + second) == cut
    assert abs(len(first) - len(second)) <= 1


def test_resampling_draws_with_replacement():
    cut = time_pieces(np.array([0]), 4000)
    drawn = resampled(cut, np.random.default_rng(0))
    assert len(drawn) == len(cut)
    assert set(drawn) < set(cut)


@pytest.mark.parametrize("divide", [train_and_test, alternating])
def test_too_short_to_divide(divide):
    with pytest.raises(InputError, match="too short"):
        divide(time_pieces(np.array([0]), 15))
