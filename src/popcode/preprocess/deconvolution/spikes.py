"""Amplitudes and times of spikes from calcium fluorescence, neuron by neuron."""

import warnings
from typing import Any, NamedTuple

import numpy as np

from popcode.errors import InputError, PopcodeWarning
from popcode.preprocess.deconvolution.blocks import (
    Found,
    Given,
    deconvolve_pieces,
    shared_kernel,
)
from popcode.preprocess.deconvolution.fault_notes import doubts
from popcode.preprocess.deconvolution.kernel import Kernel
from popcode.progress import progress
from popcode.recording import Recording
from popcode.recording.kinds import as_activity
from popcode.recording.memory import refuse_beyond_memory
from popcode.threads import Team

SHORTEST_TRACE = 8  # frames: the lags that the kernel is found from
_BYTES_A_VALUE = 5  # float32 amplitudes and uint8 binary


class Deconvolution(NamedTuple):
    """What `deconvolve` finds.

    Attributes
    ----------
    amplitudes : ndarray of float32, (n_bins, n_neurons)
        In the units of the traces: the height of the transient that the spikes of a bin cause.
        Exact zeros elsewhere, and in the first bin of a segment.
    binary : ndarray of uint8, (n_bins, n_neurons)
        1 where the amplitude is above the threshold of the neuron.
    kernel : Kernel
        `rise_s` and `decay_s` in seconds, each (n_neurons,).
    noise, threshold, baseline, lambda_ : ndarray of float64, (n_neurons,)
        Standard deviation of the noise, threshold of an amplitude, baseline (all in the units of
        the traces), and the price of a unit of amplitude.
    explained : ndarray of float64, (n_neurons,)
        Share of the variance of the trace that its spikes explain.
    n_artefacts : ndarray of int64, (n_neurons,)
        Frames that leap more than 50 times the noise away from the baseline and back within a
        frame, as no calcium does. They are interpolated first.
    cut : ndarray of bool, (n_neurons,)
        Traces that hold one value in a quarter of their frames or more, as those cut at a
        threshold do: their noise is that of the other frames, a guess.
    inverted : ndarray of bool, (n_neurons,)
        Traces with a long tail on the negative side, whose events are not spikes.
    constant : ndarray of bool, (n_neurons,)
        Traces without any change, which have no events.
    """

    amplitudes: np.ndarray
    binary: np.ndarray
    kernel: Kernel
    noise: np.ndarray
    threshold: np.ndarray
    baseline: np.ndarray
    lambda_: np.ndarray
    explained: np.ndarray
    n_artefacts: np.ndarray
    cut: np.ndarray
    inverted: np.ndarray
    constant: np.ndarray


def deconvolve(
    traces: Any,
    bin_s: float | None = None,
    rise_s: float | None = None,
    decay_s: float | None = None,
    *,
    kernel: str = "shared",
    n_threads: int | None = None,
    silent: bool = True,
) -> Deconvolution:
    """Find spikes in calcium fluorescence by blind sparse deconvolution.

    Every trace is a constant baseline, the response of the indicator to spikes of any amplitude
    and white noise; sparse amplitudes are found exactly (`...deconvolution.solver`), in turn with
    the baseline, their price and whatever of the kernel is not given (`...deconvolution.estimate`).

    Parameters
    ----------
    traces : Recording or array-like (n_bins, n_neurons)
        dF/F, or any fluorescence whose baseline does not drift (`popcode.preprocess.dff`).
        Segments of a recording are deconvolved apart, with the same parameters.
    bin_s : float
        Seconds a frame; a Recording brings its own.
    rise_s, decay_s : float, optional
        Time constants of the indicator, each found where it is not given.
        `popcode.preprocess.KERNELS` has those of GCaMP6s and GCaMP6f.
    kernel : {"shared", "each"}
        What is found of the kernel: one for all neurons, the weighted median of those of up to
        500 neurons, or one for each neuron, which is less certain and takes longer.
    n_threads : int, optional
        Every processor by default; the result does not depend on it.
    silent : bool
        Show no progress.

    Returns
    -------
    Deconvolution

    Warns
    -----
    PopcodeWarning
        Traces that are cut at a threshold or upside down.

    Raises
    ------
    InputError
        Values that are NaN or infinite, fewer than 8 bins, an unknown or unusable width of the
        bins, times that are not positive or a rise that is not shorter than the decay.

    References
    ----------
    Tubiana, Wolf, Panier, Debregeas, "Blind deconvolution for spike inference from fluorescence
    recordings", J. Neurosci. Methods 2020; the time constants of a recording found once and then
    held for all neurons: van der Plas et al., eLife 2023.
    """
    activity, given = _checked(traces, bin_s, rise_s, decay_s, kernel)
    refuse_beyond_memory(activity.size * _BYTES_A_VALUE)
    n_neurons = activity.shape[1]
    amplitudes, binary = np.empty(activity.shape, np.float32), np.empty(activity.shape, np.uint8)
    found = Found.empty(n_neurons)
    with Team(n_threads) as team:
        if kernel == "shared" and given.needs_kernel:
            given = shared_kernel(activity, given, team, silent)
        with progress("deconvolving", n_neurons, unit="neuron", silent=silent) as bar:
            for neurons, events in deconvolve_pieces(activity, given, team, found):
                amplitudes[:, neurons] = events.T
                spikes = binary[:, neurons].view(bool)
                np.greater(events.T, found.threshold[neurons], out=spikes)
                bar.update(neurons.stop)
    for doubt in doubts(found.cut, found.inverted):
        warnings.warn(doubt, PopcodeWarning, stacklevel=2)
    return Deconvolution(
        amplitudes,
        binary,
        Kernel(found.rise_s, found.decay_s),
        found.noise,
        found.threshold,
        found.baseline,
        found.penalty,
        found.explained,
        found.n_artefacts,
        found.cut,
        found.inverted,
        found.constant,
    )


def _checked(
    traces: Any, bin_s: float | None, rise_s: float | None, decay_s: float | None, kernel: str
) -> tuple[np.ndarray, Given]:
    """Traces as float32 (n_bins, n_neurons), and what is known of them."""
    starts = np.zeros(1, np.int64)
    if isinstance(traces, Recording):
        bin_s = _one_width(traces.bin_s, bin_s)
        starts = traces.segment_starts
        traces = traces.activity
    activity, _ = as_activity(traces, "dff")
    n_bins = len(activity)
    if n_bins < SHORTEST_TRACE:
        raise InputError(
            f"the traces have {n_bins} bins; at least {SHORTEST_TRACE} are needed",
            remedy="Pass an array of shape (n_bins, n_neurons).",
        )
    if kernel not in ("shared", "each"):
        raise InputError(f"kernel is {kernel!r}", remedy="Use 'shared' or 'each'.")
    if bin_s is None or not (np.isfinite(bin_s) and bin_s > 0):
        width = "unknown" if bin_s is None or np.isnan(bin_s) else bin_s
        raise InputError(
            f"the width of a frame is {width}, and deconvolution needs it",
            remedy="Give bin_s in seconds.",
        )
    rise, decay = _checked_times(rise_s, decay_s, bin_s)
    return activity, Given(float(bin_s), np.append(starts, n_bins), rise, decay)


def _one_width(own: float, given: float | None) -> float | None:
    if given is None or np.isnan(own):
        return own if given is None else given
    if not np.isclose(own, given, rtol=1e-6):
        raise InputError(
            f"bin_s is {given} but the recording has bins of {own:g} s",
            remedy="Leave bin_s out.",
        )
    return own


def _checked_times(
    rise_s: float | None, decay_s: float | None, bin_s: float
) -> tuple[float, float]:
    """Times of the kernel, nan where they are to be found."""
    rise = np.nan if rise_s is None else float(rise_s)
    decay = np.nan if decay_s is None else float(decay_s)
    if rise < 0 or decay <= 0 or np.isinf(rise) or np.isinf(decay) or rise >= decay:
        raise InputError(
            f"rise_s is {rise_s} and decay_s is {decay_s}",
            remedy="Give seconds, with 0 <= rise_s < decay_s; GCaMP6s has 0.2 and 3.55.",
        )
    if decay < bin_s / 5:
        raise InputError(
            f"decay_s is {decay_s}, far below the {bin_s:g} s of a frame",
            remedy="Both are in seconds.",
        )
    return rise, decay
