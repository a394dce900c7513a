"""What is taken from each set of bins (of the data, or sampled from a model), then forgotten."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.moments import mean_activity, neuron_covariance
from popcode.metrics.population import activity_counts
from popcode.metrics.principal import principal_axes
from popcode.metrics.projections import projections
from popcode.metrics.strongest import strongest_triplets
from popcode.metrics.triplets import N_TRIPLETS, Triplets, connected_moments, count_blocks
from popcode.metrics.tuples import Indices, choose_pairs, choose_triplets
from popcode.threads import Team

N_AXES = 5
# All pairs of 770 neurons; a random part of more tells an rms error to a thousandth.
MAX_PAIRS = 300_000
MAX_NEAREST, NEAREST_PRODUCTS = 5_000, 10**10

Binary = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]


class Scope(NamedTuple):
    """What the statistics are taken over, the same for all sets.

    Attributes
    ----------
    pairs : (i, j) or None
        None for all.
    random, strongest : (i, j, k)
        Triplets; the strongest are chosen in the training bins.
    axes : ndarray of float32, shape (n_neurons, n_axes)
        Principal axes of the training bins.
    mean : ndarray, shape (n_neurons,)
        Of the training bins.
    n_nearest : int
        Bins of each set among which nearest neighbours are looked for.
    """

    pairs: tuple[Indices, Indices] | None
    random: Triplets
    strongest: Triplets
    axes: npt.NDArray[np.float32]
    mean: Values
    n_nearest: int


class SetStatistics(NamedTuple):
    """Statistics of one set of bins.

    Attributes
    ----------
    covariance : ndarray, shape (n_pairs,)
    random, strongest : ndarray, shape (n_triplets,)
        Connected third moments.
    population : ndarray of int64, shape (n_neurons + 1,)
        Bins with each number of active neurons.
    coordinates : ndarray of float32, shape (n_bins, n_axes)
    nearest : ndarray of uint8, shape (n_nearest, n_neurons)
        A random subset of the bins, in their order.
    """

    covariance: Values
    random: Values
    strongest: Values
    population: npt.NDArray[np.int64]
    coordinates: npt.NDArray[np.float32]
    nearest: Binary


def scope_of(
    team: Team, train: Binary, smallest_set: int, rngs: tuple[np.random.Generator, ...]
) -> Scope:
    """Choose what to look at.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    train : ndarray of uint8, shape (n_bins, n_neurons)
    smallest_set : int
        Bins of the smallest set that will be compared.
    rngs : four numpy.random.Generator
        Of pairs, random triplets, candidates of the strongest, and axes.
    """
    n_neurons = train.shape[1]
    pairs, random, strongest, axes = rngs
    n_pairs = n_neurons * (n_neurons - 1) // 2
    affordable = int(np.sqrt(NEAREST_PRODUCTS / n_neurons))
    return Scope(
        pairs=choose_pairs(n_neurons, MAX_PAIRS, pairs) if n_pairs > MAX_PAIRS else None,
        random=choose_triplets(n_neurons, N_TRIPLETS, random),
        strongest=strongest_triplets(team, train, strongest),
        axes=principal_axes(train, N_AXES, axes),
        mean=mean_activity(train),
        n_nearest=min(MAX_NEAREST, affordable, smallest_set),
    )


def statistics_of(team: Team, x: Binary, scope: Scope, rng: np.random.Generator) -> SetStatistics:
    """Take everything from a set of bins.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    x : ndarray of uint8, shape (n_bins, n_neurons)
    scope : Scope
    rng : numpy.random.Generator
        Of the bins among which nearest neighbours are looked for.
    """
    chosen = np.sort(rng.choice(len(x), scope.n_nearest, replace=False))
    return SetStatistics(
        covariance=neuron_covariance(x, scope.pairs),
        random=connected_moments(count_blocks(team, x, scope.random)),
        strongest=connected_moments(count_blocks(team, x, scope.strongest)),
        population=activity_counts(x),
        coordinates=projections(scope.axes, scope.mean, x),
        nearest=x[chosen],
    )
