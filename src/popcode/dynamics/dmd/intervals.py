"""How sure the eigenvalues are: intervals over stretches of time, and two controls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.dmd.bin_pairs import first_bins, units_of_pairs
from popcode.dynamics.dmd.operator import Dmd, eigenvalues_between
from popcode.dynamics.dmd.rotations import PERCENTILES, rotations
from popcode.dynamics.dmd.stretches import Stretches, component_scores, stretches_of
from popcode.dynamics.source import source_of
from popcode.estimators.arguments import check_whole
from popcode.threads import Team

Float = NDArray[np.float64]
_STREAM, _REVERSING, _SHUFFLING = 0xD0, 0xD1, 0xD2
N_LEADING = 10
N_STRETCHES = 20


class EigenvalueStatistics(NamedTuple):
    """What is told of a set of eigenvalues.

    Attributes
    ----------
    turns : ndarray, (5,)
        Percentiles 5, 25, 50, 75, 95 of the turns a ten-fold attenuation (see `Rotations`).
    n_eigenvalues : float
        Of modulus above 0.25.
    real_share : float
        Of those.
    leading_moduli : ndarray, (10,)
        The largest, in order; nan where there are fewer.
    """

    turns: Float
    n_eigenvalues: float
    real_share: float
    leading_moduli: Float


class DmdIntervals(NamedTuple):
    """The statistics of a fit with 95 % intervals and controls.

    Attributes
    ----------
    value, low, high : EigenvalueStatistics
        The interval is the value and 1.96 standard deviations of resamples either way: resamples
        of few stretches are noisier than the recording, so that their own quantiles are shifted.
    reversed_low, reversed_high : EigenvalueStatistics
        Middle 95 % where each stretch runs forwards or backwards by the toss of a coin: what the
        scatter of a finite recording gives where the direction of time makes no difference, as
        in a symmetric network.
    shuffled : EigenvalueStatistics
        Bins permuted as whole population vectors: no dynamics.
    n_stretches, n_resamples : int
    """

    value: EigenvalueStatistics
    low: EigenvalueStatistics
    high: EigenvalueStatistics
    reversed_low: EigenvalueStatistics
    reversed_high: EigenvalueStatistics
    shuffled: EigenvalueStatistics
    n_stretches: int
    n_resamples: int


def dmd_intervals(
    x: Any,
    fitted: Dmd,
    *,
    valid: Any = None,
    standardise: bool = True,
    n_stretches: int = N_STRETCHES,
    n_resamples: int = 100,
    seed: int = 0,
) -> DmdIntervals:
    """Intervals by resampling stretches of time, and the controls of a fit.

    The stretches are whole segments, or several together, where there are as many of them, else
    equal shares of the pairs of bins. The components are those of the fit. An interval allows for
    what changes from stretch to stretch, so stretches should outlast the slowest component.

    Parameters
    ----------
    x : Recording or array-like, (n_bins, n_neurons)
        What was fitted.
    fitted : Dmd
    valid, standardise
        As in the fit.
    n_stretches, n_resamples, seed : int

    Returns
    -------
    DmdIntervals

    Raises
    ------
    InputError
        Fewer than 5 stretches, not enough memory, impossible settings.
    """
    check_whole(least=2, n_stretches=n_stretches, n_resamples=n_resamples)
    check_whole(least=0, seed=seed)
    source = source_of(x, standardise=standardise)
    starts = first_bins(source.segment_starts, source.n_bins, fitted.lag, valid)
    scores = component_scores(source, fitted.components)
    units = units_of_pairs(starts, source.segment_starts, n_stretches)
    cut = stretches_of(scores, starts, units, fitted.lag)
    value = _flat(fitted.eigenvalues)
    drawn = resampled(cut, fitted.added_variance, n_resamples, seed)
    spread = 1.96 * drawn.std(axis=0, ddof=1)
    most = [np.inf] * len(PERCENTILES) + [fitted.eigenvalues.size, 1] + [np.inf] * N_LEADING
    turned = run_backwards(cut, fitted.added_variance, n_resamples, seed)
    reversed_low, reversed_high = np.quantile(turned, (0.025, 0.975), axis=0)
    return DmdIntervals(
        value=_statistics(value),
        low=_statistics(np.maximum(value - spread, 0)),
        high=_statistics(np.minimum(value + spread, most)),
        reversed_low=_statistics(reversed_low),
        reversed_high=_statistics(reversed_high),
        shuffled=shuffled_statistics(scores, starts, fitted, seed),
        n_stretches=cut.n_pairs.size,
        n_resamples=n_resamples,
    )


def eigenvalue_statistics(eigenvalues: NDArray[np.complexfloating]) -> EigenvalueStatistics:
    """Statistics of eigenvalues, the largest modulus first."""
    found = rotations(eigenvalues)
    moduli = np.full(N_LEADING, np.nan)
    leading = np.abs(eigenvalues[:N_LEADING])
    moduli[: leading.size] = leading
    return EigenvalueStatistics(found.percentiles, found.n_eigenvalues, found.real_share, moduli)


def resampled(cut: Stretches, added: float, n_resamples: int, seed: int) -> Float:
    """Statistics of stretches drawn with replacement, (n_resamples, n_statistics)."""
    rng, n = np.random.default_rng((seed, _STREAM)), cut.n_pairs.size
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples).astype(np.float64)

    def one(counts: Float) -> Float:
        n_pairs = counts @ cut.n_pairs
        same, lagged = (_weighted(sums, counts) / n_pairs for sums in (cut.same, cut.lagged))
        return _flat(eigenvalues_between(same, lagged, added))

    return _each(one, drawn)


def run_backwards(cut: Stretches, added: float, n_resamples: int, seed: int) -> Float:
    """Statistics where each stretch runs backwards by the toss of a coin, as `resampled`.

    Backwards, C(lag) is transposed (but for the bins at the ends of the stretch), and C(0) stays.
    """
    rng, n = np.random.default_rng((seed, _REVERSING)), cut.n_pairs.size
    forwards = rng.integers(2, size=(n_resamples, n)).astype(np.float64)
    n_pairs = cut.n_pairs.sum()
    same, lagged = cut.same.sum(axis=0) / n_pairs, cut.lagged.sum(axis=0) / n_pairs

    def one(chosen: Float) -> Float:
        kept = _weighted(cut.lagged, chosen) / n_pairs
        return _flat(eigenvalues_between(same, kept + (lagged - kept).T, added))

    return _each(one, forwards)


def _weighted(sums: Float, weights: Float) -> Float:
    return np.tensordot(weights, sums, axes=1)


def _each(one: Callable[[Float], Float], rows: Float) -> Float:
    """`one` of every row, over threads."""
    results = np.empty((len(rows), len(PERCENTILES) + 2 + N_LEADING))

    def fill(k: int) -> None:
        results[k] = one(rows[k])

    with Team() as team:
        team.run(partial(fill, k) for k in range(len(rows)))
    return results


def _flat(eigenvalues: NDArray[np.complexfloating]) -> Float:
    found = eigenvalue_statistics(eigenvalues)
    counts = [found.n_eigenvalues, found.real_share]
    return np.concatenate([found.turns, counts, found.leading_moduli])


def _statistics(flat: Float) -> EigenvalueStatistics:
    n = len(PERCENTILES)
    return EigenvalueStatistics(flat[:n], float(flat[n]), float(flat[n + 1]), flat[n + 2 :])


def shuffled_statistics(
    scores: NDArray[np.floating], starts: NDArray[np.int64], fitted: Dmd, seed: int
) -> EigenvalueStatistics:
    """Statistics of the same fit to bins in random order."""
    order = np.random.default_rng((seed, _SHUFFLING)).permutation(len(scores))
    now, later = scores[order[starts]], scores[order[starts + fitted.lag]]
    same, lagged = now.T @ now / starts.size, later.T @ now / starts.size
    return eigenvalue_statistics(eigenvalues_between(same, lagged, fitted.added_variance))
