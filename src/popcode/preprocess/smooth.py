"""Smoothing in time that never looks across a segment."""

import math
from dataclasses import replace

import numpy as np

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.memory import refuse_beyond_memory
from popcode.recording.provenance import with_step
from popcode.recording.segments import segment_lengths
from popcode.recording.text import duration

KERNEL_SD = 4.0  # beyond, the Gaussian is below 0.04 % of its height
NEURONS_AT_ONCE = 256


def smoothed(recording: Recording, sd_s: float, causal: bool = False) -> Recording:
    """Smooth every neuron in time with a Gaussian kernel, segment by segment.

    The kernel is cut at 4 standard deviations. Near the border of a segment it is divided by
    what of it lies inside, so that a constant stays constant: ``y(t) = sum_k w(k) x(t - k) /
    sum_k w(k)``, both sums over the bins of the segment only.

    Parameters
    ----------
    recording : Recording
        Of any kind; counts and binary activity become rates in the same units (spikes a bin).
    sd_s : float
        Standard deviation of the kernel in seconds.
    causal : bool
        Use the half of the kernel that looks at the present and past bins only. The result lags
        behind by about 0.8 standard deviations.

    Returns
    -------
    Recording
        Of kind "dff" where it was dF/F, else "rate".

    Raises
    ------
    InputError
        `sd_s` that is not positive, a bin width that is unknown, not enough memory.
    """
    if not (math.isfinite(sd_s) and sd_s > 0):
        raise InputError(f"sd_s is {sd_s!r}", remedy="Give a positive number of seconds.")
    if math.isnan(recording.bin_s):
        raise InputError(
            "the bin width of the recording is unknown, so seconds mean nothing",
            remedy="State it: popcode.load(path, bin_s=...).",
        )
    longest = int(segment_lengths(recording.segment_starts, recording.n_bins).max())
    kernel = gaussian_kernel(sd_s / recording.bin_s, causal, longest)
    refuse_beyond_memory(recording.activity.size * np.dtype(np.float32).itemsize)
    return replace(
        recording,
        activity=_by_segment(recording, kernel),
        kind="dff" if recording.kind == "dff" else "rate",
        provenance=with_step(
            recording,
            "smoothed",
            sd_s=float(sd_s),
            causal=bool(causal),
            kernel_bins=int(np.count_nonzero(kernel)),
            former_kind=recording.kind,
            notes=[_note(sd_s, recording.bin_s, causal)],
        ),
    )


def gaussian_kernel(sd_bins: float, causal: bool, longest: int) -> np.ndarray:
    """Weights at -n to n bins from the present one, summing to 1; the future's are 0 if causal.

    No longer than a segment of `longest` bins can use.
    """
    reach = min(math.ceil(KERNEL_SD * sd_bins), longest - 1)
    bins = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * np.square(bins / sd_bins))
    if causal:
        weights[bins < 0] = 0
    return weights / weights.sum()


def _by_segment(recording: Recording, kernel: np.ndarray) -> np.ndarray:
    result = np.empty(recording.shape, dtype=np.float32)
    stops = np.append(recording.segment_starts[1:], recording.n_bins)
    for start, stop in zip(recording.segment_starts, stops, strict=True):
        inside = _convolved(np.ones((stop - start, 1)), kernel)
        for first in range(0, recording.n_neurons, NEURONS_AT_ONCE):
            part = (slice(start, stop), slice(first, first + NEURONS_AT_ONCE))
            values = recording.activity[part].astype(np.float64)
            result[part] = _convolved(values, kernel) / inside
    return result


def _convolved(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Convolve along time; beyond the ends there is nothing."""
    from scipy.ndimage import convolve1d  # noqa: PLC0415  (slow to import)

    return convolve1d(values, kernel, axis=0, mode="constant", cval=0.0)


def _note(sd_s: float, bin_s: float, causal: bool) -> str:
    which = "the past half of a Gaussian" if causal else "a Gaussian"
    note = f"smoothed by {which} of standard deviation {duration(sd_s)}"
    if sd_s < bin_s / 3:  # the weight of the next bin is below 1.2 %
        note += f", which does next to nothing in bins of {duration(bin_s)}"
    return note
