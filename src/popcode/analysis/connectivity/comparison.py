"""Functional against structural connectivity: rank correlation, zeros, evidence.

Source: van der Plas et al., eLife 12:e83139 (2023), Figure 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from popcode.analysis.connectivity.resampling import drawn_pairs, shuffled_pairs
from popcode.errors import InputError

Float = NDArray[np.float64]
_RESAMPLE_STREAM, _SHUFFLE_STREAM = 84, 85
_LEAST_ENTRIES = 3


class StructuralComparison(NamedTuple):
    """How connection strengths go with those of a structural matrix.

    Attributes
    ----------
    spearman : float
        Over region pairs (lower triangle with the diagonal) whose structural entry is above 0.
    interval : (float, float)
        95 %, over regions drawn anew.
    spearman_all : float
        Over all pairs known in both.
    chance : float
        95 % of shuffles of the regions' names stay below this Spearman correlation.
    p : float
        Share of shuffles that reach `spearman`, itself counted.
    distance, distance_p : float
        Kolmogorov-Smirnov distance between the functional strengths of pairs with and without a
        structural connection, and the share of shuffles that reach it; nan where either is missing.
    n_entries, n_zero : int
        Pairs with a structural connection, and without.
    """

    spearman: float
    interval: tuple[float, float]
    spearman_all: float
    chance: float
    p: float
    distance: float
    distance_p: float
    n_entries: int
    n_zero: int


class Evidence(NamedTuple):
    """What a functional strength says of a structural connection.

    Attributes
    ----------
    log10_strength : ndarray, (n_points,)
    log10_ratio : ndarray, (n_points,)
        log10 of the density among connected pairs over that among unconnected ones, both taken as
        normal in log10 strength.
    """

    log10_strength: Float
    log10_ratio: Float


class Advantage(NamedTuple):
    """By how much one matrix goes better with a structure than another, over the same regions.

    Attributes
    ----------
    difference : float
        Of the Spearman correlations.
    interval : (float, float)
        95 %, over regions drawn anew for both alike.
    """

    difference: float
    interval: tuple[float, float]


def rank_correlation(functional: Float, structural: Float, *, connected: bool = True) -> float:
    """Spearman correlation over the lower triangle with the diagonal.

    Parameters
    ----------
    functional, structural : ndarray, (n_regions, n_regions)
        nan where unknown.
    connected : bool
        Only pairs whose structural entry is above 0, as the article does; else all.

    Returns
    -------
    float
        nan for fewer than 3 entries, or entries that are all the same.
    """
    rows, columns = np.tril_indices(len(structural))
    return _rank_correlation(functional[rows, columns], structural[rows, columns], connected)


def compare_with_structure(
    functional: Float, structural: Float, n_resamples: int = 1000, seed: int = 0
) -> StructuralComparison:
    """Hold functional strengths against a structural matrix of the same regions.

    Parameters
    ----------
    functional, structural : ndarray, (n_regions, n_regions)
        Symmetric; nan where unknown.
    n_resamples : int
        Draws of regions, and shuffles of their names.
    seed : int

    Raises
    ------
    InputError
        Matrices of different or impossible shapes.
    """
    _check([functional, structural])
    triangle = np.tril_indices(len(structural))
    entries = structural[triangle]
    found = _rank_correlation(functional[triangle], entries, True)
    distance = _distance(functional[triangle], entries)
    rng = np.random.default_rng((seed, _SHUFFLE_STREAM))
    shuffled = np.array(
        [
            (
                _rank_correlation(functional[other], entries, True),
                _distance(functional[other], entries),
            )
            for other in shuffled_pairs(len(structural), n_resamples, rng)
        ]
    )
    drawn = _resampled([functional], structural, n_resamples, seed)[0]
    with_, without = _by_connection(functional[triangle], entries)
    return StructuralComparison(
        found,
        (_quantile(drawn, 0.025), _quantile(drawn, 0.975)),
        rank_correlation(functional, structural, connected=False),
        _quantile(shuffled[:, 0], 0.95),
        _share_that_reach(shuffled[:, 0], found),
        distance,
        _share_that_reach(shuffled[:, 1], distance),
        int(with_.size),
        int(without.size),
    )


def advantage(
    functional: Float, rival: Float, structural: Float, n_resamples: int = 1000, seed: int = 0
) -> Advantage:
    """Difference of two rank correlations with one structure; arguments as above."""
    _check([functional, rival, structural])
    drawn = _resampled([functional, rival], structural, n_resamples, seed)
    apart = drawn[0] - drawn[1]
    difference = rank_correlation(functional, structural) - rank_correlation(rival, structural)
    return Advantage(difference, (_quantile(apart, 0.025), _quantile(apart, 0.975)))


def evidence_curve(functional: Float, structural: Float, n_points: int = 50) -> Evidence | None:
    """Evidence for a structural connection along the range of functional strengths.

    None where fewer than 3 pairs with a strength above 0 are connected, or unconnected.
    """
    _check([functional, structural])
    triangle = np.tril_indices(len(structural))
    groups = _by_connection(functional[triangle], structural[triangle])
    with_, without = (np.log10(each[each > 0]) for each in groups)
    if min(with_.size, without.size) < _LEAST_ENTRIES or min(with_.std(), without.std()) == 0:
        return None
    both = np.concatenate([with_, without])
    at = np.linspace(both.min(), both.max(), n_points)
    logs = [norm.logpdf(at, each.mean(), each.std(ddof=1)) for each in (with_, without)]
    return Evidence(at, (logs[0] - logs[1]) / np.log(10))


def _resampled(
    functionals: Sequence[Float], structural: Float, n_resamples: int, seed: int
) -> Float:
    """Rank correlations for regions drawn with replacement, (n_functionals, n_resamples)."""
    rng = np.random.default_rng((seed, _RESAMPLE_STREAM))
    drawn = [
        [_rank_correlation(each[drawn], structural[drawn], True) for each in functionals]
        for drawn in drawn_pairs(len(structural), n_resamples, rng)
    ]
    return np.array(drawn).T


def _rank_correlation(functional: Float, structural: Float, connected: bool) -> float:
    kept = np.isfinite(functional) & np.isfinite(structural)
    if connected:
        kept &= np.nan_to_num(structural) > 0
    x, y = functional[kept], structural[kept]
    if x.size < _LEAST_ENTRIES or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])


def _by_connection(functional: Float, structural: Float) -> tuple[Float, Float]:
    """Functional strengths of entries with a structural connection, and of those without."""
    known = np.isfinite(functional) & np.isfinite(structural)
    return functional[known & (structural > 0)], functional[known & (structural == 0)]


def _distance(functional: Float, structural: Float) -> float:
    """Kolmogorov-Smirnov distance between entries with and without a structural connection."""
    with_, without = map(np.sort, _by_connection(functional, structural))
    if min(with_.size, without.size) == 0:
        return float("nan")
    at = np.concatenate([with_, without])
    steps = [np.searchsorted(each, at, side="right") / each.size for each in (with_, without)]
    return float(np.abs(steps[0] - steps[1]).max())


def _quantile(values: Float, share: float) -> float:
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if known.size else float("nan")


def _share_that_reach(shuffled: Float, found: float) -> float:
    """Share of shuffles that reach what was found, itself counted; nan where nothing was."""
    if not np.isfinite(found):
        return float("nan")
    return float((1 + np.sum(shuffled >= found)) / (1 + len(shuffled)))


def _check(matrices: Sequence[Float]) -> None:
    shapes = {np.shape(each) for each in matrices}
    shape = shapes.pop()
    if shapes or len(shape) != 2 or shape[0] != shape[1] or shape[0] < 2:
        raise InputError(
            "matrices of different regions, or not square",
            remedy="Bring them to the same regions first",
        )
