"""The partition function by annealed importance sampling in both directions.

Chains walk from independent neurons with the data's rates to the model (forward) and from the
model's samples back (reverse); the importance weights of the two are joined by Bennett's
acceptance ratio.

Sources: Neal, Statistics and Computing 11 (2001) 125; Bennett, Journal of Computational Physics
22 (1976) 245; Crooks, Physical Review E 61 (2000) 2361.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logsumexp

from popcode.baselines.chains import chain_pieces, independent_states, sample_states
from popcode.baselines.kernels.glauber import anneal_chains
from popcode.baselines.parameters import Parameters, population_steps
from popcode.threads import Team, pieces

_START_STREAM, _FORWARD_STREAM, _REVERSE_STREAM = 5, 6, 7
# Steps between two signs of life: an interruption waits for as many.
_STEPS_PER_CALL = 10


class Estimate(NamedTuple):
    """A value and its standard error, in nats."""

    value: float
    standard_error: float


class LogPartition(NamedTuple):
    """ln Z from both directions joined, and from each alone.

    A forward estimate far below the reverse one says that the path misses a part of the model, or
    that the samples the reverse one starts from are not at equilibrium.
    """

    joined: Estimate
    forward: Estimate
    reverse: Estimate


def log_partition(
    team: Team,
    parameters: Parameters,
    base: NDArray[np.float32],
    start: NDArray[np.uint8],
    *,
    n_chains: int,
    n_steps: int,
    burn_in: int,
    seed: int,
    tell: Callable[[], None] = lambda: None,
) -> LogPartition:
    """Estimate ln Z.

    Parameters
    ----------
    team : Team
    parameters : Parameters
    base : ndarray of float32, (n_neurons,)
        Fields of the independent neurons that the path begins with.
    start : ndarray of uint8, (n_states, n_neurons)
        States that the reverse chains start from, `burn_in` sweeps before they count.
    n_chains, n_steps, burn_in, seed : int
    tell : callable, optional
        Called `n_calls(n_steps)` times on the way.
    """
    rates = expit(base.astype(np.float64))
    rng = np.random.default_rng((seed, _START_STREAM))
    betas = np.linspace(0, 1, n_steps + 1)
    anneal = partial(_anneal, team, parameters, base, tell)
    forward = anneal(betas, independent_states(rates, n_chains, rng), seed, _FORWARD_STREAM)
    samples = sample_states(
        team, parameters, start, n_chains, n_chains=n_chains, burn_in=burn_in, thin=1, seed=seed
    )
    reverse = -anneal(betas[::-1].copy(), samples, seed, _REVERSE_STREAM)
    origin = float(np.logaddexp(0, base.astype(np.float64)).sum())
    return LogPartition(
        _shifted(bennett(forward, reverse), origin),
        _shifted(log_mean_exp(forward), origin),
        _shifted(_negative(log_mean_exp(-reverse)), origin),
    )


def n_calls(n_steps: int) -> int:
    """How often `log_partition` says that it is alive."""
    return 2 * -(-n_steps // _STEPS_PER_CALL)


def _anneal(
    team: Team,
    parameters: Parameters,
    base: NDArray[np.float32],
    tell: Callable[[], None],
    betas: NDArray[np.float64],
    states: NDArray[np.uint8],
    seed: int,
    stream: int,
) -> NDArray[np.float64]:
    """Logarithms of the importance weights of chains taken along `betas`, (n_chains,)."""
    key = np.uint64(np.random.default_rng((seed, stream)).integers(2**62))
    log_weights = np.zeros(len(states))
    for start, stop in pieces(betas.size - 1, _STEPS_PER_CALL):
        team.run(
            partial(
                anneal_chains,
                parameters.couplings,
                base,
                parameters.fields - base,
                population_steps(parameters.population),
                parameters.population,
                betas[start : stop + 1],
                states[a:b],
                log_weights[a:b],
                start,
                a,
                key,
            )
            for a, b in chain_pieces(len(states))
        )
        tell()
    return log_weights


def log_mean_exp(log_weights: NDArray[np.float64]) -> Estimate:
    """Logarithm of the mean of exp(log_weights); its error by the delta method."""
    total = logsumexp(log_weights)
    shares = np.exp(log_weights - total)
    n = log_weights.size
    return Estimate(float(total - np.log(n)), float(np.sqrt(max(shares @ shares - 1 / n, 0))))


def bennett(forward: NDArray[np.float64], reverse: NDArray[np.float64]) -> Estimate:
    """Ln of the ratio of two partition functions from the weights of both directions.

    Parameters
    ----------
    forward, reverse : ndarray, (n_chains,), of equal length
        ln of the weight of each path towards the model: of paths drawn forward, and of paths
        drawn backward (minus their own weights).
    """
    both = np.concatenate([forward, reverse])

    def excess(ratio: float) -> float:
        return float(expit(forward - ratio).sum() - expit(ratio - reverse).sum())

    ratio = brentq(excess, both.min() - 50, both.max() + 50, xtol=1e-10)
    up, down = expit(forward - ratio), expit(ratio - reverse)
    relative = sum(p.var() / p.mean() ** 2 / p.size for p in (up, down))
    return Estimate(float(ratio), float(np.sqrt(relative)))


def _shifted(estimate: Estimate, by: float) -> Estimate:
    return Estimate(estimate.value + by, estimate.standard_error)


def _negative(estimate: Estimate) -> Estimate:
    return Estimate(-estimate.value, estimate.standard_error)
