"""Many traces: pieces of a block of neurons on threads, and the kernel they share."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from popcode.preprocess.deconvolution.estimate import N_ROWS, estimate
from popcode.preprocess.deconvolution.moments import baseline_and_noise
from popcode.threads import Team

MOST_SHARING = 500  # neurons that a shared kernel is found from
_NEURONS_A_CALL = 8
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
    constant: np.ndarray

    @classmethod
    def empty(cls, n_neurons: int) -> "Found":
        """Arrays to be filled."""
        return cls._make([*np.empty((7, n_neurons)), np.empty(n_neurons, bool)])

    def of(self, neurons: slice) -> "Found":
        """Views of the entries of some neurons."""
        return Found(*(values[neurons] for values in self))


def deconvolve_block(traces: np.ndarray, given: Given, team: Team, found: Found) -> np.ndarray:
    """Events of some neurons, float64 (n_neurons, n_bins); `found` is written.

    Parameters
    ----------
    traces : ndarray (n_bins, n_neurons)
    """
    rows = np.ascontiguousarray(traces.T, dtype=np.float64)
    events = np.empty_like(rows)
    calls: list[Callable[[], object]] = []
    for low in range(0, len(rows), _NEURONS_A_CALL):
        piece = slice(low, low + _NEURONS_A_CALL)
        calls.append(partial(_deconvolve_piece, rows[piece], given, events[piece], found.of(piece)))
    team.run(calls)
    return events


def shared_kernel(activity: np.ndarray, given: Given, team: Team) -> Given:
    """`given` with the one kernel of all neurons, from up to 500 evenly spaced ones.

    Each time is the median of those of the neurons, weighted by the share of the variance of the
    trace that its spikes explain: silent neurons have no say.
    """
    n_neurons = activity.shape[1]
    chosen = np.unique(np.linspace(0, n_neurons - 1, MOST_SHARING).astype(int))
    found = Found.empty(len(chosen))
    deconvolve_block(activity[:, chosen], given, team, found)
    usable = ~found.constant
    if not usable.any():
        return given
    weights = np.maximum(found.explained[usable], _LEAST_WEIGHT)
    rise = weighted_median(found.rise_s[usable], weights)
    decay = weighted_median(found.decay_s[usable], weights)
    return given._replace(rise_s=min(rise, decay - given.bin_s / 10), decay_s=decay)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Smallest value with at least half of the weight up to it."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _deconvolve_piece(rows: np.ndarray, given: Given, events: np.ndarray, found: Found) -> None:
    work = np.empty((N_ROWS, rows.shape[1]))
    for k, trace in enumerate(rows):
        found.constant[k] = trace.min() == trace.max()
        if found.constant[k]:
            events[k] = 0.0
            summary: tuple[float, ...] = (given.rise_s, given.decay_s, trace[0], 0.0, 0.0, 0.0, 0.0)
        else:
            baseline, noise = baseline_and_noise(trace)
            summary = (
                *estimate(
                    trace,
                    given.starts,
                    given.bin_s,
                    given.rise_s,
                    given.decay_s,
                    baseline,
                    noise,
                    events[k],
                    work,
                ),
                noise,
            )
            events[k, given.starts[:-1]] = 0.0  # calcium from before the segment, no spikes
        for values, value in zip(found, summary, strict=False):
            values[k] = value
