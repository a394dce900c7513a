"""The axis of time of a recording."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from popcode.recording import Recording
from popcode.report.figures.canvas import GREY

_MOST_LINES, _MOST_TICKS = 30, 300  # borders of segments


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


def mark_segments(axes: Axes, time: Timeline, zorder: float = 0) -> None:
    """Borders of segments as lines; where they are many, as ticks at the top; else not at all."""
    marks = time.segment_starts[1:] * time.bin_width
    if len(marks) > _MOST_TICKS:
        return
    lowest = 0.0 if len(marks) <= _MOST_LINES else 0.96
    transform = axes.get_xaxis_transform()
    axes.vlines(marks, lowest, 1, color=GREY, lw=0.5, transform=transform, zorder=zorder)
