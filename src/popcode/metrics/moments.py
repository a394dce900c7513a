"""Means and covariances of neurons and hidden units, and third moments of neurons.

The five statistics of van der Plas et al. 2023 (eLife 12:e83139, Methods, "Assessment of data
statistics"); a hidden unit is always its conditional mean E[h|v], on data and on samples alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import threadpoolctl

from popcode.metrics.blocks import row_blocks
from popcode.metrics.coincidence import all_pair_coincidences, coincidences, pack_bins
from popcode.metrics.population import activity_counts
from popcode.metrics.tuples import Indices

Values = npt.NDArray[np.float64]


class Choice(NamedTuple):
    """Which pairs and triplets the statistics are taken over, the same for data and models.

    Attributes
    ----------
    connected : ndarray of bool, shape (n_neurons, n_hidden)
        Pairs of a neuron and a hidden unit with a weight other than 0.
    pairs : (i, j) or None
        Pairs of neurons; None for all.
    triplets : (i, j, k)
        Triplets of neurons.
    """

    connected: npt.NDArray[np.bool_]
    pairs: tuple[Indices, Indices] | None
    triplets: tuple[Indices, Indices, Indices]


class Moments(NamedTuple):
    """The statistics of one set of bins; each a vector in an order fixed by :class:`Choice`.

    Attributes
    ----------
    mean_activity : <v_i>, shape (n_neurons,)
    mean_hidden : <E[h|v]>, shape (n_hidden,)
    neuron_hidden : <v_i E[h_mu|v]> over connected pairs
    neuron_neuron : <v_i v_j> - <v_i><v_j>
    hidden_hidden : covariance of E[h|v], pairs mu < nu
    triplets : connected third moments
    population : number of bins with K = 0 ... n_neurons active neurons
    """

    mean_activity: Values
    mean_hidden: Values
    neuron_hidden: Values
    neuron_neuron: Values
    hidden_hidden: Values
    triplets: Values
    population: npt.NDArray[np.int64]


def moments_of(x: npt.NDArray[np.uint8], hidden: npt.NDArray, choice: Choice) -> Moments:
    """All statistics of a set of bins.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.
    hidden : ndarray, shape (n_bins, n_hidden)
        E[h|v] of the same bins.
    choice : Choice
        Pairs and triplets.

    Returns
    -------
    Moments
    """
    return Moments(
        mean_activity=mean_activity(x),
        mean_hidden=hidden.mean(axis=0, dtype=np.float64),
        neuron_hidden=neuron_hidden(x, hidden)[choice.connected],
        neuron_neuron=neuron_covariance(x, choice.pairs),
        hidden_hidden=hidden_covariance(hidden),
        triplets=third_moments(x, choice.triplets),
        population=activity_counts(x),
    )


def mean_activity(x: npt.NDArray[np.uint8]) -> Values:
    """Mean activity <v_i> of each neuron.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)

    Returns
    -------
    ndarray, shape (n_neurons,)
        Active bins a bin.
    """
    return x.sum(axis=0, dtype=np.int64) / len(x)


def neuron_hidden(x: npt.NDArray[np.uint8], hidden: npt.NDArray) -> Values:
    """Mean product <v_i E[h_mu|v]> of every neuron and hidden unit.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
    hidden : ndarray, shape (n_bins, n_hidden)

    Returns
    -------
    ndarray, shape (n_neurons, n_hidden)
    """
    total = np.zeros((x.shape[1], hidden.shape[1]))
    # One thread: how a product is shared out would otherwise change the last bits.
    with threadpoolctl.threadpool_limits(1, "blas"):
        for rows in row_blocks(*x.shape):
            total += x[rows].T.astype(np.float32) @ hidden[rows].astype(np.float32, copy=False)
    return total / len(x)


def neuron_covariance(
    x: npt.NDArray[np.uint8], pairs: tuple[Indices, Indices] | None = None
) -> Values:
    """Covariance <v_i v_j> - <v_i><v_j> of pairs of neurons, from exact counts.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.
    pairs : (i, j), optional
        The pairs; by default all i < j in the order of ``numpy.triu_indices``.

    Returns
    -------
    ndarray, shape (n_pairs,)
    """
    if pairs is None:
        counts, (i, j) = all_pair_coincidences(x), np.triu_indices(x.shape[1], 1)
    else:
        counts, (i, j) = coincidences(pack_bins(x), *pairs), pairs
    means = mean_activity(x)
    return counts / len(x) - means[i] * means[j]


def hidden_covariance(hidden: npt.NDArray) -> Values:
    """Covariance of E[h|v] of all pairs of hidden units mu < nu.

    Parameters
    ----------
    hidden : ndarray, shape (n_bins, n_hidden)

    Returns
    -------
    ndarray, shape (n_hidden (n_hidden - 1) / 2,)
        Divided by n_bins, as <h h> - <h><h> is.
    """
    means = hidden.mean(axis=0, dtype=np.float64)
    total = np.zeros((hidden.shape[1], hidden.shape[1]))
    with threadpoolctl.threadpool_limits(1, "blas"):
        for rows in row_blocks(*hidden.shape):
            # Centred first: the difference of large means would lose the covariance.
            centred = hidden[rows] - means
            total += centred.T @ centred
    return total[np.triu_indices(len(total), 1)] / len(hidden)


def third_moments(x: npt.NDArray[np.uint8], triplets: tuple[Indices, Indices, Indices]) -> Values:
    """Connected third moment <(v_i - <v_i>)(v_j - <v_j>)(v_k - <v_k>)> of triplets.

    Parameters
    ----------
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.
    triplets : (i, j, k)
        Neurons of each triplet.

    Returns
    -------
    ndarray, shape (n_triplets,)
    """
    packed, n_bins = pack_bins(x), len(x)
    i, j, k = triplets
    mean = mean_activity(x)
    mean_i, mean_j, mean_k = mean[i], mean[j], mean[k]
    return (
        coincidences(packed, i, j, k) / n_bins
        - mean_i * coincidences(packed, j, k) / n_bins
        - mean_j * coincidences(packed, i, k) / n_bins
        - mean_k * coincidences(packed, i, j) / n_bins
        + 2 * mean_i * mean_j * mean_k
    )
