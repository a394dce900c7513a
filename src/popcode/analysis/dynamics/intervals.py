"""Complete intervals of traces that switch between two states."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def complete_intervals(trace, below, above, edges):
    """Intervals that both begin and end in a segment.

    Parameters
    ----------
    trace : ndarray, (n_bins,)
    below, above : float
        Inactive under the one, active over the other, unchanged in between.
    edges : ndarray of int64, (n_segments + 1,)
        First bin of every segment, and `n_bins`.

    Returns
    -------
    lengths : ndarray of int64, (n_intervals,)
        In bins, one after the other.
    active : ndarray of bool, (n_intervals,)
    follows : ndarray of bool, (n_intervals,)
        Whether the interval before it is of the same segment, and so of the other state.
    """
    lengths = np.empty(trace.size, np.int64)
    active = np.empty(trace.size, np.bool_)
    follows = np.empty(trace.size, np.bool_)
    n = 0
    for segment in range(edges.size - 1):
        state, since, first = 0, -1, True
        for t in range(edges[segment], edges[segment + 1]):
            new = 1 if trace[t] > above else -1 if trace[t] < below else state
            if new == state:
                continue
            if since >= 0:
                lengths[n], active[n], follows[n] = t - since, state > 0, not first
                n, first = n + 1, False
            # What comes before the first change is cut short by the start of the segment.
            since = t if state != 0 else -1
            state = new
    return lengths[:n], active[:n], follows[:n]


@njit(nogil=True, cache=True, error_model="numpy")
def median_intervals(trace, below, above, edges):
    """Medians of the complete intervals of a trace.

    Parameters
    ----------
    trace, below, above, edges
        As `complete_intervals`.

    Returns
    -------
    active, inactive, period : float
        In bins; nan where there is none. A period is an inactive interval and the active one
        that follows it.
    n_periods, n_bins : int
        Periods, and bins in complete intervals.
    """
    lengths, active, follows = complete_intervals(trace, below, above, edges)
    onsets = np.flatnonzero(active & follows)
    periods = lengths[onsets - 1] + lengths[onsets]
    return (
        _median(lengths[active]),
        _median(lengths[~active]),
        _median(periods),
        periods.size,
        lengths.sum(),
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _median(lengths):
    return np.median(lengths) if lengths.size else np.nan
