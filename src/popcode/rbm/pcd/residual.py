"""Has the fit reached the optimum of its likelihood? What is left of the gradient, without noise.

At the optimum the penalised gradient is zero. Groups of independent chains each estimate it, and
the mean product of two groups is free of their noise.
"""

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.convergence import event_product
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.parameters import mean_hidden
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.pcd.state import PcdState
from popcode.threads import Team

# A fit is called converged when what is left over is at most this share of what there was to fit.
TOLERANCE = 0.15
N_GROUPS = 4
_CHAINS_EACH, _SAMPLES_EACH, _BURN_IN, _THIN = 100, 25, 200, 20
_MOST_BINS = 20_000
_SWEEPS_STREAM, _BINS_STREAM = 16, 17


def left_over(
    team: Team,
    state: PcdState,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    schedule: Schedule,
    seed: int,
    bin_weights: NDArray[np.float32] | None = None,
) -> float:
    """Root mean square of the centred gradient that the penalties do not balance.

    Parameters
    ----------
    team : Team
    state : PcdState
    data : ndarray of uint8, (n_bins, n_neurons)
    bins : ndarray of int64
        Training bins; at most 20,000 of them are looked at.
    schedule : Schedule
        For its penalties.
    seed : int
    bin_weights : ndarray of float32, (n_bins,), optional
        How much each bin counts.

    Returns
    -------
    float
        Relative to the root mean square covariance of neurons with hidden units in the data; 0 at
        the optimum, nan where neither varies.
    """
    rng = np.random.default_rng((seed, _BINS_STREAM))
    bins = np.sort(rng.permutation(bins)[:_MOST_BINS])
    counted = np.ones(bins.size) if bin_weights is None else bin_weights[bins].astype(np.float64)
    counted /= max(counted.mean(), np.finfo(np.float64).tiny)
    rates = event_product(data, bins, counted[:, None])[:, 0]
    hidden = mean_hidden(state.parameters, data[bins])
    offset = (counted / bins.size) @ hidden
    covariance = event_product(data, bins, counted[:, None] * (hidden - offset))
    total, own = np.zeros(covariance.shape, np.float64), 0.0
    for samples in _sample_groups(team, state, seed):
        found = mean_hidden(state.parameters, samples) - offset
        generated = event_product(samples, np.arange(len(samples)), found)
        generated -= np.outer(rates, found.mean(axis=0))
        left = _unbalanced(state.weights, covariance - generated, schedule)
        total += left
        own += float(np.square(left, dtype=np.float64).mean())
    across = (float(np.square(total).mean()) - own) / (N_GROUPS * (N_GROUPS - 1))
    scale = float(np.square(covariance, dtype=np.float64).mean())
    return float(np.sqrt(max(across, 0.0) / scale)) if scale > 0 else float("nan")


def _sample_groups(team: Team, state: PcdState, seed: int) -> list[NDArray[np.uint8]]:
    """Samples of disjoint groups of the chains, (n_samples, n_neurons) each."""
    rng = np.random.default_rng((seed, _SWEEPS_STREAM))
    key = int(rng.integers(2**62))
    n_chains = N_GROUPS * _CHAINS_EACH
    start = state.chains[rng.permutation(len(state.chains))[:n_chains]]
    chains = np.resize(start, (n_chains, start.shape[1]))
    samples = np.empty((N_GROUPS, _SAMPLES_EACH, _CHAINS_EACH, start.shape[1]), np.uint8)
    done = 0
    for k in range(_SAMPLES_EACH):
        n_sweeps = _BURN_IN if k == 0 else _THIN
        gibbs_sweeps(team, *state.parameters, chains, n_sweeps, done, key)
        done += n_sweeps
        samples[:, k] = chains.reshape(N_GROUPS, _CHAINS_EACH, -1)
    return [group.reshape(-1, start.shape[1]) for group in samples]


def _unbalanced(
    weights: NDArray[np.float32], gradient: NDArray[np.float32], schedule: Schedule
) -> NDArray[np.float32]:
    """Gradient of the penalised likelihood, of least size where a weight is 0."""
    smooth = gradient - np.float32(2 * schedule.l2) * weights
    l1 = np.float32(schedule.l1)
    at_zero = smooth - np.clip(smooth, -l1, l1)
    return np.where(weights == 0, at_zero, smooth - l1 * np.sign(weights))
