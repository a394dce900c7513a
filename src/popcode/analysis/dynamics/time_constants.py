"""How long hidden units and neurons stay active, and how long from one onset to the next.

van der Plas et al. 2023 (eLife 12:e83139), Methods, "Time constant calculation": a unit becomes
active when it passes an upper threshold and inactive when it passes a lower one. The first and
the last interval of every stretch are cut short by it and dropped.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.dynamics.intervals import median_intervals
from popcode.analysis.dynamics.levels import TwoLevels
from popcode.analysis.dynamics.segments import checked_starts
from popcode.errors import InputError

Float = NDArray[np.float64]
MARGIN = 0.4
_AT_ONCE = 256


class TimeConstants(NamedTuple):
    """Medians over the complete intervals of each trace, (n_traces,) each.

    Attributes
    ----------
    active, inactive : ndarray
        Median duration of an interval; nan where there is none.
    period : ndarray
        Median of an inactive interval and the active one that follows it.
    n_periods : ndarray of int
    complete_share : ndarray
        Of all bins, those in complete intervals. Where it is small, long intervals were mostly
        cut by the ends of stretches and dropped, and the medians are too short.
    unit : str
        "s", or "bins" where the bin width is unknown.
    """

    active: Float
    inactive: Float
    period: Float
    n_periods: NDArray[np.int64]
    complete_share: Float
    unit: str


def hidden_time_constants(
    traces: NDArray[np.floating],
    levels: TwoLevels,
    segment_starts: NDArray[np.int64],
    *,
    bin_s: float = float("nan"),
    margin: float = MARGIN,
) -> TimeConstants:
    """Time constants of hidden units, with hysteresis around the transition point.

    Active from high - margin (high - low), inactive from low + margin (high - low), as before in
    between: noise around one threshold would break intervals up.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_hidden)
        E[h|v] of every bin.
    levels : TwoLevels
        Of the same traces.
    segment_starts : ndarray of int, (n_segments,)
        First bin of every contiguous stretch.
    bin_s : float
        Seconds a bin; nan where unknown.
    margin : float
        Up to 0.5, which is one threshold; the article's is 0.4.

    Returns
    -------
    TimeConstants
        Of a unit that does not vary all nan.

    Raises
    ------
    InputError
        A margin out of range, levels of other units, segments that do not increase from 0.
    """
    if not 0 <= margin <= 0.5:
        raise InputError(f"margin is {margin!r}", remedy="It must be between 0 and 0.5")
    if np.shape(levels.low) != (np.shape(traces)[1],):
        raise InputError(
            f"levels of {np.size(levels.low)} units and {np.shape(traces)[1]} traces",
            remedy="Fit the levels of the same traces",
        )
    span = levels.high - levels.low
    return time_constants(
        traces, levels.low + margin * span, levels.high - margin * span, segment_starts, bin_s=bin_s
    )


def neuron_time_constants(
    activity: NDArray, segment_starts: NDArray[np.int64], *, bin_s: float = float("nan")
) -> TimeConstants:
    """Time constants of neurons: active is any activity, the threshold is 0.5.

    Parameters
    ----------
    activity : ndarray, (n_bins, n_neurons)
        Zeros and ones, or counts.
    segment_starts, bin_s
        As `hidden_time_constants`.

    Returns
    -------
    TimeConstants

    Raises
    ------
    InputError
        Segments that do not increase from 0.
    """
    half = np.full(np.shape(activity)[1], 0.5)
    return time_constants(activity, half, half, segment_starts, bin_s=bin_s)


def time_constants(
    traces: NDArray,
    below: Float,
    above: Float,
    segment_starts: NDArray[np.int64],
    *,
    bin_s: float = float("nan"),
) -> TimeConstants:
    """Time constants by two thresholds a trace: inactive under `below`, active over `above`.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_traces)
    below, above : ndarray, (n_traces,)
    segment_starts, bin_s
        As `hidden_time_constants`.

    Returns
    -------
    TimeConstants

    Raises
    ------
    InputError
        Segments that do not increase from 0.
    """
    edges = checked_starts(segment_starts, len(traces))
    scale, unit = (bin_s, "s") if np.isfinite(bin_s) else (1.0, "bins")
    rows = [
        median_intervals(trace, float(below[start + k]), float(above[start + k]), edges)
        for start in range(0, traces.shape[1], _AT_ONCE)
        # A trace that lies together in memory is read much faster.
        for k, trace in enumerate(np.ascontiguousarray(traces[:, start : start + _AT_ONCE].T))
    ]
    active, inactive, period, counts, covered = np.array(rows, np.float64).reshape(-1, 5).T
    return TimeConstants(
        active * scale, inactive * scale, period * scale, counts.astype(np.int64),
        covered / len(traces), unit,
    )  # fmt: skip
