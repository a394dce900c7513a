"""The axis of time of a recording."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.recording import Recording


class Timeline(NamedTuple):
    """How bins become places on an axis.

    Attributes
    ----------
    bin_width : float
        Width of a bin in the unit of the label.
    label : str
    segment_starts : ndarray of int
        First bin of every contiguous stretch.
    """

    bin_width: float
    label: str
    segment_starts: NDArray[np.int64]


def timeline_of(recording: Recording) -> Timeline:
    """Seconds; bins where their width is unknown. Gaps between segments are left out.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    Timeline
    """
    starts = np.asarray(recording.segment_starts)
    if math.isnan(recording.bin_s):
        return Timeline(1.0, "time bin (width unknown)", starts)
    return Timeline(recording.bin_s, "recorded time (s)", starts)
