"""Whether strongly correlated pairs of neurons are close to each other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.separations import (
    check_box,
    checked_positions,
    paired_separations,
    separations,
)
from popcode.errors import InputError
from popcode.estimators.arguments import check_whole
from popcode.recording.kinds import row_blocks

Float = NDArray[np.float64]
Int = NDArray[np.int64]
_DRAWING, _PERMUTING, _REACHING = 0x5B, 0x5C, 0x5D
BIN_UM, N_BINS, N_FAR = 200.0, 15, 4


class StrongPairs(NamedTuple):
    """Strong pairs and correlations against distance.

    Attributes
    ----------
    edges_um : ndarray, (n_distances + 1,)
    odds : ndarray, (n_distances,)
        Share of the strong pairs at a distance over that of the other pairs; nan where there is
        no pair.
    odds_low, odds_high : ndarray, (n_distances,)
        95 % interval by resampling neurons.
    near_far : float
        Odds at the first distance over the mean of the last four that have pairs.
    near_far_low, near_far_high : float
        95 % interval by resampling neurons.
    permuted_low, permuted_high : float
        Middle 95 % of `near_far` with the positions permuted over neurons.
    mean_correlation, sd_correlation : ndarray, (n_distances,)
        Over the pairs at a distance.
    n_pairs : ndarray of int, (n_distances,)
    share : float
        Of each neuron's pairs, those that are strong.
    """

    edges_um: Float
    odds: Float
    odds_low: Float
    odds_high: Float
    near_far: float
    near_far_low: float
    near_far_high: float
    permuted_low: float
    permuted_high: float
    mean_correlation: Float
    sd_correlation: Float
    n_pairs: Int
    share: float


class _Tally(NamedTuple):
    """Pairs of each neuron by distance, the last column beyond all edges.

    strong, every : (n_neurons, n_distances + 1); sums, squares of correlations: (n_distances,);
    partners : (n_strong, 2), each strong pair's neuron and partner.
    """

    strong: Float
    every: Float
    sums: Float
    squares: Float
    partners: Int


def strong_pairs(
    correlations: Any,
    positions_um: Any,
    *,
    share: float = 0.01,
    apart_um: float = 20.0,
    bin_um: float | None = None,
    n_distances: int = N_BINS,
    box_um: float | None = None,
    n_resamples: int = 1000,
    n_permutations: int = 40,
    seed: int = 0,
) -> StrongPairs:
    """Compare how far apart strongly correlated pairs are with how far apart all pairs are.

    A neuron's strong pairs are the `share` of its pairs that are most correlated.

    Parameters
    ----------
    correlations : array-like, (n_neurons, n_neurons)
        Of a recording (`correlations_of`) or of a theory.
    positions_um : array-like, (n_neurons, 2 or 3)
    share : float
        Between 0 and 1.
    apart_um : float
        Closer pairs are left out: one neuron may be in both.
    bin_um : float, optional
        Width of a distance bin; by default 200, or less where the neurons reach less far.
    n_distances : int
    box_um : float, optional
        Side of a torus on which the neurons lie.
    n_resamples, n_permutations, seed : int

    Returns
    -------
    StrongPairs

    Raises
    ------
    InputError
        Correlations that are no finite square matrix, neurons without a position or with too few
        pairs, impossible settings.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026), Fig. 4.
    """
    _check(share, apart_um, n_distances, n_resamples, n_permutations, seed)
    check_box(box_um)
    matrix = _checked_square(correlations)
    positions = checked_positions(positions_um, len(matrix))
    width = _width(positions, box_um, n_distances, seed) if bin_um is None else float(bin_um)
    if not 0 < width < np.inf:
        raise InputError(f"a distance bin of {width!r} um", remedy="Give bin_um above 0")
    edges: Float = np.arange(n_distances + 1, dtype=np.float64) * width
    tally = _tally(matrix, positions, edges, share, apart_um, box_um)
    odds = _odds(tally.strong.sum(axis=0), tally.every.sum(axis=0))
    drawn = _resampled_odds(tally, n_resamples, seed)
    (low, high), (ratio_low, ratio_high) = _ends(drawn), _ends(_near_far(drawn)[:, None])
    permuted = _permuted(tally, positions, edges, apart_um, box_um, n_permutations, seed)
    n_pairs = tally.every[:, :-1].sum(axis=0)
    mean, sd = _mean_and_sd(tally, n_pairs)
    return StrongPairs(
        edges, odds, low, high, float(_near_far(odds)), float(ratio_low[0]), float(ratio_high[0]),
        *permuted, mean, sd, (n_pairs / 2).astype(np.int64), share,
    )  # fmt: skip


def _tally(
    matrix: NDArray,
    positions: Float,
    edges: Float,
    share: float,
    apart_um: float,
    box_um: float | None,
) -> _Tally:
    n_neurons, n_distances = len(matrix), edges.size - 1
    strong, every = np.zeros((2, n_neurons, n_distances + 1))
    sums, squares, partners = np.zeros(n_distances + 1), np.zeros(n_distances + 1), []
    for rows in row_blocks(n_neurons, n_neurons):
        distance = separations(positions[rows], positions, box_um)
        block = np.asarray(matrix[rows], dtype=np.float64)
        eligible = distance >= apart_um
        eligible[np.arange(len(block)), np.arange(rows.start, rows.stop)] = False
        at = _distance_bins(distance, edges)
        every[rows] = _counts(at, eligible, n_distances + 1)
        chosen = _strongest(block, eligible, share)
        strong[rows] = _counts(at, chosen, n_distances + 1)
        sums += np.bincount(at[eligible], block[eligible], n_distances + 1)
        squares += np.bincount(at[eligible], block[eligible] ** 2, n_distances + 1)
        partners.append(np.argwhere(chosen) + np.array([rows.start, 0]))
    return _Tally(strong, every, sums[:-1], squares[:-1], np.concatenate(partners))


def _strongest(block: Float, eligible: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """The most correlated eligible pairs of each row, at least one."""
    n_eligible = eligible.sum(axis=1)
    if n_eligible.min() < 2:
        raise InputError(
            "a neuron has fewer than two pairs that are far enough apart",
            remedy="Give more neurons, or a smaller apart_um",
        )
    order = np.argsort(np.where(eligible, -block, np.inf), axis=1, kind="stable")
    n_strong = np.maximum(1, np.rint(share * n_eligible)).astype(np.int64)
    chosen = np.zeros(block.shape, dtype=bool)
    np.put_along_axis(chosen, order, np.arange(block.shape[1]) < n_strong[:, None], axis=1)
    return chosen


def _distance_bins(distance: Float, edges: Float) -> Int:
    return np.minimum(distance / edges[1], edges.size - 1).astype(np.int64)


def _counts(at: Int, chosen: NDArray[np.bool_], n: int) -> Float:
    """Of each row, the chosen entries in each of `n` bins."""
    codes = (at + np.arange(len(at))[:, None] * n)[chosen]
    counts = np.bincount(codes, minlength=len(at) * n).astype(np.float64)
    return counts.reshape(len(at), n)


def _odds(strong: Float, every: Float) -> Float:
    """Strong against other pairs, (..., n_distances) from counts (..., n_distances + 1)."""
    other = every - strong
    shares = (
        counts[..., :-1] / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
        for counts in (strong, other)
    )
    above, below = shares
    return np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)


def _near_far(odds: Float) -> Float:
    """First odds over the mean of the last four that are known, (...)."""
    known = np.isfinite(odds)
    last = known & (np.cumsum(known[..., ::-1], axis=-1)[..., ::-1] <= N_FAR)
    total, n = np.where(last, odds, 0.0).sum(axis=-1), last.sum(axis=-1)
    far = np.divide(total, n, out=np.full(np.shape(total), np.nan), where=n > 0)
    return np.divide(odds[..., 0], far, out=np.full(np.shape(far), np.nan), where=far > 0)


def _resampled_odds(tally: _Tally, n_resamples: int, seed: int) -> Float:
    n = len(tally.strong)
    rng = np.random.default_rng((seed, _DRAWING))
    counts = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples).astype(np.float64)
    return _odds(counts @ tally.strong, counts @ tally.every)


def _permuted(
    tally: _Tally,
    positions: Float,
    edges: Float,
    apart_um: float,
    box_um: float | None,
    n_permutations: int,
    seed: int,
) -> tuple[float, float]:
    """Near over far where neurons have changed places: all pairs stay, the strong ones move."""
    rng, ratios = np.random.default_rng((seed, _PERMUTING)), []
    every, (one, other) = tally.every.sum(axis=0), tally.partners.T
    for _ in range(n_permutations):
        moved = positions[rng.permutation(len(positions))]
        apart = paired_separations(moved[one], moved[other], box_um)
        kept = _distance_bins(apart[apart >= apart_um], edges)
        strong = np.bincount(kept, minlength=edges.size).astype(np.float64)
        ratios.append(_near_far(_odds(strong, every)))
    low, high = _ends(np.array(ratios)[:, None])
    return float(low[0]), float(high[0])


def _ends(drawn: Float) -> tuple[Float, Float]:
    """Middle 95 % of each column; nan where no draw is known."""
    ends = np.full((2, drawn.shape[1]), np.nan)
    known = np.isfinite(drawn).any(axis=0)
    ends[:, known] = np.nanquantile(drawn[:, known], (0.025, 0.975), axis=0)
    return ends[0], ends[1]


def _mean_and_sd(tally: _Tally, n_pairs: Float) -> tuple[Float, Float]:
    known = n_pairs > 0
    mean, square = (
        np.divide(total, n_pairs, out=np.full(n_pairs.size, np.nan), where=known)
        for total in (tally.sums, tally.squares)
    )
    return mean, np.sqrt(np.maximum(square - mean**2, 0))


def _width(positions: Float, box_um: float | None, n_distances: int, seed: int) -> float:
    """200 um, or less so that 99 % of pairs lie within the last edge."""
    rng = np.random.default_rng((seed, _REACHING))
    one, other = positions[rng.integers(len(positions), size=(2, 10_000))]
    reach = float(np.quantile(paired_separations(one, other, box_um), 0.99))
    return min(BIN_UM, reach / n_distances)


def _checked_square(correlations: Any) -> NDArray:
    matrix = np.asarray(correlations)
    if matrix.ndim != 2 or len(matrix) != matrix.shape[1] or matrix.dtype.kind not in "uif":
        raise InputError(
            f"correlations have shape {matrix.shape} and type {matrix.dtype}",
            remedy="Give a square matrix of numbers",
        )
    if not all(np.isfinite(matrix[rows]).all() for rows in row_blocks(*matrix.shape)):
        raise InputError("correlations hold NaN or infinite values", remedy="Leave them out")
    return matrix


def _check(
    share: float, apart_um: float, n_distances: int, n_resamples: int, n_permutations: int,
    seed: int,
) -> None:  # fmt: skip
    check_whole(n_resamples=n_resamples, n_permutations=n_permutations)
    check_whole(least=2, n_distances=n_distances)
    check_whole(least=0, seed=seed)
    if not (0 < share < 1 and apart_um >= 0):
        raise InputError(
            f"share is {share!r} and apart_um {apart_um!r}",
            remedy="Give a share between 0 and 1 and a distance of at least 0",
        )
