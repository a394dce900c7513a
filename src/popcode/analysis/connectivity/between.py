"""How alike the connection strengths of several animals are, beside what chance leaves of it.

Source: van der Plas et al., eLife 12:e83139 (2023), Figure 5C.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.connectivity.matrices import RegionalMatrix, aligned
from popcode.analysis.connectivity.resampling import drawn_pairs, shuffled_pairs
from popcode.errors import InputError

Float = NDArray[np.float64]
_LEAST_ENTRIES = 3
_RESAMPLE_STREAM, _SHUFFLE_STREAM = 86, 87


class BetweenAnimals(NamedTuple):
    """Pearson correlations of log10 strengths between animals.

    Entries of the lower triangle with the diagonal that are above 0 in both.

    Attributes
    ----------
    pearson : ndarray, (n_animals, n_animals)
        1 with itself; nan for fewer than 3 entries.
    mean : float
        Over pairs of animals.
    interval : (float, float)
        95 %, over regions drawn anew for all animals alike: not over animals.
    chance : float
        95 % of shuffles of the names of the regions, in one animal of each pair, stay below.
    p : float
        Share of shuffles that reach the mean, itself counted.
    n_entries : int
        Entries of the pair of animals that shares fewest.
    """

    pearson: Float
    mean: float
    interval: tuple[float, float]
    chance: float
    p: float
    n_entries: int


def between_animals(
    matrices: Sequence[RegionalMatrix], n_resamples: int = 1000, seed: int = 0
) -> BetweenAnimals:
    """Compare the matrices of several animals.

    Parameters
    ----------
    matrices : sequence of RegionalMatrix
    n_resamples : int
        Draws of regions, and shuffles of their names.
    seed : int

    Raises
    ------
    InputError
        A single animal, or animals that have no three strengths in common.
    """
    if len(matrices) < 2:
        raise InputError("one animal has nothing to be compared with", remedy="Give two at least")
    logs = _logs(matrices)
    pairs = list(combinations(range(len(logs)), 2))
    entries = logs[:, *np.tril_indices(logs.shape[1])]
    pearson = similarities(matrices)
    mean = mean_of_pairs(pearson)
    if not np.isfinite(mean):
        raise InputError(
            "the animals have no three connection strengths in common",
            remedy="Name their regions alike, or lower the least number of neurons of a region",
        )
    low, high = np.nanquantile(_redrawn(logs, pairs, n_resamples, seed), (0.025, 0.975))
    shuffled = _shuffled(logs, pairs, n_resamples, seed)
    return BetweenAnimals(
        pearson,
        mean,
        (float(low), float(high)),
        float(np.nanquantile(shuffled, 0.95)),
        float((1 + np.sum(shuffled >= mean)) / (1 + n_resamples)),
        min(int(np.isfinite(entries[a] + entries[b]).sum()) for a, b in pairs),
    )


def similarities(matrices: Sequence[RegionalMatrix]) -> Float:
    """Pearson correlations of log10 strengths of all pairs of matrices, 1 with itself.

    Parameters
    ----------
    matrices : sequence of RegionalMatrix

    Returns
    -------
    ndarray, (n_matrices, n_matrices)
        nan for pairs with fewer than 3 strengths above 0 in common, or none that differ.
    """
    logs = _logs(matrices)
    entries = logs[:, *np.tril_indices(logs.shape[1])]
    found = np.eye(len(entries))
    for a, b in combinations(range(len(entries)), 2):
        found[a, b] = found[b, a] = _pearson(entries[a], entries[b])
    return found


def mean_of_pairs(square: Float) -> float:
    """Mean of the known entries below the diagonal; nan for none."""
    return _mean(square[np.tril_indices(len(square), -1)].tolist())


def _logs(matrices: Sequence[RegionalMatrix]) -> Float:
    """Strengths as log10, nan where unknown or 0, (n_animals, n_regions, n_regions)."""
    values = np.stack([each.values for each in aligned(matrices)])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log10(np.where(values > 0, values, np.nan))


def _redrawn(logs: Float, pairs: list[tuple[int, int]], n: int, seed: int) -> Float:
    rng = np.random.default_rng((seed, _RESAMPLE_STREAM))
    return np.array(
        [
            _mean([_pearson(logs[a][drawn], logs[b][drawn]) for a, b in pairs])
            for drawn in drawn_pairs(logs.shape[1], n, rng)
        ]
    )


def _shuffled(logs: Float, pairs: list[tuple[int, int]], n: int, seed: int) -> Float:
    rng = np.random.default_rng((seed, _SHUFFLE_STREAM))
    own = np.tril_indices(logs.shape[1])
    return np.array(
        [
            _mean([_pearson(logs[a][own], logs[b][other]) for a, b in pairs])
            for other in shuffled_pairs(logs.shape[1], n, rng)
        ]
    )


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _pearson(x: Float, y: Float) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if x.size < _LEAST_ENTRIES or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
