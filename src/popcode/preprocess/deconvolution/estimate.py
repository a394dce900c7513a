"""One trace: alternate the deconvolution with what it depends on (Tubiana et al. 2020).

The noise s is fixed. Of the amplitude a of a spike, the penalty is
z |K| min(s, |K| a / 2z) and the threshold 2 s / |K|, with |K| the Euclidean norm of the kernel and
z the 99th percentile of a standard Gaussian: what noise alone would pass for is not paid for.
"""

import math

import numpy as np
from numba import njit

from popcode.preprocess.deconvolution.kernel import coefficients, convolve, norms
from popcode.preprocess.deconvolution.moments import (
    LONGEST_DECAY_S,
    N_LAGS,
    kernel_from_lags,
    lagged,
    least_rise,
)
from popcode.preprocess.deconvolution.solver import N_WORK, solve

Z_PENALTY = 2.326
Z_THRESHOLD = 2.0
MAX_REFINEMENTS = 5
RELATIVE_CHANGE = 1e-4
SHORTEST_SEGMENT = 3
N_ROWS = N_WORK + 2  # of scratch


@njit(nogil=True, cache=True, error_model="numpy")
def solve_segments(trace, starts, rise_s, decay_s, dt, penalty, events, calcium, work):
    """`solve` in every segment; those of one or two bins get no events. Return the cost."""
    decay, rise, eta = coefficients(rise_s, decay_s, dt)
    cost = 0.0
    for s in range(starts.size - 1):
        low, high = starts[s], starts[s + 1]
        if high - low < SHORTEST_SEGMENT:
            events[low:high] = 0.0
            calcium[low:high] = 0.0
            continue
        part, _ = solve(
            trace[low:high],
            decay,
            rise,
            eta,
            penalty,
            events[low:high],
            calcium[low:high],
            work[:, low:high],
        )
        cost += part
    return cost


@njit(nogil=True, cache=True, error_model="numpy")
def convolve_segments(events, starts, rise_s, decay_s, dt, calcium):
    """`convolve` in every segment."""
    decay, rise, eta = coefficients(rise_s, decay_s, dt)
    for s in range(starts.size - 1):
        low, high = starts[s], starts[s + 1]
        convolve(events[low:high], decay, rise, eta, calcium[low:high])


@njit(nogil=True, cache=True, error_model="numpy")
def penalty_and_threshold(noise, amplitude, norm):
    """Price of amplitude, and the amplitude above which an event counts as a spike."""
    reliable = min(noise, norm * amplitude / (2 * Z_PENALTY)) if amplitude > 0.0 else noise
    return Z_PENALTY * norm * reliable, Z_THRESHOLD * noise / norm


@njit(nogil=True, cache=True, error_model="numpy")
def _amplitude(events, threshold, penalty, norm):
    """Mean amplitude of the events above the threshold, what the penalty takes added back."""
    total, n = 0.0, 0
    for t in range(1, events.size):
        if events[t] > threshold:
            total += events[t]
            n += 1
    return total / n + penalty / norm**2 if n else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def unexplained(trace, calcium):
    """Variance that is left of a trace after regression on the calcium, and the intercept.

    The height of the calcium is left free: the penalty makes all amplitudes too small, and a
    kernel that had to make up for it would come out too long.
    """
    n = trace.size
    mean, mean_calcium = trace.mean(), calcium.mean()
    cross, square, own = 0.0, 0.0, 0.0
    for t in range(n):
        y, c = trace[t] - mean, calcium[t] - mean_calcium
        cross += y * c
        square += c * c
        own += y * y
    gain = cross / square if square > 0.0 else 0.0
    return (own - gain * cross) / n, mean - gain * mean_calcium


@njit(nogil=True, cache=True, error_model="numpy")
def _refined_kernel(trace, starts, events, dt, rise_s, decay_s, fit_rise, fit_decay, calcium):
    """Times that leave the least unexplained with these events: a compass search of their logs."""
    convolve_segments(events, starts, rise_s, decay_s, dt, calcium)
    best, _ = unexplained(trace, calcium)
    step = 0.4
    while step > 0.02:
        moved = False
        for axis in range(2):
            if not (fit_rise if axis == 0 else fit_decay):
                continue
            for sign in (-1.0, 1.0):
                factor = math.exp(sign * step)
                rise = rise_s * factor if axis == 0 else rise_s
                decay = decay_s * factor if axis == 1 else decay_s
                rise = max(rise, least_rise(dt)) if axis == 0 else rise
                if rise > decay - dt / 10 or decay > LONGEST_DECAY_S or decay < dt / 2:
                    continue
                convolve_segments(events, starts, rise, decay, dt, calcium)
                left, _ = unexplained(trace, calcium)
                if left < best:
                    best, rise_s, decay_s, moved = left, rise, decay, True
                    break
        if not moved:
            step *= 0.5
    return rise_s, decay_s


@njit(nogil=True, cache=True, error_model="numpy")
def estimate(trace, starts, dt, rise_s, decay_s, baseline, noise, events, work):
    """Deconvolve one trace, and find what is not given.

    Parameters
    ----------
    trace : ndarray of float64, (n_bins,)
    starts : ndarray of int64, (n_segments + 1,)
        First bins of the segments, then n_bins.
    dt : float
        Seconds a bin.
    rise_s, decay_s : float
        nan where they are to be found.
    baseline, noise : float
        First estimate of the baseline; standard deviation of the noise.
    events : ndarray of float64, (n_bins,)
        Overwritten. The first of a segment is the calcium left from before it.
    work : ndarray of float64, (N_ROWS, n_bins)
        Scratch.

    Returns
    -------
    rise_s, decay_s, baseline, penalty, threshold, explained : float
        `explained` is the share of the variance of the trace that the calcium explains.
    """
    fit_rise, fit_decay = math.isnan(rise_s), math.isnan(decay_s)
    if fit_rise or fit_decay:
        lags = np.empty(N_LAGS)
        lagged(trace, starts, lags)
        rise_s, decay_s = kernel_from_lags(lags, dt, rise_s, decay_s)
    centred, calcium = work[N_WORK], work[N_WORK + 1]
    amplitude, before = 0.0, np.inf
    for k in range(MAX_REFINEMENTS + 1):
        decay, rise, eta = coefficients(rise_s, decay_s, dt)
        _, norm = norms(decay, rise, eta)
        penalty, threshold = penalty_and_threshold(noise, amplitude, norm)
        for t in range(trace.size):
            centred[t] = trace[t] - baseline
        cost = solve_segments(centred, starts, rise_s, decay_s, dt, penalty, events, calcium, work)
        if k == MAX_REFINEMENTS or abs(before - cost) <= RELATIVE_CHANGE * cost:
            break
        before = cost
        if fit_rise or fit_decay:
            rise_s, decay_s = _refined_kernel(
                trace, starts, events, dt, rise_s, decay_s, fit_rise, fit_decay, calcium
            )
            convolve_segments(events, starts, rise_s, decay_s, dt, calcium)
        _, baseline = unexplained(trace, calcium)
        amplitude = _amplitude(events, threshold, penalty, norm)
    left, _ = unexplained(trace, calcium)
    variance = trace.var()
    explained = 1.0 - left / variance if variance > 0.0 else 0.0
    return rise_s, decay_s, baseline, penalty, threshold, explained
