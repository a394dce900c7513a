"""What no calcium does: artefacts, values cut at a threshold, traces upside down."""

import math

from numba import njit

# The largest transients of 56 neurons of the spikefinder challenge reach 5 to 81 times the noise:
# height alone tells nothing. None of their 247,611 frames falls as an artefact does.
ARTEFACT_NOISE = 50.0  # standard deviations of the noise
ARTEFACT_WIDTHS = 30.0  # of the interval that holds half of the values: how sure the baseline is
ARTEFACT_LEFT = 0.1  # of a frame in the next; a decay of half a frame, the shortest, leaves 0.135
CUT_SHARE = 0.25  # of the frames that hold one and the same value
# The 56 neurons have -0.04 to 4.8; upside down, 50 of them are seen to be so.
_LEAST_SKEWNESS = -0.5
_SKEWNESS_ERRORS = 5.0  # of white noise: short traces have any skewness


@njit(nogil=True, cache=True, error_model="numpy")
def interpolate_artefacts(trace, starts, baseline, limit):
    """Replace what leaps beyond the limit and back within a frame, and count the frames.

    Calcium falls no faster than its decay: a value above the limit with less than a tenth of it
    left in the next frame is none, whatever its height. So is one as far below the baseline that
    comes back as fast, or that stays there until the end. Slower transients of any height stay.

    Parameters
    ----------
    trace : ndarray of float64, (n_bins,)
        Changed in place, to straight lines between the frames beside an artefact.
    starts : ndarray of int64, (n_segments + 1,)
        First bins of the segments, then n_bins.
    baseline, limit : float
        The limit is a distance from the baseline; nothing is beyond one of 0.
    """
    n_found = 0
    if limit <= 0.0:
        return n_found
    for s in range(starts.size - 1):
        low, right = starts[s], starts[s + 1]
        after = _after_the_end(trace[low:right], baseline, limit)
        for t in range(right - 1, low - 1, -1):
            value = trace[t] - baseline
            left = after / value if value != 0.0 else 1.0
            if abs(value) > limit and left < ARTEFACT_LEFT:
                n_found += 1
                continue
            _bridge(trace, t, right, low, starts[s + 1], baseline)
            right, after = t, value
        _bridge(trace, low - 1, right, low, starts[s + 1], baseline)
    return n_found


@njit(nogil=True, cache=True, error_model="numpy")
def _after_the_end(segment, baseline, limit):
    """What to take for the frame after a segment, relative to the baseline.

    How the last frame falls is not known: one that leaps up, or a run of them that leaps down or
    fills the segment, is taken to come back.
    """
    t = segment.size - 1
    last = segment[t] - baseline
    while last < 0.0 and t > 0 and segment[t - 1] - baseline < -limit:
        t -= 1
    if abs(last) <= limit:
        return last
    if t == 0:
        return max(last, 0.0)
    return 0.0 if (segment[t - 1] - baseline) / (segment[t] - baseline) < ARTEFACT_LEFT else last


@njit(nogil=True, cache=True, error_model="numpy")
def _bridge(trace, left, right, low, high, baseline):
    """Straight line strictly between two frames; level where one is outside [low, high)."""
    if right - left < 2:
        return
    start = trace[left] if left >= low else (trace[right] if right < high else baseline)
    end = trace[right] if right < high else start
    for t in range(left + 1, right):
        trace[t] = start + (end - start) * (t - left) / (right - left)


@njit(nogil=True, cache=True, error_model="numpy")
def most_held(ordered):
    """Value that most frames hold, and the share of the frames that do.

    Parameters
    ----------
    ordered : ndarray of float64, (n_bins,)
        The trace, sorted.
    """
    longest, value, length = 0, ordered[0], 0
    for t in range(ordered.size):
        length = length + 1 if t > 0 and ordered[t] == ordered[t - 1] else 1
        if length > longest:
            longest, value = length, ordered[t]
    return value, longest / ordered.size


@njit(nogil=True, cache=True, error_model="numpy")
def looks_inverted(trace):
    """Whether the long tail of the values is on the negative side.

    Parameters
    ----------
    trace : ndarray of float64, (n_bins,)
    """
    n, mean = trace.size, trace.mean()
    square, cube = 0.0, 0.0
    for t in range(n):
        deviation = trace[t] - mean
        square += deviation**2 / n
        cube += deviation**3 / n
    if square <= 0.0:
        return False
    bound = min(_LEAST_SKEWNESS, -_SKEWNESS_ERRORS * math.sqrt(6.0 / n))
    return cube < bound * square**1.5
