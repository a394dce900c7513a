"""What the analyses of dynamics read: stretches of bins, standardised or as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.standardised import moments_of
from popcode.dynamics.streams import Stream, as_stream
from popcode.errors import InputError

Float = NDArray[np.float64]
Read = Callable[[int, int], NDArray[np.floating]]
"""(start, stop) -> activity of those bins, (stop - start, n_neurons)."""

_BLOCK_VALUES = 1 << 24


def block_rows(n_neurons: int) -> int:
    """Bins that are read at once: at most 4,096, and 16 million values but for 64 bins."""
    return min(4096, max(64, _BLOCK_VALUES // n_neurons))


class Source(NamedTuple):
    """A recording, read a stretch at a time.

    Attributes
    ----------
    read : callable
        (start, stop) -> float32 (float64 where the input is), (stop - start, n_neurons).
    n_bins, n_neurons : int
    segment_starts : ndarray of int, (n_segments,)
    bin_s : float
        Seconds a bin; nan where unknown.
    positions_um : ndarray (n_neurons, 3) or None
    """

    read: Read
    n_bins: int
    n_neurons: int
    segment_starts: NDArray[np.int64]
    bin_s: float
    positions_um: Float | None


def source_of(x: Any, *, standardise: bool = True) -> Source:
    """Read what an analysis was given.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), numpy.memmap, or path of a .npy or .h5 file
    standardise : bool
        Give z-scores (over all bins, standard deviation over n_bins), else the values themselves.

    Returns
    -------
    Source

    Raises
    ------
    InputError
        No matrix of finite numbers; neurons that never change, where z-scores are asked for.
    """
    stream = as_stream(x)
    mean, scale = _standardisation(stream) if standardise else _nothing(stream)
    precision = np.float64 if stream.read(0, 1).dtype == np.float64 else np.float32
    mean, scale = mean.astype(precision), scale.astype(precision)

    def read(start: int, stop: int) -> NDArray[np.floating]:
        values = stream.read(start, stop) - mean
        values *= scale
        return values

    return Source(
        read,
        stream.n_bins,
        stream.n_neurons,
        stream.segment_starts,
        stream.bin_s,
        stream.positions_um,
    )


def _standardisation(stream: Stream) -> tuple[NDArray, NDArray]:
    """Mean of every neuron, and one over its standard deviation."""
    moments = moments_of(stream)
    constant = ~moments.changes
    n_constant = int(constant.sum())
    if n_constant:
        raise InputError(
            f"{n_constant:,} of {stream.n_neurons:,} neurons never change and have no z-score",
            where=f"neuron {int(constant.argmax())}",
            remedy="Leave them out: recording.select(neurons=recording.activity.std(axis=0) > 0)",
        )
    return moments.mean, 1 / moments.deviation


def _nothing(stream: Stream) -> tuple[NDArray, NDArray]:
    """What leaves the values as they are, once they are known to be finite."""
    moments_of(stream)
    return np.zeros(stream.n_neurons), np.ones(stream.n_neurons)
