"""The triplets of neurons whose third moments are largest, chosen without a look at the test."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from popcode.metrics.moments import neuron_covariance
from popcode.metrics.triplets import Triplets, connected_moments, count_blocks
from popcode.metrics.tuples import choose_triplets
from popcode.threads import Team

N_STRONGEST = 10_000
MAX_CANDIDATES = 2_000_000


def strongest_triplets(
    team: Team,
    train: npt.NDArray[np.uint8],
    rng: np.random.Generator,
    n_strongest: int = N_STRONGEST,
    max_candidates: int = MAX_CANDIDATES,
) -> Triplets:
    """Triplets with the largest |connected third moment| in the training bins.

    Their moments in the training bins are too large, for being chosen so: judge them on the test
    bins alone, against the two halves of those. Up to `max_candidates` triplets all are compared
    (230 neurons at 2,000,000); beyond, half of the candidates are random and half are the most
    correlated pairs with every third neuron, so that "strongest" is among candidates.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    train : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.
    rng : numpy.random.Generator
        Of the random candidates.
    n_strongest, max_candidates : int

    Returns
    -------
    i, j, k : ndarray of int64, shape (at most n_strongest,)
        The strongest first; i < j < k.
    """
    n_neurons = train.shape[1]
    if math.comb(n_neurons, 3) <= max_candidates:
        candidates = choose_triplets(n_neurons, max_candidates, rng)
    else:
        candidates = _candidates(train, rng, max_candidates)
    moments = np.abs(connected_moments(count_blocks(team, train, candidates)))
    # Stable, so that equal moments come in the order of their neurons.
    order = np.argsort(-moments, kind="stable")[:n_strongest]
    i, j, k = (each[order] for each in candidates)
    return i, j, k


def _candidates(train: npt.NDArray[np.uint8], rng: np.random.Generator, n: int) -> Triplets:
    n_neurons = train.shape[1]
    random = np.stack(choose_triplets(n_neurons, n // 2, rng), axis=1)
    n_pairs = max(n // 2 // n_neurons, 1)
    strength = np.abs(neuron_covariance(train))
    pairs = np.stack(np.triu_indices(n_neurons, 1), axis=1)
    pairs = pairs[np.argsort(-strength, kind="stable")[:n_pairs]]
    third = np.tile(np.arange(n_neurons), len(pairs))
    grown = np.column_stack([np.repeat(pairs, n_neurons, axis=0), third])
    grown = np.sort(grown[(grown[:, 0] != third) & (grown[:, 1] != third)], axis=1)
    both = np.concatenate([random, grown])
    codes = np.unique((both[:, 0] * n_neurons + both[:, 1]) * n_neurons + both[:, 2])
    pair, k = np.divmod(codes, n_neurons)
    i, j = np.divmod(pair, n_neurons)
    return i, j, k
