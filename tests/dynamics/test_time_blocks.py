"""Blocks and pieces cover every bin once and cross nothing."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popcode.dynamics.time_blocks import pieces_of, time_blocks
from popcode.errors import InputError


@settings(max_examples=60, deadline=None)
@given(st.integers(40, 500), st.integers(2, 10), st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_blocks_tile_the_recording_and_stretches_stay_in_segments(n_bins, n_blocks, n_cuts, seed):
    cuts = np.random.default_rng(seed).integers(1, n_bins, size=n_cuts)
    starts = np.unique(np.concatenate(([0], cuts)))
    blocks = time_blocks(starts, n_bins, n_blocks)
    stretches = [stretch for block in blocks for stretch in block]
    assert stretches[0].start == 0 and stretches[-1].stop == n_bins
    assert all(a.stop == b.start for a, b in pairwise(stretches))
    assert set(starts.tolist()) <= {stretch.start for stretch in stretches}
    cut = pieces_of(blocks, 10)
    lengths = np.diff(cut.edges)
    assert lengths.min() > 0 and lengths.sum() == n_bins
    assert (np.diff(cut.units) >= 0).all() and (np.diff(cut.units) <= 1).all()
    ends = np.cumsum([stretch.stop - stretch.start for stretch in stretches])
    assert set(ends.tolist()) <= set(cut.edges.tolist())


def test_trials_stay_whole():
    starts = np.arange(0, 4560, 40)
    blocks = time_blocks(starts, 4560, 10)
    assert len(blocks) == 10
    assert all(stop - start == 40 for block in blocks for start, stop in block)
    units = pieces_of(blocks, 39).units
    assert 30 <= np.unique(units).size <= 50  # about four a block


def test_units_are_long_where_there_is_room():
    blocks = time_blocks(np.array([0]), 20_000, 10)
    cut = pieces_of(blocks, 100)
    assert np.bincount(cut.units, np.diff(cut.edges)).tolist() == [500] * 40
    cut = pieces_of(time_blocks(np.array([0]), 4000, 10), 100)
    assert np.bincount(cut.units, np.diff(cut.edges)).tolist() == [200] * 20


def test_too_few_bins_are_refused():
    with pytest.raises(InputError, match="39 bins are too few for 10 blocks"):
        time_blocks(np.array([0]), 39, 10)
