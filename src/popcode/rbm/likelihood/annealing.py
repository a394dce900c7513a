"""Annealed importance sampling of the partition function.

The path leads from independent neurons with fields b_0 to the model, linear in the parameters:
W_beta = beta W, c_beta = beta c, b_beta = (1 - beta) b_0 + beta b, with ln Z_0 = sum sp(b_0) +
n_hidden log 2. Neal, Statistics and Computing 11, 125 (2001); Salakhutdinov and Murray, ICML 2008.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from popcode.errors import InputError
from popcode.rbm.kernels.sweeps import CHAINS_PER_TILE
from popcode.rbm.likelihood.estimates import (
    LogPartition,
    effective_samples,
    log_mean,
    log_mean_variance,
    pooled,
)
from popcode.rbm.likelihood.kernels import anneal_tile
from popcode.rbm.parameters import Parameters
from popcode.threads import Team, pieces

N_CHAINS, TOLERANCE, MOST_STEPS = 500, 0.01, 16_384
_FIRST_STEPS, _LARGEST_GROWTH = 256, 8
# A run is cut into so many stretches; how the weights spread over each places the next betas.
_STRETCHES = 64
# No stretch gets less than this share of an even density, whatever a short run made of it.
_LEAST_DENSITY = 0.1
_LARGEST_FIELD = 4.0
FORWARD_STREAM, NEUTRAL_STREAM, _STARTS = 31, 32, 1


class Annealed(NamedTuple):
    """Chains led along a path of models.

    Attributes
    ----------
    states : ndarray of uint8, (n_chains, n_neurons)
        After the last step.
    log_weights : ndarray of float64, (n_chains,)
        Their mean weight estimates Z of the last model over Z of the first.
    increments : ndarray of float64, (n_stretches, n_chains)
        What the log weights gained over each stretch of the path.
    """

    states: NDArray[np.uint8]
    log_weights: NDArray[np.float64]
    increments: NDArray[np.float64]


class Path(NamedTuple):
    """A model seen from independent neurons, as the kernel takes it.

    Attributes
    ----------
    weights : ndarray of float32, (n_neurons, n_hidden + 1)
        The last column is b - b_0.
    base_fields : ndarray of float32, (n_neurons,)
    theta : ndarray of float32, (n_hidden + 1,)
        The last is 0.
    """

    weights: NDArray[np.float32]
    base_fields: NDArray[np.float32]
    theta: NDArray[np.float32]

    @property
    def log_partition(self) -> float:
        """Of the independent neurons and the hidden units without a field."""
        free = np.logaddexp(0, self.base_fields.astype(np.float64)).sum()
        return float(free + (self.theta.size - 1) * np.log(2))


def path_to(parameters: Parameters, base_fields: NDArray) -> Path:
    """Path from independent neurons with `base_fields` (n_neurons,) to a model.

    Raises
    ------
    InputError
        Parameters or base fields that are not finite, or another number of neurons.
    """
    base = np.ascontiguousarray(base_fields, np.float32)
    if base.shape != (parameters.n_neurons,):
        raise InputError(
            f"base_fields has shape {base.shape}, expected ({parameters.n_neurons},)",
            remedy="Give the logit of every neuron's rate",
        )
    arrays = (parameters.weights, parameters.fields, parameters.hidden.theta, base)
    if not all(np.isfinite(array).all() for array in arrays):
        raise InputError(
            "the model or the base fields are not finite",
            remedy="Hold the rates away from 0 and 1; fit again with a smaller learning rate",
        )
    drift = np.asarray(parameters.fields, np.float64) - base
    weights = np.column_stack([parameters.weights, drift]).astype(np.float32)
    theta = np.append(parameters.hidden.theta, 0).astype(np.float32)
    return Path(np.ascontiguousarray(weights), base, theta)


def anneal(
    team: Team, path: Path, betas: NDArray[np.float64], states: NDArray[np.uint8], key: int
) -> Annealed:
    """Lead chains along a path; from 1 down to 0 it is annealing in reverse.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    path : Path
    betas : ndarray of float64, (n_steps + 1,)
    states : ndarray of uint8, (n_chains, n_neurons)
        Draws of the model at the first beta; not changed.
    key : int
        Of the random bits: every run needs another.
    """
    states = np.array(states, np.uint8, order="C")
    inputs = np.empty((len(states), path.theta.size), np.float32)
    steps = betas.astype(np.float32)
    cuts = np.unique(np.linspace(0, betas.size - 1, _STRETCHES + 1).astype(np.int64))
    increments = np.zeros((cuts.size - 1, len(states)))
    for k in range(cuts.size - 1):
        stretch = steps[cuts[k] : cuts[k + 1] + 1]
        team.run(
            partial(
                anneal_tile, *path, stretch, states[a:b], inputs[a:b], increments[k, a:b],
                cuts[k], a // CHAINS_PER_TILE, np.uint64(key),
            )
            for a, b in pieces(len(states), CHAINS_PER_TILE)
        )  # fmt: skip
    return Annealed(states, increments.sum(axis=0), increments)


def rescheduled(
    betas: NDArray[np.float64], increments: NDArray[np.float64], n_steps: int
) -> NDArray[np.float64]:
    """Betas (n_steps + 1,) that spread the noise of the weights evenly over the path.

    The variance that a stretch adds to the log weights is its squared length under the friction
    metric, and a path at constant speed in that metric loses least (Sivak and Crooks, PRL 108,
    190602, 2012). Read from the stretches of an earlier run, whose correlations in time count.
    """
    cuts = np.unique(np.linspace(0, betas.size - 1, len(increments) + 1).astype(np.int64))
    edges = betas[cuts]
    lengths = increments.std(axis=1) * np.sqrt(np.diff(cuts))
    widths = np.abs(np.diff(edges))
    total = lengths.sum()
    even = widths / widths.sum()
    shares = even if total == 0 else lengths / total
    shares = np.maximum(shares, _LEAST_DENSITY * even)
    travelled = np.append(0, np.cumsum(shares))
    placed = np.interp(np.linspace(0, travelled[-1], n_steps + 1), travelled, edges)
    placed[[0, -1]] = betas[[0, -1]]
    return placed


class Forward(NamedTuple):
    """An estimate of ln Z with the betas and the log weights (n_chains,) behind it."""

    estimate: LogPartition
    betas: NDArray[np.float64]
    log_weights: NDArray[np.float64]


def annealed_log_partition(
    parameters: Parameters,
    base_fields: NDArray,
    seed: int,
    *,
    n_chains: int = N_CHAINS,
    tolerance: float = TOLERANCE,
    most_steps: int = MOST_STEPS,
) -> LogPartition:
    """Estimate ln Z by annealed importance sampling, with more steps until its error is small.

    Every run places its betas by the one before it; the last alone makes the estimate. Chains that
    all miss a well of the model tell nothing of it, and the estimate is too low by its share. So
    half of the work starts from `neutral_fields`; where the halves differ by more than chance the
    higher is taken, with half the difference in its error. Where samples of the model are at hand
    `bracketed_log_partition` is surer.

    Parameters
    ----------
    parameters : Parameters
        With binary hidden units.
    base_fields : ndarray, (n_neurons,)
        Logit of the neurons' rates in the training bins.
    seed : int
    n_chains : int
        At least 2.
    tolerance : float
        Standard error of ln Z at which to stop, in nats.
    most_steps : int
        Steps, of both halves together, at which to stop in any case.

    Raises
    ------
    InputError
        A model that is not finite, another number of base fields than of neurons, or fewer than
        two chains.
    """
    goal, steps = tolerance * np.sqrt(2), max(most_steps // 2, 1)
    paths = path_to(parameters, base_fields), path_to(parameters, neutral_fields(parameters))
    with Team() as team:
        first, second = (
            anneal_forward(team, path, seed, n_chains, goal, steps, stream).estimate
            for path, stream in zip(paths, (FORWARD_STREAM, NEUTRAL_STREAM), strict=True)
        )
    return pooled(first, second, goal)


def neutral_fields(parameters: Parameters) -> NDArray[np.float32]:
    """Fields b + W / 2 of neurons whose hidden units are on half of the time, within +-4.

    Along the path from here the fields of the model written in spins, s = 2v - 1, stay as they
    are, so that opposite wells part evenly. From the neurons' rates they do not: the rates of two
    wells of unequal depth lean towards the deeper.
    """
    fields = parameters.fields + np.asarray(parameters.weights, np.float64).sum(axis=1) / 2
    return np.clip(fields, -_LARGEST_FIELD, _LARGEST_FIELD).astype(np.float32)


def anneal_forward(
    team: Team,
    path: Path,
    seed: int,
    n_chains: int,
    tolerance: float,
    most_steps: int,
    stream: int = FORWARD_STREAM,
) -> Forward:
    """Anneal from the base of one path; arguments as for `annealed_log_partition`."""
    if n_chains < 2 or most_steps < 1:
        raise InputError(
            f"n_chains is {n_chains} and most_steps {most_steps}",
            remedy="Give at least two chains and one step",
        )
    betas = np.linspace(0, 1, min(_FIRST_STEPS, most_steps) + 1)
    while True:
        n_steps = betas.size - 1
        states = independent_states(path, n_chains, (seed, stream, _STARTS, n_steps))
        run = anneal(team, path, betas, states, run_key(seed, stream, n_steps))
        found = estimate_of(run.log_weights, n_steps)
        found = found._replace(value=path.log_partition + found.value)
        if found.standard_error <= tolerance or n_steps >= most_steps:
            return Forward(found, betas, run.log_weights)
        # The variance falls as one over the steps, once they are many.
        growth = np.clip((found.standard_error / tolerance) ** 2, 2, _LARGEST_GROWTH)
        n_steps = min(int(np.ceil(growth * n_steps)), most_steps)
        betas = rescheduled(betas, run.increments, n_steps)


def independent_states(path: Path, n_chains: int, seed: tuple[int, ...]) -> NDArray[np.uint8]:
    """Draw the base of a path, (n_chains, n_neurons)."""
    rates = expit(path.base_fields.astype(np.float64))
    drawn = np.random.default_rng(seed).random((n_chains, rates.size))
    return (drawn < rates).astype(np.uint8)


def run_key(seed: int, stream: int, n_steps: int) -> int:
    """Key of the random bits of one run."""
    return int(np.random.default_rng((seed, stream, n_steps)).integers(2**62))


def estimate_of(log_weights: NDArray[np.float64], n_steps: int) -> LogPartition:
    """Log of the mean weight of independent chains, with its error."""
    return LogPartition(
        log_mean(log_weights),
        float(np.sqrt(log_mean_variance(log_weights))),
        effective_samples(log_weights),
        log_weights.size,
        n_steps,
    )
