"""Zeros and ones from real-valued traces."""

from dataclasses import dataclass, replace

import numpy as np

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.kinds import INTEGER_KINDS


@dataclass(frozen=True)
class TraceNoise:
    """Baseline and standard deviation of the noise of every trace; each is (n_neurons,)."""

    baseline: np.ndarray
    noise_sd: np.ndarray


def binarize_traces(recording: Recording, n_sd: float = 2.0) -> Recording:
    """Mark the bins in which a neuron is active, with a threshold found for each neuron.

    Deconvolved events are active where above 0. Rates and dF/F are active where above the
    baseline by `n_sd` standard deviations of the noise, both estimated neuron by neuron
    (`trace_noise`). Binary activity and counts are as `Recording.binarized`. A decaying calcium
    transient stays active for as long as it is above the threshold: deconvolve first where the
    times of spikes matter.

    Parameters
    ----------
    recording : Recording
    n_sd : float
        Height of the threshold above the baseline, in standard deviations of the noise.

    Returns
    -------
    Recording
        Of kind "binary"; the provenance holds the rule and the range of the thresholds.

    Raises
    ------
    InputError
        `n_sd` that is negative or not finite.
    """
    if not (np.isfinite(n_sd) and n_sd >= 0):
        raise InputError(f"n_sd is {n_sd!r}; expected a number from 0", remedy="The usual is 2.")
    if recording.kind in INTEGER_KINDS:
        return recording.binarized()
    if recording.kind == "events":
        return _with_rule(recording.binarized(0.0), "event amplitude above 0")
    noise = trace_noise(recording.activity)
    return _with_rule(
        recording.binarized(noise.baseline + n_sd * noise.noise_sd),
        f"above the baseline by {n_sd:g} standard deviations of the noise of the neuron",
    )


def trace_noise(traces: np.ndarray) -> TraceNoise:
    """Estimate baseline and noise of traces (n_bins, n_neurons), robust to activity.

    The baseline is the middle of the shortest interval that holds half of the values: unlike
    mean and median, it stays put when transients pull the upper tail. The noise is that of the
    values below the baseline, which activity does not reach, mirrored at it.
    """
    n_neurons = traces.shape[1]
    baseline, noise_sd = np.empty(n_neurons), np.empty(n_neurons)
    for start in range(0, n_neurons, 256):
        columns = slice(start, start + 256)
        block = np.sort(traces[:, columns].astype(np.float64), axis=0)
        baseline[columns] = _middle_of_shortest_half(block)
        below = np.minimum(block - baseline[columns], 0.0)
        n_below = np.maximum(1, np.count_nonzero(below, axis=0))
        noise_sd[columns] = np.sqrt(np.sum(below**2, axis=0) / n_below)
    return TraceNoise(baseline, noise_sd)


def _middle_of_shortest_half(ordered: np.ndarray) -> np.ndarray:
    """Middle of the shortest interval with half of each column, ordered (n_bins, n_neurons)."""
    n_half = len(ordered) // 2
    widths = ordered[n_half:] - ordered[: len(ordered) - n_half]
    low = widths.argmin(axis=0)
    columns = np.arange(ordered.shape[1])
    return (ordered[low, columns] + ordered[low + n_half, columns]) / 2


def _with_rule(recording: Recording, rule: str) -> Recording:
    """Say in the last step of the provenance what the thresholds mean."""
    *earlier, last = recording.provenance
    return replace(recording, provenance=(*earlier, {**last, "rule": rule}))
