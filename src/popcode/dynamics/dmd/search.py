"""Leading components of a population too large for its covariance matrix, by its products."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from popcode.dynamics.dmd.covariances import pair_blocks
from popcode.dynamics.dmd.leading import LeadingCovariances
from popcode.dynamics.source import Read
from popcode.dynamics.spectra.leading import leading_triplets
from popcode.dynamics.spectra.products import Single, Values, add_transposed, multiply, projected
from popcode.threads import Team

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class FirstBins(NamedTuple):
    """X / sqrt(n_pairs), the first bins of the pairs, (n_pairs, n_neurons)."""

    read: Read
    starts: Int
    lag: int
    n_neurons: int
    team: Team

    @property
    def shape(self) -> tuple[int, int]:
        """(n_pairs, n_neurons)."""
        return self.starts.size, self.n_neurons

    def products(self, left: Single, right: Single) -> tuple[Values, Values]:
        """The matrix times `right`, and its transpose times `left`, in one pass."""
        of_pairs = np.empty((self.starts.size, right.shape[1]))
        of_neurons = np.zeros((self.n_neurons, left.shape[1]))
        for pairs, now, _ in pair_blocks(self.read, self.starts, self.lag):
            multiply(self.team, now, right, of_pairs[pairs])
            add_transposed(self.team, now, left[pairs], of_neurons)
        root = np.sqrt(self.starts.size)
        return of_pairs / root, of_neurons / root


def leading_by_search(
    read: Read, starts: Int, lag: int, n_neurons: int, n_components: int, seed: int
) -> LeadingCovariances:
    """Components by block Lanczos; the covariances between them are exact.

    Parameters
    ----------
    read, starts, lag, n_neurons
        As `lagged_covariances`.
    n_components, seed : int

    Returns
    -------
    LeadingCovariances
    """
    with Team() as team:
        matrix = FirstBins(read, starts, lag, n_neurons, team)
        found = leading_triplets(matrix, n_components, team, seed=seed)
        axes = np.linalg.qr(found.right.astype(np.float64))[0]
        same, lagged, total = _between(matrix, axes)
    values, turn = scipy.linalg.eigh(same)
    values, turn = values[::-1], turn[:, ::-1]
    return LeadingCovariances(
        components=axes @ turn,
        variances=values,
        lagged=turn.T @ lagged @ turn,
        mean_variance=total / n_neurons,
        n_pairs=starts.size,
        lag=lag,
    )


def _between(matrix: FirstBins, axes: Float) -> tuple[Float, Float, float]:
    """C(0) and C(lag) along `axes`, and the variance of all neurons together."""
    n_axes, total = axes.shape[1], 0.0
    same, lagged = np.zeros((2, n_axes, n_axes))
    for _, now, later in pair_blocks(matrix.read, matrix.starts, matrix.lag):
        few, few_later = (projected(matrix.team, x, axes.astype(x.dtype)) for x in (now, later))
        add_transposed(matrix.team, few, few, same)
        add_transposed(matrix.team, few_later, few, lagged)
        total += float(np.einsum("ij,ij->", now, now, dtype=np.float64))
    n_pairs = matrix.starts.size
    return same / n_pairs, lagged / n_pairs, total / n_pairs
