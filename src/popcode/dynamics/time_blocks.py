"""Blocks of time, half of them for finding components and half for measuring them."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Int = NDArray[np.int64]
_UNITS_A_BLOCK = 4


class Stretch(NamedTuple):
    """Contiguous bins start to stop, of one block and one segment."""

    start: int
    stop: int


def time_blocks(segment_starts: Int, n_bins: int, n_blocks: int) -> list[list[Stretch]]:
    """Cut a recording into blocks of equal length, each the contiguous stretches in it.

    Where there are at least two segments a block, no segment is cut.

    Parameters
    ----------
    segment_starts : ndarray of int, (n_segments,)
    n_bins, n_blocks : int

    Returns
    -------
    list of list of Stretch

    Raises
    ------
    InputError
        Fewer bins than 4 a block.
    """
    if n_bins < 4 * n_blocks:
        raise InputError(
            f"{n_bins:,} bins are too few for {n_blocks} blocks",
            remedy="Give a longer recording, or fewer blocks",
        )
    edges = np.linspace(0, n_bins, n_blocks + 1).astype(np.int64)
    if segment_starts.size >= 2 * n_blocks:
        ends = np.append(segment_starts, n_bins)
        edges = np.unique(ends[np.abs(ends - edges[:, None]).argmin(axis=1)])
    return [
        _stretches(segment_starts, int(start), int(stop))
        for start, stop in itertools.pairwise(edges)
    ]


def _stretches(segment_starts: Int, start: int, stop: int) -> list[Stretch]:
    inside = segment_starts[(segment_starts > start) & (segment_starts < stop)]
    edges = [start, *map(int, inside), stop]
    return [Stretch(*pair) for pair in itertools.pairwise(edges)]


class Pieces(NamedTuple):
    """Rows of the blocks that measure, one after the other, cut where time is not contiguous.

    Attributes
    ----------
    edges : ndarray of int, (n_pieces + 1,)
        First row of each piece, and the number of rows.
    units : ndarray of int, (n_pieces,)
        What is drawn again together.
    """

    edges: Int
    units: Int


def pieces_of(blocks: list[list[Stretch]], n_lags: int) -> Pieces:
    """Cut blocks into about 4 units each, at least twice as long as the longest lag if possible.

    Stretches that are longer than a unit are cut, shorter ones are taken together.
    """
    lengths, units, unit = [], [], 0
    for block in blocks:
        size = sum(stop - start for start, stop in block)
        longest = max(stop - start for start, stop in block)
        aim = max(-(-size // _UNITS_A_BLOCK), min(2 * n_lags, longest))
        filled = 0
        for start, stop in block:
            n_cuts = max(1, round((stop - start) / aim))
            cuts = np.diff(np.linspace(start, stop, n_cuts + 1).astype(np.int64))
            for length in cuts:
                if filled and filled + length / 2 > aim:
                    unit, filled = unit + 1, 0
                lengths.append(int(length))
                units.append(unit)
                filled += length
        unit += 1
    return Pieces(np.concatenate(([0], np.cumsum(lengths))), np.array(units))
