"""What an experiment sees of activity: spikes, and the fluorescence of a calcium indicator."""

from __future__ import annotations

from dataclasses import replace
from numbers import Real

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.kinds import MAX_COUNT, row_blocks
from popcode.recording.provenance import with_step

GAINS = {"low": 0.7, "medium": 0.5, "high": 0.3}  # of spikes, by the noise they leave
PHOTONS = {"low": 0.5, "medium": 0.2, "high": 0.08}  # of fluorescence, likewise
_SPIKE_STREAM, _PHOTON_STREAM = 78, 79
_BASELINE = 400.0
_DIMMEST = 0.001


def observe_spikes(recording: Recording, gain: float = GAINS["medium"], seed: int = 0) -> Recording:
    """Poisson spike counts of rate gain max(0, z), z the activity of a neuron over its deviation.

    Parameters
    ----------
    recording : Recording
        Real activity, such as that of `LinearNetwork.sample`.
    gain : float
        Spikes a bin at one standard deviation: 0.7, 0.5 and 0.3 for low, medium and high noise.
    seed : int

    Returns
    -------
    Recording
        Of counts.

    Raises
    ------
    InputError
        A gain that is not above 0 or brings more than 255 spikes a bin, neurons without variance.

    References
    ----------
    Pachitariu et al., Nature 655, 990-996 (2026), estimators under noise.
    """
    _check_above_zero("gain", gain)
    activity = recording.activity
    mean = activity.mean(axis=0, dtype=np.float64)
    deviation = activity.std(axis=0, dtype=np.float64)
    _refuse_constant(deviation)
    rng = np.random.default_rng((seed, _SPIKE_STREAM))
    counts = np.empty(activity.shape, np.uint8)
    for rows in row_blocks(*activity.shape):
        drawn = rng.poisson(gain * np.maximum((activity[rows] - mean) / deviation, 0))
        if drawn.max() > MAX_COUNT:
            raise InputError(f"a bin has {drawn.max()} spikes", remedy="Give a lower gain")
        counts[rows] = drawn
    step = with_step(recording, "observed spikes", gain=float(gain), seed=int(seed))
    return replace(recording, activity=counts, kind="counts", provenance=step)


def observe_calcium(
    recording: Recording, photons: float = PHOTONS["medium"], decay_s: float = 0.25, seed: int = 0
) -> Recording:
    """Fluorescence dF/F of spike counts: exponential decay, and shot noise of each cell.

    A spike adds dF/F of area one bin, decaying with `decay_s`; nothing is carried across segments.
    A cell catches 400 s photons a bin at rest, s = 0.001 + an exponential variable of mean
    `photons`, and their number is Poisson.

    Parameters
    ----------
    recording : Recording
        Of counts, with a bin width.
    photons : float
        0.5, 0.2 and 0.08 for low, medium and high noise.
    decay_s : float
    seed : int

    Returns
    -------
    Recording
        Of dF/F; `resting_photons` of its neurons is the number a bin at rest.

    Raises
    ------
    InputError
        Activity below 0, an unknown bin width, photons or a decay that are not above 0.

    References
    ----------
    Pachitariu et al., Nature 655, 990-996 (2026), estimators under noise.
    """
    _check_above_zero("photons", photons)
    _check_above_zero("decay_s", decay_s)
    if not recording.bin_s > 0:
        raise InputError("the bin width is unknown", remedy="Give the recording its bin_s")
    if recording.activity.min() < 0:
        raise InputError("activity is below 0", remedy="Give spike counts (observe_spikes)")
    rng = np.random.default_rng((seed, _PHOTON_STREAM))
    resting = _BASELINE * (_DIMMEST + rng.exponential(photons, recording.n_neurons))
    traces = _decaying(recording, float(np.exp(-recording.bin_s / decay_s)))
    for rows in row_blocks(*traces.shape):
        traces[rows] = rng.poisson(resting * (1 + traces[rows].astype(np.float64))) / resting - 1
    step = with_step(
        recording, "observed calcium", photons=float(photons), decay_s=decay_s, seed=int(seed)
    )
    neurons = recording.neurons.assign(resting_photons=resting)
    return replace(recording, activity=traces, kind="dff", neurons=neurons, provenance=step)


def _decaying(recording: Recording, kept: float) -> NDArray[np.float32]:
    """Counts under a kernel (1 - kept) kept^k of sum one, within every segment."""
    traces = np.empty(recording.shape, np.float32)
    stops = np.append(recording.segment_starts[1:], recording.n_bins)
    for start, stop in zip(recording.segment_starts, stops, strict=True):
        counts = recording.activity[start:stop].astype(np.float32)
        traces[start:stop] = lfilter([1 - kept], [1, -kept], counts, axis=0)
    return traces


def _check_above_zero(name: str, value: object) -> None:
    if not isinstance(value, Real) or not 0 < float(value) < np.inf:
        raise InputError(f"{name} is {value!r}", remedy="Give a number above 0")


def _refuse_constant(deviation: NDArray[np.float64]) -> None:
    constant = np.flatnonzero(deviation == 0)
    if constant.size:
        raise InputError(
            f"{constant.size} neurons have no variance",
            where=f"neuron {constant[0]}",
            remedy="Leave them out",
        )
