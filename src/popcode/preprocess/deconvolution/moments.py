"""First estimates from one trace: baseline, noise, and the kernel from its autocovariance."""

import math

import numpy as np
from numba import njit

from popcode.preprocess.deconvolution.faults import (
    ARTEFACT_NOISE,
    ARTEFACT_WIDTHS,
    CUT_SHARE,
    interpolate_artefacts,
    looks_inverted,
    most_held,
)
from popcode.preprocess.deconvolution.kernel import autocovariance, coefficients

N_LAGS = 7  # lags of the autocovariance that are fitted (Tubiana et al. 2020)
_MAD_TO_SD = 1.4826  # of a Gaussian
LEAST_NOISE = 1e-3  # of the standard deviation: simulated traces may have none
LONGEST_DECAY_S = 20.0
_N_DECAYS, _N_RISES = 32, 10


@njit(nogil=True, cache=True, error_model="numpy")
def first_look(trace, starts):
    """Baseline and standard deviation of the noise of a trace, and its faults.

    The baseline is the middle of the shortest interval that holds half of the values (the mode,
    without a histogram's bins): transients do not move it. Artefacts are taken out of the trace.

    Parameters
    ----------
    trace : ndarray of float64, (n_bins,)
        Changed where it has artefacts.
    starts : ndarray of int64, (n_segments + 1,)
        First bins of the segments, then n_bins.

    Returns
    -------
    baseline, noise : float
    n_artefacts : int
    cut : bool
        Whether a quarter of the frames hold one value, as of a trace that was thresholded: their
        noise is gone, and the others' stands for it.
    inverted : bool
    """
    n = trace.size
    ordered = np.sort(trace)
    half = n // 2
    low = np.argmin(ordered[half:] - ordered[: n - half])
    baseline = 0.5 * (ordered[low] + ordered[low + half])
    held, share = most_held(ordered)
    cut = share >= CUT_SHARE
    noise = _noise(trace, baseline, held if cut else np.inf)
    width = ordered[low + half] - ordered[low]
    limit = max(ARTEFACT_NOISE * noise, ARTEFACT_WIDTHS * width)
    n_artefacts = interpolate_artefacts(trace, starts, baseline, limit)
    noise = max(noise, LEAST_NOISE * trace.std())
    return baseline, noise, n_artefacts, cut, not cut and looks_inverted(trace)


@njit(nogil=True, cache=True, error_model="numpy")
def _noise(trace, baseline, held):
    """Standard deviation of the noise, from the median absolute difference of neighbours.

    Slow drift does not raise it, as it raises that of the mirrored values below the baseline,
    which is used where most differences are 0.

    Parameters
    ----------
    trace : ndarray of float64, (n_bins,)
    baseline : float
    held : float
        Value of the frames that do not count; infinite where all do.
    """
    steps = np.empty(trace.size - 1)
    n_steps = 0
    for t in range(trace.size - 1):
        if trace[t] != held and trace[t + 1] != held:
            steps[n_steps] = abs(trace[t + 1] - trace[t])
            n_steps += 1
    noise = _MAD_TO_SD * np.median(steps[:n_steps]) / math.sqrt(2.0) if n_steps else 0.0
    if noise > 0.0:
        return noise
    square, n_below = 0.0, 0
    for value in trace:
        if value < baseline:
            square += (value - baseline) ** 2
            n_below += 1
    return math.sqrt(square / max(1, n_below))


@njit(nogil=True, cache=True, error_model="numpy")
def lagged(trace, starts, out):
    """Write the autocovariance of a trace at lags 1, 2, ..., never across segments.

    Parameters
    ----------
    trace : ndarray of float64, (n_bins,)
    starts : ndarray of int64, (n_segments + 1,)
        First bins, then n_bins.
    out : ndarray of float64, (n_lags,)
        Overwritten; negative values as 0.
    """
    mean = trace.mean()
    for k in range(out.size):
        total = 0.0
        for s in range(starts.size - 1):
            for t in range(starts[s], starts[s + 1] - k - 1):
                total += (trace[t] - mean) * (trace[t + k + 1] - mean)
        out[k] = max(0.0, total / trace.size)


@njit(nogil=True, cache=True, error_model="numpy")
def _misfit(observed, rise_s, decay_s, dt):
    """Squared distance of the observed lags from those of a kernel, at its best height."""
    decay, rise, _ = coefficients(rise_s, decay_s, dt)
    cross, square, own = 0.0, 0.0, 0.0
    for k in range(observed.size):
        theory = autocovariance(decay, rise, k + 1)
        cross += theory * observed[k]
        square += theory * theory
        own += observed[k] * observed[k]
    return own - cross * cross / square


@njit(nogil=True, cache=True, error_model="numpy")
def kernel_from_lags(observed, dt, rise_s, decay_s):
    """Times of the kernel whose autocovariance is nearest to the observed, on a grid.

    Lag 0 is left out: it holds the noise. The times are refined afterwards.

    Parameters
    ----------
    observed : ndarray of float64, (n_lags,)
        Lags 1, 2, ...
    dt : float
    rise_s, decay_s : float
        Given times; nan where they are to be found.

    Returns
    -------
    rise_s, decay_s : float
    """
    shortest = 1.5 * dt if math.isnan(rise_s) else rise_s + dt / 5
    longest = max(LONGEST_DECAY_S, 2 * shortest)
    n_decays = _N_DECAYS if math.isnan(decay_s) else 1
    n_rises = _N_RISES if math.isnan(rise_s) else 1
    best, best_rise, best_decay = np.inf, rise_s, decay_s
    for i in range(n_decays):
        decay = shortest * (longest / shortest) ** (i / (_N_DECAYS - 1))
        decay = decay_s if n_decays == 1 else decay
        for j in range(n_rises):
            # From invisible within a frame up to nearly the decay.
            low, high = least_rise(dt), decay - dt / 10
            rise = low * (high / low) ** (j / _N_RISES) if n_rises > 1 else rise_s
            misfit = _misfit(observed, rise, decay, dt)
            if misfit < best:
                best, best_rise, best_decay = misfit, rise, decay
    return best_rise, best_decay


@njit(nogil=True, cache=True, error_model="numpy")
def least_rise(dt):
    """Rise that is over within a frame, exp(-10): shorter ones cannot be told from it."""
    return dt / 10
