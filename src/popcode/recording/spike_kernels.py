"""Compiled loops over blocks of spikes."""

import numpy as np
from numba import njit

from popcode.recording.kinds import MAX_COUNT


@njit(nogil=True, cache=True, error_model="numpy")
def survey_block(times, units, cell_s, previous, n_backwards, cells, earliest, latest):
    """Look at one block of spikes in the order given.

    Parameters
    ----------
    times : ndarray of float64, (n,)
    units : ndarray of int64, (n,)
    cell_s : float
        Time is cut into cells of this width; runs of spikes in one cell are joined.
    previous : ndarray of float64, (n_units,)
        Time of the last spike seen of each unit; updated.
    n_backwards : ndarray of int64, (n_units,)
        Spikes earlier than the one before them, of the same unit; updated.
    cells, earliest, latest : ndarray of float64, (n,)
        Overwritten: cell, first and last time of every run.

    Returns
    -------
    n_runs, n_negative, n_whole : int
        Runs written, spikes before 0, and spikes at whole numbers.
    bad : int
        Index of the first spike whose time is not finite or whose unit is out of range, or -1.
    """
    n_runs, n_negative, n_whole = 0, 0, 0
    low, high = np.inf, -np.inf  # the bounds of the present cell
    for i in range(times.size):
        time, unit = times[i], units[i]
        if not np.isfinite(time) or unit >= previous.size:
            return n_runs, n_negative, n_whole, i
        n_negative += time < 0
        n_whole += time == np.rint(time)
        if unit >= 0:
            n_backwards[unit] += time < previous[unit]
            previous[unit] = time
        if low <= time < high:
            earliest[n_runs - 1] = min(earliest[n_runs - 1], time)
            latest[n_runs - 1] = max(latest[n_runs - 1], time)
            continue
        cells[n_runs] = np.floor(time / cell_s)
        low, high = cells[n_runs] * cell_s, (cells[n_runs] + 1) * cell_s
        earliest[n_runs], latest[n_runs] = time, time
        n_runs += 1
    return n_runs, n_negative, n_whole, -1


@njit(nogil=True, cache=True, error_model="numpy")
def add_spikes(times, units, bin_s, starts, edges, n_bins, first_bins, counts, overflow):
    """Count the spikes of one block.

    Parameters
    ----------
    times : ndarray of float64, (n,)
    units : ndarray of int64, (n,)
        Spikes of negative units are passed over.
    bin_s : float
    starts, edges : ndarray of float64, (n_segments,)
        Starts increase, segments do not overlap. A time within the share `edges` of a bin below
        the edge of a bin is on it.
    n_bins, first_bins : ndarray of int64, (n_segments,)
        Bins of every segment, and the row of its first.
    counts : ndarray of uint8, (n_rows, n_units)
        Updated; an entry stays at 255.
    overflow : ndarray of int64, (n,)
        Overwritten: the flat entry of every spike that found it at 255.

    Returns
    -------
    n_outside, n_over : int
        Spikes in no segment, and entries written to `overflow`.
    """
    n_outside, n_over, segment = 0, 0, 0
    n_units = counts.shape[1]
    for i in range(times.size):
        unit = units[i]
        if unit < 0:
            continue
        position = (times[i] - starts[segment]) / bin_s + edges[segment]
        if not 0.0 <= position < n_bins[segment]:
            segment = np.searchsorted(starts, times[i], side="right") - 1
            following = segment + 1
            if segment < 0 or (
                following < starts.size
                and (times[i] - starts[following]) / bin_s + edges[following] >= 0.0
            ):
                segment = following
            position = (times[i] - starts[segment]) / bin_s + edges[segment]
            if not 0.0 <= position < n_bins[segment]:
                n_outside += 1
                continue
        row = first_bins[segment] + int(position)
        if counts[row, unit] < MAX_COUNT:
            counts[row, unit] += 1
        else:
            overflow[n_over] = row * n_units + unit
            n_over += 1
    return n_outside, n_over
