"""The sparse deconvolution of one trace: a primal-dual interior point method, O(n_bins) a step.

    min over N >= 0 of  |F - C|^2 / 2 + penalty * sum_{t>0} N_t,   C = K * N,

F the trace without its baseline, C the calcium and N the amplitudes of spikes. The kernel K is
two leaks in a row, with `d`, `r` and `eta` of `popcode.preprocess.deconvolution.kernel`:

    X_t = r X_{t-1} + N_t / eta,   C_t = d C_{t-1} + X_t,

and the calcium left from before the first frame, C_0 = N_0 / eta, decays with d: N_0 is no spike
and costs nothing. With C = B N (B lower triangular) the optimality conditions are

    B'(C - F) + w - Z = 0,   Z >= 0,   N_t Z_t = 0      (w_0 = 0, w_t = penalty);

they are solved by Newton steps on N_t Z_t = mu for a falling mu, each with a predictor and a
corrector (Mehrotra 1992). A Newton step minimises a sum of squares along the recursion, so that
it is the smoothing of a linear-Gaussian state (C, X): a Kalman filter forwards and the smoothing
of disturbances backwards (Koopman 1993). Unlike the elimination of the banded matrix
I + A' diag(Z/N) A, A the inverse of B, that the published method uses (Tubiana et al. 2020), this
keeps its digits for kernels much longer than a frame, where that matrix is nearly singular.
"""

import numpy as np
from numba import njit

from popcode.preprocess.deconvolution.kernel import convolve, norms

MAX_STEPS = 60
RELATIVE_GAP = 1e-9  # of what the costless solution C = 0 leaves, |F|^2 / 2
RELATIVE_RESIDUAL = 1e-7  # of the trace; it falls by the share of every step taken
# Of a trace much larger than its noise, of which the price is 2 to 3 times the standard deviation,
# the noise counts instead: tiny events would pass for spikes.
_MOST_PRICES = 0.2  # of the trace
_LEAST_GAP = 1e-15
_TO_BOUNDARY = 0.995
N_WORK = 9  # rows of scratch, of n_bins each


@njit(nogil=True, cache=True, error_model="numpy")
def _filter_variances(ratio, decay, rise, eta, inverse, gain):
    """Variances of the filter, shared by both directions of a step.

    `ratio` is N / Z; `inverse` becomes 1 / (1 + Var C_t) and `gain` Cov(C_t, X_t) times that, both
    before frame t is seen.
    """
    per_eta2 = 1.0 / (eta * eta)
    var_c, cov, var_x = ratio[0] * per_eta2, 0.0, 0.0
    for t in range(ratio.size):
        if t > 0:
            cov *= decay * rise
            var_c = decay * decay * var_c + 2.0 * cov
            var_x = rise * rise * var_x + ratio[t] * per_eta2
            cov += var_x
            var_c += var_x
        share = 1.0 / (1.0 + var_c)
        inverse[t], gain[t] = share, cov * share
        var_x -= cov * cov * share
        var_c *= share
        cov *= share


@njit(nogil=True, cache=True, error_model="numpy")
def _direction(
    centre,
    corrected,
    residual,
    events,
    duals,
    ratio,
    decay,
    rise,
    eta,
    inverse,
    gain,
    innovation,
    d_events,
    d_duals,
):
    """Newton step towards N Z = centre; `corrected` by the products of the step before."""
    n, per_eta = events.size, 1.0 / eta
    for t in range(n):
        product = d_events[t] * d_duals[t] if corrected else 0.0
        d_events[t] = (centre - product) / duals[t] - events[t]
    c, x = 0.0, 0.0
    for t in range(n):
        x = rise * x + d_events[t] * per_eta
        c = decay * c + x
        if t == 0:
            x = 0.0
        surprise = -residual[t] - c
        innovation[t] = surprise
        c += (1.0 - inverse[t]) * surprise
        x += gain[t] * surprise
    to_c, to_x = 0.0, 0.0
    for t in range(n - 1, -1, -1):
        to_x *= rise
        from_c = decay * to_c
        to_x += rise * to_c
        to_c = inverse[t] * (innovation[t] + from_c) - gain[t] * to_x
        d_duals[t] = -(to_c + to_x if t > 0 else to_c) * per_eta
    for t in range(n):
        d_events[t] -= d_duals[t] * ratio[t]
    return min(_longest_step(events, d_events), _longest_step(duals, d_duals))


@njit(nogil=True, cache=True, error_model="numpy")
def _longest_step(values, step):
    """Largest share of `step`, at most 1, that keeps `values` from going below 0."""
    share = 1.0
    for t in range(values.size):
        if values[t] + share * step[t] < 0.0:
            share = -values[t] / step[t]
    return share


@njit(nogil=True, cache=True, error_model="numpy")
def _start(target, decay, rise, eta, price, events, duals, calcium, residual):
    """Constant events that hold the calcium at 1; write C - F + A'(w - Z) too."""
    n = target.size
    rate = eta * (1.0 - decay) * (1.0 - rise)
    events[:] = rate
    events[0] = eta
    duals[:] = price + 0.1 / rate
    duals[0] = 1.0 / eta
    convolve(events, decay, rise, eta, calcium)
    for t in range(n):
        here = -duals[0] if t == 0 else price - duals[t]
        value = here
        if t + 1 < n:
            value -= (decay + rise if t > 0 else decay) * (price - duals[t + 1])
        if t + 2 < n:
            value += decay * rise * (price - duals[t + 2])
        residual[t] = calcium[t] - target[t] + eta * value


@njit(nogil=True, cache=True, error_model="numpy")
def _share_of_tolerance(decay, rise, eta, price):
    """What large traces leave of the tolerances, as a share of the trace; 1 where it is free."""
    _, norm = norms(decay, rise, eta)
    return min(1.0, price / (norm * _MOST_PRICES)) if price > 0.0 else 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def _finish(target, decay, rise, eta, price, events, duals, calcium):
    """Set to zero what the path drives to zero, and give the cost of the result."""
    _, norm = norms(decay, rise, eta)
    curvature = norm * norm  # of the cost of one event, which makes N and Z comparable
    for t in range(events.size):
        if events[t] * curvature < duals[t]:
            events[t] = 0.0
    convolve(events, decay, rise, eta, calcium)
    cost = 0.0
    for t in range(events.size):
        cost += 0.5 * (target[t] - calcium[t]) ** 2 + (price * events[t] if t > 0 else 0.0)
    return cost


@njit(nogil=True, cache=True, error_model="numpy")
def solve(trace, decay, rise, eta, penalty, events, calcium, work):
    """Deconvolve one trace.

    Parameters
    ----------
    trace : ndarray of float64, (n_bins,)
        Fluorescence minus its baseline; at least 3 frames.
    decay, rise, eta : float
        See `popcode.preprocess.deconvolution.kernel.coefficients`.
    penalty : float
        Cost of a unit of amplitude, from 0.
    events : ndarray of float64, (n_bins,)
        Overwritten with N: amplitudes in the units of the trace, exact zeros where there is none.
        The first is the calcium left from before, times eta.
    calcium : ndarray of float64, (n_bins,)
        Overwritten with C.
    work : ndarray of float64, (at least N_WORK, n_bins)
        Scratch.

    Returns
    -------
    cost : float
    n_steps : int
    """
    n = trace.size
    square = 0.0
    for t in range(n):
        square += trace[t] * trace[t]
    if square == 0.0:
        events[:] = 0.0
        calcium[:] = 0.0
        return 0.0, 0
    scale = np.sqrt(square / n)  # tolerances and start then suit any unit
    price = penalty / scale
    target, duals, residual, innovation = work[0], work[1], work[2], work[3]
    d_events, d_duals, ratio, inverse, gain = work[4], work[5], work[6], work[7], work[8]
    for t in range(n):
        target[t] = trace[t] / scale
    _start(target, decay, rise, eta, price, events, duals, calcium, residual)
    fine = _share_of_tolerance(decay, rise, eta, price)
    most_gap = max(RELATIVE_GAP * fine**2, _LEAST_GAP) * 0.5 * n
    n_steps = 0
    while n_steps < MAX_STEPS:
        gap, largest = 0.0, 0.0
        for t in range(n):
            gap += events[t] * duals[t]
            ratio[t] = events[t] / duals[t]
            largest = max(largest, abs(residual[t]))
        if gap <= most_gap and largest <= RELATIVE_RESIDUAL * fine:
            break
        n_steps += 1
        _filter_variances(ratio, decay, rise, eta, inverse, gain)
        share = _direction(
            0.0,
            False,
            residual,
            events,
            duals,
            ratio,
            decay,
            rise,
            eta,
            inverse,
            gain,
            innovation,
            d_events,
            d_duals,
        )
        predicted = 0.0
        for t in range(n):
            predicted += (events[t] + share * d_events[t]) * (duals[t] + share * d_duals[t])
        share = _direction(
            (predicted / gap) ** 3 * gap / n,
            True,
            residual,
            events,
            duals,
            ratio,
            decay,
            rise,
            eta,
            inverse,
            gain,
            innovation,
            d_events,
            d_duals,
        )
        share = min(1.0, _TO_BOUNDARY * share) if share < 1.0 else 1.0
        for t in range(n):
            events[t] += share * d_events[t]
            duals[t] += share * d_duals[t]
            residual[t] *= 1.0 - share
    cost = _finish(target, decay, rise, eta, price, events, duals, calcium)
    for t in range(n):
        events[t] *= scale
        calcium[t] *= scale
    return cost * scale * scale, n_steps
