"""How couplings fall with distance, among neurons of the same probe and area."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.areas.bootstrap import interval, resampled
from popcode.analysis.areas.sums import Float, off_diagonal

_STREAM = 34
# Of millions, a tenth tells the same.
_MOST_PAIRS = 500_000


class DistanceCurve(NamedTuple):
    """Mean coupling by distance, with 95 % intervals by resampling neurons.

    Attributes
    ----------
    distance_um : ndarray, (n_distances,)
        Mean distance of the pairs together.
    mean, low, high : ndarray, (n_distances,)
        Mean coupling.
    n_pairs : ndarray of int, (n_distances,)
    all_pairs : float
        Mean over all of these pairs: the curve if distance did not matter.
    """

    distance_um: Float
    mean: Float
    low: Float
    high: Float
    n_pairs: NDArray[np.int64]
    all_pairs: float


class _Pairs(NamedTuple):
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distances: Float


def distance_curve(
    values: NDArray,
    positions_um: NDArray,
    groups: NDArray[np.int64],
    *,
    n_distances: int = 10,
    n_resamples: int = 200,
    seed: int = 0,
) -> DistanceCurve | None:
    """Mean coupling of the pairs within groups, in bins of distance with equally many pairs.

    Parameters
    ----------
    values : ndarray, (n_neurons, n_neurons)
        Symmetric, the diagonal is not looked at.
    positions_um : ndarray, (n_neurons, n_dimensions)
        nan where unknown: such neurons are left out.
    groups : ndarray of int, (n_neurons,)
        Pairs are of one group (a probe in an area); negative for none.
    n_distances, n_resamples, seed : int

    Returns
    -------
    DistanceCurve or None
        None where no two neurons of a group have different positions.

    Raises
    ------
    InputError
        A matrix that is not square, symmetric and finite.
    """
    matrix = off_diagonal(values)
    rng = np.random.default_rng((seed, _STREAM))
    pairs = _pairs(positions_um, groups, rng)
    if pairs.distances.size == 0 or np.ptp(pairs.distances) == 0:
        return None
    which, n_bins = _bins(pairs.distances, n_distances)
    couplings = matrix[pairs.first, pairs.second]
    n_pairs = np.bincount(which, minlength=n_bins)
    rows = np.unique(np.r_[pairs.first, pairs.second])
    drawn = np.empty((n_resamples, n_bins))
    for k in range(n_resamples):
        counts = resampled(rows, len(matrix), rng)
        weights = counts[pairs.first] * counts[pairs.second]
        drawn[k] = _means(which, couplings, weights, n_bins)
    low, high = interval(drawn)
    everyone = np.ones(couplings.size)
    return DistanceCurve(
        distance_um=_means(which, pairs.distances, everyone, n_bins),
        mean=_means(which, couplings, everyone, n_bins),
        low=low,
        high=high,
        n_pairs=n_pairs,
        all_pairs=float(couplings.mean()),
    )


def _pairs(positions: NDArray, groups: NDArray[np.int64], rng: np.random.Generator) -> _Pairs:
    """Pairs of one group with known positions; of too many, some at random."""
    known = np.isfinite(positions).all(axis=1) & (groups >= 0)
    firsts, seconds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for group in np.unique(groups[known]):
        rows = np.flatnonzero(known & (groups == group))
        first, second = np.triu_indices(rows.size, 1)
        firsts.append(rows[first])
        seconds.append(rows[second])
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    if first.size > _MOST_PAIRS:
        kept = rng.choice(first.size, _MOST_PAIRS, replace=False)
        first, second = first[kept], second[kept]
    return _Pairs(first, second, np.linalg.norm(positions[first] - positions[second], axis=1))


def _bins(distances: Float, n_distances: int) -> tuple[NDArray[np.int64], int]:
    """Bin of each pair; many equal distances make fewer bins."""
    inner = np.unique(np.quantile(distances, np.linspace(0, 1, n_distances + 1)[1:-1]))
    which = np.searchsorted(inner, distances, side="left")
    _, compact = np.unique(which, return_inverse=True)
    return compact, int(compact.max()) + 1


def _means(which: NDArray[np.int64], values: Float, weights: Float, n_bins: int) -> Float:
    totals = np.bincount(which, weights, n_bins)
    sums = np.bincount(which, weights * values, n_bins)
    return sums / np.where(totals > 0, totals, np.nan)
