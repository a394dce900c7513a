"""What a model says of some neurons given others, in the same bin."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from popcode.errors import InputError
from popcode.estimators.arguments import check_whole
from popcode.rbm.kernels.conditional import conditional_log_odds_block
from popcode.rbm.parameters import Parameters, hidden_inputs
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team, pieces

_NEURONS_PER_BLOCK = 128  # as in the kernel
_BINS_PER_CALL, _BINS_PER_TURN = 64, 4096
_LARGEST_EXPONENT, _MOST_TOGETHER = 600.0, 32
_STREAM = 31
_BINS_PER_DRAW = 1024
N_SWEEPS, BURN_IN, N_BATCHES = 200, 50, 10


class GroupCompletion(NamedTuple):
    """P(v_i = 1 | observed neurons) of every held-out neuron, by sampling.

    Attributes
    ----------
    probability : ndarray, (n_bins, n_held)
    standard_error : ndarray, (n_bins, n_held)
        Of the sampling, from batch means along the chain.
    """

    probability: NDArray[np.float64]
    standard_error: NDArray[np.float64]


def conditional_log_odds(
    team: Team, parameters: Parameters, states: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Log-odds of each neuron being active given all other neurons of its bin, exactly.

    ln P(v_i = 1 | rest) / P(v_i = 0 | rest) = F(v, v_i = 0) - F(v, v_i = 1), for all neurons of a
    bin in n_neurons x n_hidden multiplications.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    parameters : Parameters
        With binary hidden units.
    states : ndarray of uint8, (n_bins, n_neurons)
        Zeros and ones.

    Returns
    -------
    ndarray of float32, (n_bins, n_neurons)
        Nats; the value does not depend on the neuron's own state.

    Raises
    ------
    InputError
        Hidden units that are not binary, or weights beyond 600.
    """
    weights = np.asarray(parameters.weights, dtype=np.float64)
    n_together = _units_together(_theta(parameters), weights)
    growth, fields = _growth(weights), np.asarray(parameters.fields, dtype=np.float64)
    log_odds = np.empty(states.shape, np.float32)
    exact = parameters._replace(weights=weights)
    for start, stop in pieces(len(states), _BINS_PER_TURN):
        inputs = hidden_inputs(exact, states[start:stop]) - _theta(parameters)
        p, q = expit(inputs), expit(-inputs)
        team.run(
            partial(
                conditional_log_odds_block,
                growth,
                fields,
                states[start + a : start + b],
                p[a:b],
                q[a:b],
                n_together,
                log_odds[start + a : start + b],
            )
            for a, b in pieces(stop - start, _BINS_PER_CALL)
        )
    return log_odds


def _theta(parameters: Parameters) -> NDArray[np.float64]:
    if not isinstance(parameters.hidden, Bernoulli):
        raise InputError(
            f"hidden units are {type(parameters.hidden).__name__}, and must be binary here",
            remedy="Use a BernoulliRBM",
        )
    return np.asarray(parameters.hidden.theta, dtype=np.float64)


def _units_together(theta: NDArray[np.float64], weights: NDArray[np.float64]) -> int:
    """Units whose product of factors, each within e^-|w| and e^|w|, stays a normal number."""
    largest = float(np.max(np.abs(weights), initial=0.0))
    if not (largest <= _LARGEST_EXPONENT and np.all(np.isfinite(theta))):
        raise InputError(
            f"the largest weight is {largest:.3g}, or a hidden field is not finite",
            remedy="The model has diverged: train it again with a smaller learning rate",
        )
    return int(np.clip(_LARGEST_EXPONENT / max(largest, 1.0), 1, _MOST_TOGETHER))


def _growth(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp(weights) in blocks of neurons, (n_blocks, n_hidden, 128)."""
    n_neurons, n_hidden = weights.shape
    n_blocks = -(-n_neurons // _NEURONS_PER_BLOCK)
    growth = np.ones((n_blocks, n_hidden, _NEURONS_PER_BLOCK))
    for block, (a, b) in enumerate(pieces(n_neurons, _NEURONS_PER_BLOCK)):
        growth[block, :, : b - a] = np.exp(weights[a:b]).T
    return growth


def complete_group(
    team: Team,
    parameters: Parameters,
    states: NDArray[np.uint8],
    held: NDArray[np.int64],
    seed: int,
    *,
    n_sweeps: int = N_SWEEPS,
    burn_in: int = BURN_IN,
) -> GroupCompletion:
    """Probability of held-out neurons given the others, by Gibbs sampling with those clamped.

    One chain a bin; the probability is the mean of P(v_i = 1 | h) along it (Rao and Blackwell's
    average), which varies less than the states do. A chain that stays in one of several collective
    states all along does not show it in its standard error: compare with a longer burn-in.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    parameters : Parameters
        With binary hidden units.
    states : ndarray of uint8, (n_bins, n_neurons)
        Held-out neurons' states are never looked at.
    held : ndarray of int, (n_held,)
        Indices of the held-out neurons.
    seed : int
    n_sweeps, burn_in : int
        Sweeps that are averaged, in 10 batches (what is left over is not run), and before them.

    Returns
    -------
    GroupCompletion

    Raises
    ------
    InputError
        Hidden units that are not binary, no or repeated or unknown held-out neurons, or fewer
        sweeps than batches.
    """
    held = _indices(parameters.n_neurons, held)
    check_whole(least=N_BATCHES, n_sweeps=n_sweeps)
    check_whole(least=0, burn_in=burn_in, seed=seed)
    theta = _theta(parameters)
    weights = np.asarray(parameters.weights, dtype=np.float32)
    shape = (len(states), held.size)
    found = GroupCompletion(np.empty(shape), np.empty(shape))
    inner, fields = weights[held], np.asarray(parameters.fields, dtype=np.float32)[held]

    def complete(piece: int, a: int, b: int) -> None:
        observed = states[a:b].astype(np.float32)
        observed[:, held] = 0
        clamped = observed @ weights - theta.astype(np.float32)
        rng = np.random.default_rng((seed, _STREAM, piece))
        batches = _batch_means(clamped, inner, fields, n_sweeps // N_BATCHES, burn_in, rng)
        found.probability[a:b] = batches[0]
        found.standard_error[a:b] = batches[1]

    cut = enumerate(pieces(len(states), _BINS_PER_DRAW))
    team.run(partial(complete, piece, a, b) for piece, (a, b) in cut)
    return found


def _indices(n_neurons: int, held: Any) -> NDArray[np.int64]:
    """Held-out neurons as indices; a mask of all neurons names those that it takes."""
    found = np.asarray(held)
    if found.dtype == bool and found.shape == (n_neurons,):
        found = np.flatnonzero(found)
    if found.ndim != 1 or found.size == 0 or not np.issubdtype(found.dtype, np.integer):
        raise InputError(
            f"held-out neurons are {held!r:.60}",
            remedy=f"Give a list of indices from 0 to {n_neurons - 1}, at least one",
        )
    if np.unique(found).size < found.size:
        raise InputError(f"{found.size} held-out neurons, some of them twice")
    if found.min() < 0 or found.max() >= n_neurons:
        raise InputError(f"held-out neurons beyond the model's {n_neurons}")
    return found.astype(np.int64)


def _batch_means(
    clamped: NDArray[np.float32],
    weights: NDArray[np.float32],
    fields: NDArray[np.float32],
    batch: int,
    burn_in: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of P(v = 1 | h) along chains h | v, v | h, and its standard error over batches."""
    shape = (len(clamped), fields.size)
    p = np.broadcast_to(expit(fields), shape)
    total, squares, running = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for sweep in range(burn_in + N_BATCHES * batch):
        v = (rng.random(shape, dtype=np.float32) < p).astype(np.float32)
        h = rng.random(clamped.shape, dtype=np.float32) < expit(clamped + v @ weights)
        p = expit(h.astype(np.float32) @ weights.T + fields)
        if sweep < burn_in:
            continue
        running += p
        if (sweep - burn_in + 1) % batch == 0:
            total += running / batch
            squares += (running / batch) ** 2
            running[:] = 0
    mean = total / N_BATCHES
    variance = np.maximum(squares / N_BATCHES - mean**2, 0) / (N_BATCHES - 1)
    return mean, np.sqrt(variance)
