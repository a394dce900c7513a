"""Withheld neurons given the others, by Gibbs sampling from each neuron's law given all others."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from popcode.estimators.answers import Withheld, checked_held
from popcode.threads import Team, pieces

N_SWEEPS, BURN_IN = 100, 20
_BINS_PER_CALL, _STREAM = 256, 21
Matrix = NDArray[np.float32]


def complete_by_gibbs(
    weights: Matrix,
    fields: NDArray[np.floating],
    states: NDArray[np.uint8],
    held: NDArray[np.int64],
    seed: int,
    *,
    steps: NDArray[np.floating] | None = None,
    n_sweeps: int = N_SWEEPS,
    burn_in: int = BURN_IN,
) -> Withheld:
    """Average each withheld neuron's law given all others along a chain of those laws.

    For symmetric weights this is the pairwise model's P(v_i = 1 | observed). For regressions,
    which need not agree with any joint law, it is the ordered pseudo-Gibbs sampler of a dependency
    network (Heckerman et al., Journal of Machine Learning Research 1, 49 (2000)).

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_neurons)
        Column j: what each active neuron adds to the log-odds of neuron j; zero diagonal.
    fields : ndarray, (n_neurons,)
    states : ndarray of uint8, (n_bins, n_neurons)
    held : ndarray of int, (n_held,)
    seed : int
    steps : ndarray, (n_neurons,), optional
        What K active others add to every neuron's log-odds, the K-pairwise model's.
    n_sweeps, burn_in : int
        Sweeps that are averaged, and before them.

    Returns
    -------
    Withheld

    Raises
    ------
    InputError
        None, all, repeated or unknown withheld neurons.
    """
    held, observed = checked_held(held, states.shape[1])
    inner = np.ascontiguousarray(weights[np.ix_(held, held)].T, dtype=np.float32)
    outer = np.asarray(weights[np.ix_(observed, held)], dtype=np.float32)
    probability = np.empty((len(states), held.size), np.float32)

    def complete(piece: int, a: int, b: int) -> None:
        seen = states[a:b, observed].astype(np.float32)
        drive = (seen @ outer).T + np.asarray(fields, np.float32)[held, None]
        counts = seen.sum(axis=1).astype(np.int64)
        after = np.zeros(states.shape[1], np.float32) if steps is None else steps
        rng = np.random.default_rng((seed, _STREAM, piece))
        probability[a:b] = _averaged(
            inner, drive, lambda n: after[counts + n], n_sweeps, burn_in, rng
        ).T

    with Team() as team:
        cut = enumerate(pieces(len(states), _BINS_PER_CALL))
        team.run(partial(complete, piece, a, b) for piece, (a, b) in cut)
    return Withheld(probability)


def _averaged(
    inner: Matrix,
    drive: Matrix,
    bias: Callable[[NDArray[np.int64]], NDArray],
    n_sweeps: int,
    burn_in: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Mean of P(v_i = 1 | rest) along sequential sweeps of all bins at once, (n_held, n_bins)."""
    v = (rng.random(drive.shape, dtype=np.float32) < expit(drive)).astype(np.float32)
    active, total = v.sum(axis=0).astype(np.int64), np.zeros(drive.shape)
    for sweep in range(burn_in + n_sweeps):
        uniforms = rng.random(drive.shape, dtype=np.float32)
        for i in range(len(v)):
            others = active - v[i].astype(np.int64)
            p = expit(drive[i] + inner[i] @ v + bias(others))
            v[i] = uniforms[i] < p
            active = others + v[i].astype(np.int64)
            if sweep >= burn_in:
                total[i] += p
    return total / n_sweeps
