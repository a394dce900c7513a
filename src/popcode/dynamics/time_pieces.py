"""Pieces of recorded time that lie within segments, and their division into parts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.recording.segments import segment_lengths

N_PIECES = 40
GAP = 3  # bins left out between two pieces of a segment, so that they share no transient
SHORTEST = 12  # bins of a piece, where a segment is longer
STREAM = 0x713E
Piece = tuple[int, int]


def time_pieces(
    segment_starts: NDArray[np.int64], n_bins: int, *, n_pieces: int = N_PIECES, gap: int = GAP
) -> list[Piece]:
    """Cut a recording into about `n_pieces` equal pieces, none across segments.

    Every segment has one piece at least: a recording of many trials has one a trial.

    Parameters
    ----------
    segment_starts : ndarray of int, (n_segments,)
    n_bins : int
    n_pieces : int
        Wanted; fewer where pieces would be shorter than 12 bins.
    gap : int
        Bins left out at the end of a piece that another of the same segment follows.

    Returns
    -------
    list of (start, stop)
    """
    length = max(SHORTEST, n_bins // n_pieces, 1)
    cut: list[Piece] = []
    lengths = segment_lengths(segment_starts, n_bins)
    for start, n in zip(segment_starts.tolist(), lengths.tolist(), strict=True):
        edges = start + np.linspace(0, n, max(1, n // length) + 1).astype(np.int64)
        for left, right in pairwise(edges.tolist()):
            cut.append((left, right if right == start + n else right - gap))
    return cut


def train_and_test(
    cut: list[Piece], seed: int = 0, share: float = 0.25
) -> tuple[list[Piece], list[Piece]]:
    """Pieces to fit and pieces to score, at random; `share` of them score, one at least.

    Raises
    ------
    InputError
        Fewer than two pieces.
    """
    _refuse_one(cut)
    n_test = min(len(cut) - 1, max(1, round(share * len(cut))))
    order = np.random.default_rng((seed, STREAM)).permutation(len(cut))
    test = set(order[:n_test].tolist())
    return (
        [piece for k, piece in enumerate(cut) if k not in test],
        [piece for k, piece in enumerate(cut) if k in test],
    )


def alternating(cut: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Every other piece, and those between.

    Raises
    ------
    InputError
        Fewer than two pieces.
    """
    _refuse_one(cut)
    return cut[::2], cut[1::2]


def resampled(cut: list[Piece], rng: np.random.Generator) -> list[Piece]:
    """As many pieces, drawn with replacement."""
    return [cut[k] for k in np.sort(rng.integers(len(cut), size=len(cut)))]


def _refuse_one(cut: list[Piece]) -> None:
    if len(cut) < 2:
        raise InputError(
            f"the recording is too short to be divided in time ({cut[-1][-1]} bins)",
            remedy=f"Give at least {2 * SHORTEST} bins, or a method without a division of time",
        )
