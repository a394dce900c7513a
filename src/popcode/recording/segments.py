"""Contiguous stretches of a recording, as pure functions on their first bins."""

import numpy as np


def segment_lengths(segment_starts: np.ndarray, n_bins: int) -> np.ndarray:
    """Bins of every segment, (n_segments,)."""
    return np.diff(segment_starts, append=n_bins)


def segment_of_bins(segment_starts: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """Segment that each of `bins` lies in."""
    return np.searchsorted(segment_starts, bins, side="right") - 1


def bins_of_segments(segment_starts: np.ndarray, n_bins: int, segments: np.ndarray) -> np.ndarray:
    """Bins of the given segments, one segment after the other."""
    stops = np.append(segment_starts[1:], n_bins)
    return np.concatenate([np.arange(segment_starts[k], stops[k]) for k in segments])


def starts_after_selection(segment_starts: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """First rows of the contiguous stretches left when `bins` are kept, in this order.

    A stretch ends where the next kept bin is not the next recorded bin, or where a recorded
    segment ends.
    """
    follows = np.diff(bins) == 1
    same_segment = np.diff(segment_of_bins(segment_starts, bins)) == 0
    return np.flatnonzero(np.concatenate(([True], ~(follows & same_segment))))


def start_times_after_selection(
    segment_starts: np.ndarray,
    segment_start_s: np.ndarray,
    bin_s: float,
    first_bins: np.ndarray,
) -> np.ndarray:
    """Absolute time in seconds of each of `first_bins`, (n_new_segments,).

    Where `bin_s` is unknown (nan), a stretch that starts inside a segment has no known time: nan.
    """
    segment = segment_of_bins(segment_starts, first_bins)
    offset = first_bins - segment_starts[segment]
    return segment_start_s[segment] + np.where(offset == 0, 0.0, offset * bin_s)
