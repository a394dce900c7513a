"""Many traces: pieces of a block of neurons on threads, and the kernel they share."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from popcode.preprocess.deconvolution.estimate import N_ROWS, estimate
from popcode.preprocess.deconvolution.moments import first_look
from popcode.progress import progress
from popcode.threads import Team

MOST_SHARING = 500  # neurons that a shared kernel is found from
# A thread at work does not see an interruption: where a kernel is found, 20,000 frames take
# 0.1 to 0.5 s.
_FRAMES_A_CALL = 20_000
_MOST_A_CALL = 32
_LEAST_WEIGHT = 1e-6


class Given(NamedTuple):
    """What is known of the traces.

    `starts` (n_segments + 1,) are the first bins of the segments, then n_bins; times are in
    seconds, nan where they are to be found.
    """

    bin_s: float
    starts: np.ndarray
    rise_s: float
    decay_s: float

    @property
    def needs_kernel(self) -> bool:
        """Whether a time of the kernel is to be found."""
        return bool(np.isnan(self.rise_s) or np.isnan(self.decay_s))


class Found(NamedTuple):
    """What is found of every neuron; each is (n_neurons,)."""

    rise_s: np.ndarray
    decay_s: np.ndarray
    baseline: np.ndarray
    penalty: np.ndarray
    threshold: np.ndarray
    explained: np.ndarray
    noise: np.ndarray
    n_artefacts: np.ndarray
    cut: np.ndarray
    inverted: np.ndarray
    constant: np.ndarray

    @classmethod
    def empty(cls, n_neurons: int) -> "Found":
        """Arrays to be filled."""
        return cls._make(
            [*np.empty((7, n_neurons)), np.empty(n_neurons, int), *np.empty((3, n_neurons), bool)]
        )

    def of(self, neurons: slice) -> "Found":
        """Views of the entries of some neurons."""
        return Found(*(values[neurons] for values in self))


def deconvolve_pieces(
    traces: np.ndarray, given: Given, team: Team, found: Found
) -> Iterator[tuple[slice, np.ndarray]]:
    """Neurons and their events, float64 (n, n_bins), piece by piece; `found` is written.

    Parameters
    ----------
    traces : ndarray (n_bins, n_neurons)
    """
    n_bins, n_neurons = traces.shape
    a_call = min(_MOST_A_CALL, max(1, _FRAMES_A_CALL // n_bins))
    at_once = a_call * team.n_threads
    for first in range(0, n_neurons, at_once):
        neurons = slice(first, min(first + at_once, n_neurons))
        rows = traces[:, neurons].T.astype(np.float64, order="C")
        events, ours = np.empty_like(rows), found.of(neurons)
        calls: list[Callable[[], object]] = []
        for low in range(0, len(rows), a_call):
            part = slice(low, low + a_call)
            calls.append(partial(_deconvolve_some, rows[part], given, events[part], ours.of(part)))
        team.run(calls)
        yield neurons, events


def shared_kernel(activity: np.ndarray, given: Given, team: Team, silent: bool) -> Given:
    """`given` with the one kernel of all neurons, from up to 500 evenly spaced ones.

    Each time is the median of those of the neurons, weighted by the share of the variance of the
    trace that its spikes explain: silent neurons have no say. Nor have traces that are cut or
    upside down, where there are others.
    """
    n_neurons = activity.shape[1]
    chosen = np.unique(np.linspace(0, n_neurons - 1, MOST_SHARING).astype(int))
    found = Found.empty(len(chosen))
    with progress("finding the kernel", len(chosen), unit="neuron", silent=silent) as bar:
        for neurons, _ in deconvolve_pieces(activity[:, chosen], given, team, found):
            bar.update(neurons.stop)
    usable = ~found.constant
    if not usable.any():
        return given
    sound = usable & ~found.cut & ~found.inverted
    usable = sound if sound.any() else usable
    weights = np.maximum(found.explained[usable], _LEAST_WEIGHT)
    rise = weighted_median(found.rise_s[usable], weights)
    decay = weighted_median(found.decay_s[usable], weights)
    return given._replace(rise_s=min(rise, decay - given.bin_s / 10), decay_s=decay)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Smallest value with at least half of the weight up to it."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _deconvolve_some(rows: np.ndarray, given: Given, events: np.ndarray, found: Found) -> None:
    work = np.empty((N_ROWS, rows.shape[1]))
    for k, trace in enumerate(rows):
        constant = trace.min() == trace.max()
        summary = (
            _constant_trace(trace, given, events[k])
            if constant
            else _deconvolve_trace(trace, given, events[k], work)
        )
        for values, value in zip(found, (*summary, constant), strict=True):
            values[k] = value


def _constant_trace(trace: np.ndarray, given: Given, events: np.ndarray) -> tuple[float, ...]:
    events[:] = 0.0
    return given.rise_s, given.decay_s, trace[0], *[0.0] * 4, 0, False, False


def _deconvolve_trace(
    trace: np.ndarray, given: Given, events: np.ndarray, work: np.ndarray
) -> tuple[float, ...]:
    """What `Found` holds of one neuron, except the last; `trace` loses its artefacts."""
    starts = given.starts
    baseline, noise, *faults = first_look(trace, starts)
    summary = estimate(
        trace, starts, given.bin_s, given.rise_s, given.decay_s, baseline, noise, events, work
    )
    events[starts[:-1]] = 0.0  # calcium from before the segment, no spikes
    return *summary, noise, *faults
