"""The directions along which a recording departs most from independent neurons."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.special import logit

# Bins in the rarer of its two states that a neuron must have for a share in the directions.
_LEAST_EVENTS = 10


class Directions(NamedTuple):
    """Independent neurons, and the directions to tilt them along.

    Attributes
    ----------
    rates : ndarray of float64, (n_neurons,)
        Probability of being active, held half a bin away from 0 and 1.
    vectors : ndarray of float64, (n_neurons, rank)
        Under independent neurons the projections have variance 1 and no correlation.
    variances : ndarray of float64, (rank,)
        Of the projections over the recording, largest first.
    """

    rates: NDArray[np.float64]
    vectors: NDArray[np.float64]
    variances: NDArray[np.float64]

    @property
    def fields(self) -> NDArray[np.float64]:
        """Fields of the independent neurons, (n_neurons,)."""
        return logit(self.rates)

    def keep(self, rank: int) -> "Directions":
        """Give the first `rank` directions."""
        return Directions(self.rates, self.vectors[:, :rank], self.variances[:rank])

    def project(self, rows: NDArray) -> NDArray[np.float64]:
        """Projections m = (v - rates) vectors of binary rows, (n_rows, rank)."""
        return (rows @ self.vectors.astype(np.float32)) - self.rates @ self.vectors


def principal_directions(rows: NDArray[np.float32], rank: int) -> Directions:
    """Find the top directions of the correlation matrix, as tilts of the neurons' fields.

    A small tilt mu of the fields along d moves the rates by p (1 - p) d mu. So a difference of
    rates that the correlations hold, sqrt(p (1 - p)) e with e their eigenvector, is the work of
    the tilt d = e / sqrt(p (1 - p)). Neurons that
    change in 10 bins or fewer have no share in any direction.

    Parameters
    ----------
    rows : ndarray of float32, (n_bins, n_neurons)
        Binary.
    rank : int
        Directions wanted; at most as many as neurons that vary.
    """
    n_bins = len(rows)
    means = rows.mean(axis=0, dtype=np.float64)
    covariance = (rows.T @ rows).astype(np.float64) / n_bins - np.outer(means, means)
    events = np.minimum(means, 1 - means) * n_bins
    varies = events > min(_LEAST_EVENTS, n_bins / 10)
    scale = np.where(varies, 1 / np.sqrt(np.where(varies, means * (1 - means), 1)), 0)
    rank = min(rank, int(varies.sum()))
    if not rank:
        return Directions((means * n_bins + 0.5) / (n_bins + 1), scale[:, None][:, :0], scale[:0])
    correlation = covariance * scale[:, None] * scale
    last = len(means) - 1
    values, vectors = eigh(correlation, subset_by_index=(last - rank + 1, last))
    values, vectors = values[::-1], vectors[:, ::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    rates = (means * n_bins + 0.5) / (n_bins + 1)
    return Directions(rates, vectors * np.sign(largest) * scale[:, None], values)
