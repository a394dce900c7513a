"""Has the fit reached the optimum of its penalised likelihood? Judged on the total derivative.

At the optimum the total derivative of the log-likelihood (through the variance gauge) equals
l1 * sign(w) where w is not zero and is at most l1 where it is. Groups of independent
chains each estimate what is left over, and the mean product of two groups is free of their noise.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.cpu import HiddenStatistics, gibbs_sweeps, hidden_statistics, inputs_of
from popcode.rbm.gauge import total_gradient
from popcode.rbm.state import TrainingState
from popcode.rbm.trainer import mean_activity
from popcode.threads import Team

# Entries of a dense block of states in the matrix products.
_BLOCK_ENTRIES = 1_000_000
# A fit is called converged when what is left over is at most this share of what there was to fit.
TOLERANCE = 0.15
# The chains are sampled in groups: sweeps before the first sample of each and between two.
N_GROUPS, SAMPLES_EACH, _BURN_IN, _THIN = 8, 25, 2000, 120


def _pieces(states: NDArray[np.uint8], rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Rows in pieces whose dense block of states stays small."""
    step = max(1, _BLOCK_ENTRIES // states.shape[1])
    return (rows[start : start + step] for start in range(0, rows.size, step))


def event_product(
    states: NDArray[np.uint8], rows: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Mean over rows of (state is active) x value, (n_neurons, n_columns)."""
    total = np.zeros((states.shape[1], values.shape[1]), np.float32)
    start = 0
    for piece in _pieces(states, rows):
        active = (states[piece] != 0).astype(np.float32)
        total += active.T @ values[start : start + piece.size].astype(np.float32)
        start += piece.size
    total /= np.float32(rows.size)
    return total


def sample_groups(team: Team, state: TrainingState, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Samples at equilibrium from independent groups of chains, (n_samples, n_neurons) each.

    Every group goes on from half of the persistent chains with random numbers of its own, and
    parts from the groups that started at the same place within its burn-in. Two groups, one from
    each half, are swept at once: each fills a core.
    """
    first = state.chains[0::2]
    second = state.chains[1::2] if len(state.chains) > 1 else first
    for pair in range(N_GROUPS // 2):
        yield from _sample_pair(team, state, (first, second), seed + pair)


def _sample_pair(
    team: Team, state: TrainingState, starts: tuple[NDArray, NDArray], seed: int
) -> Iterator[NDArray[np.uint8]]:
    chains = np.concatenate(starts)
    halves = chains[: len(starts[0])], chains[len(starts[0]) :]
    samples = [np.empty((SAMPLES_EACH, *half.shape), np.uint8) for half in halves]
    done = 0
    for k in range(SAMPLES_EACH):
        sweeps = _BURN_IN if k == 0 else _THIN
        gibbs_sweeps(team, *state.parameters, chains, sweeps, done, seed)
        for kept, half in zip(samples, halves, strict=True):
            kept[k] = half
        done += sweeps
    while samples:  # let go of each before the next is worked on
        yield samples.pop().reshape(-1, chains.shape[1])


def _mean_square(values: NDArray[np.floating]) -> float:
    return float(np.sum(np.square(values), dtype=np.float64) / values.size)


def left_over(
    team: Team,
    state: TrainingState,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    l1: float,
    groups: Iterable[NDArray[np.uint8]],
    after_group: Callable[[int], None] = lambda _n_done: None,
) -> float:
    """Root mean square of the total derivative that the penalty does not balance.

    Parameters
    ----------
    team : Team
    state : TrainingState
    data : ndarray of uint8, (n_bins, n_neurons)
    bins : ndarray of int64
        Bins of the data to average over.
    l1 : float
    groups : iterable of ndarray of uint8, (n_samples, n_neurons)
        Samples at equilibrium from independent groups of chains, at least two.
    after_group : callable
        Called with the number of groups done.

    Returns
    -------
    float
        Relative to the root mean square covariance of neurons with hidden units in the data; 0
        at the optimum. Free of the noise of the samples (a mean over pairs of independent
        groups of chains), so that it may come out as exactly 0.
    """
    inputs = inputs_of(team, state.weights, data, bins)
    (statistics,) = hidden_statistics(team, state.hidden, inputs)
    rates = mean_activity(data, bins)
    covariance = event_product(data, bins, statistics.mean_hidden) - np.outer(
        rates, statistics.mean_hidden.mean(axis=0).astype(np.float32)
    )
    total, own, n_groups = np.zeros(state.weights.shape, np.float32), 0.0, 0
    for samples in groups:
        gradient = _gradient(team, state, data, bins, rates, statistics, samples)
        del samples  # as large as all that is left to do
        n_groups += 1
        unbalanced = _unbalanced(state.weights, gradient, l1, rates * (1 - rates))
        total += unbalanced
        own += _mean_square(unbalanced)
        after_group(n_groups)
    across = (_mean_square(total) - own) / (n_groups * (n_groups - 1))
    scale = _mean_square(covariance)
    return float(np.sqrt(max(across, 0.0) / scale)) if scale > 0 else float("nan")


def _gradient(
    team: Team,
    state: TrainingState,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    rates: NDArray[np.float32],
    statistics: HiddenStatistics,
    samples: NDArray[np.uint8],
) -> NDArray[np.float32]:
    rows = np.arange(len(samples))
    inputs = inputs_of(team, state.weights, samples, rows)
    (chains,) = hidden_statistics(team, state.hidden, inputs)
    total = total_gradient(state.hidden, statistics.sums, chains.sums, statistics.input_slope)
    gradient = event_product(data, bins, statistics.mean_hidden + total.input_response)
    gradient -= event_product(samples, rows, chains.mean_hidden)
    gradient += np.outer(rates, total.hidden.theta.astype(np.float32))
    return gradient


def _unbalanced(
    weights: NDArray[np.float32],
    gradient: NDArray[np.float32],
    l1: float,
    curvature: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Proximal gradient mapping: what a Newton step and soft threshold would still change.

    gradient - l1 sign(w) for a weight well away from zero; near zero it is continuous, where the
    subgradient would jump by 2 l1 at the noise of a weight around zero. `curvature` (n_neurons,)
    is minus the second derivative of the likelihood along a weight, m (1 - m) at Var(h) = 1.
    """
    here = np.maximum(curvature, np.float32(1e-6))[:, None] * weights
    moved = here + gradient
    # What is beyond the penalty on either side is what a soft threshold keeps.
    return moved - np.clip(moved, np.float32(-l1), np.float32(l1)) - here
