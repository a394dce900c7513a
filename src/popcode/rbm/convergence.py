"""Has the fit reached the optimum of its penalised likelihood? Judged on the total derivative.

At the optimum the total derivative of the log-likelihood (through the variance gauge) equals
l1 * sign(w) where w is not zero and is at most l1 where it is. Both halves of a set of samples
give an estimate of what is left over, and the mean product of the two is free of their noise.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.cpu import HiddenStatistics, gibbs_sweeps, hidden_statistics, inputs_of
from popcode.rbm.gauge import total_gradient
from popcode.rbm.kernels.threads import Team
from popcode.rbm.state import TrainingState

# Entries of a dense block of states in the matrix products.
_BLOCK_ENTRIES = 4_000_000
# A fit is called converged when what is left over is at most this share of what there was to fit.
TOLERANCE = 0.1


class Residual(NamedTuple):
    """How far a fit is from its optimum.

    relative : float
        Root mean square of the left-over total derivative, noise removed, relative to that of
        the covariance of neurons with hidden units in the data; 0 at the optimum.
    gradient : ndarray of float32, (n_neurons, n_hidden)
        The total derivative, penalty not included.
    """

    relative: float
    gradient: NDArray[np.float32]

    @property
    def converged(self) -> bool:
        """Whether the left-over derivative is within the tolerance."""
        return bool(np.isfinite(self.relative)) and self.relative <= TOLERANCE


def event_product(
    states: NDArray[np.uint8], rows: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Mean over rows of (state is active) x value, (n_neurons, n_columns)."""
    total = np.zeros((states.shape[1], values.shape[1]), np.float32)
    step = max(1, _BLOCK_ENTRIES // states.shape[1])
    for start in range(0, rows.size, step):
        active = (states[rows[start : start + step]] != 0).astype(np.float32)
        total += active.T @ values[start : start + step].astype(np.float32)
    total /= np.float32(rows.size)
    return total


def equilibrium_samples(
    team: Team, state: TrainingState, n_samples: int, thin: int, seed: int
) -> NDArray[np.uint8]:
    """Go on from the persistent chains, (n_samples, n_neurons), the same chain n_chains apart."""
    chains = state.chains.copy()
    rounds = -(-n_samples // len(chains))
    samples = np.empty((rounds, *chains.shape), np.uint8)
    for k in range(rounds):
        gibbs_sweeps(team, state.weights, state.fields, state.hidden, chains, thin, k * thin, seed)
        samples[k] = chains
    # Chains vary slowest, so that the two halves of the samples come from different chains.
    return samples.swapaxes(0, 1).reshape(-1, chains.shape[1])


def residual(
    team: Team,
    state: TrainingState,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    mean_activity: NDArray[np.float32],
    l1: float,
    samples: NDArray[np.uint8],
) -> Residual:
    """Measure the total derivative over all training bins and equilibrium samples."""
    statistics = hidden_statistics(team, state.hidden, inputs_of(team, state.weights, data, bins))
    covariance = event_product(data, bins, statistics.mean_hidden) - np.outer(
        mean_activity, statistics.mean_hidden.mean(axis=0)
    )
    halves = [
        _gradient(team, state, data, bins, mean_activity, statistics, samples, rows)
        for rows in np.array_split(np.arange(len(samples)), 2)
    ]
    left = [_left_over(state.weights, half, l1) for half in halves]
    scale = float(np.mean(covariance.astype(np.float64) ** 2))
    product = float(np.mean(left[0].astype(np.float64) * left[1]))
    relative = np.sqrt(max(product, 0.0) / scale) if scale > 0 else np.nan
    mean: NDArray[np.float32] = (halves[0] + halves[1]) / np.float32(2)
    return Residual(float(relative), mean)


def _gradient(
    team: Team,
    state: TrainingState,
    data: NDArray[np.uint8],
    bins: NDArray[np.int64],
    mean_activity: NDArray[np.float32],
    statistics: HiddenStatistics,
    samples: NDArray[np.uint8],
    rows: NDArray[np.int64],
) -> NDArray[np.float32]:
    chains = hidden_statistics(team, state.hidden, inputs_of(team, state.weights, samples, rows))
    total = total_gradient(state.hidden, statistics.sums, chains.sums, statistics.input_slope)
    return (
        event_product(data, bins, statistics.mean_hidden + total.input_response)
        - event_product(samples, rows, chains.mean_hidden)
        + np.outer(mean_activity, total.hidden.theta).astype(np.float32)
    )


def _left_over(
    weights: NDArray[np.float32], gradient: NDArray[np.float32], l1: float
) -> NDArray[np.float32]:
    """Derivative that the penalty does not balance."""
    excess = np.sign(gradient) * np.maximum(np.abs(gradient) - np.float32(l1), 0)
    return np.where(weights == 0, excess, gradient - np.float32(l1) * np.sign(weights))
