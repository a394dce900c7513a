"""What hidden units do together: correlations, their order, principal components of traces.

Every trace is taken about its mean in each contiguous stretch, so that nothing that differs
between stretches only counts as moving together. Controls shift every trace by itself, circularly
within each stretch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from popcode.analysis.dynamics.segments import centred_within, checked_starts, shifted_within
from popcode.errors import InputError

Float = NDArray[np.float64]
_STREAM = 77


class TraceCorrelations(NamedTuple):
    """Pearson correlations of traces.

    Attributes
    ----------
    matrix : ndarray, (n_traces, n_traces)
        1 on the diagonal; nan for a trace that does not vary.
    chance : float
        |Correlation| that a pair of shifted traces exceeds once in 20.
    beyond_chance : float
        Share of pairs beyond it, where 0.05 is expected of none.
    """

    matrix: Float
    chance: float
    beyond_chance: float


class TraceOrder(NamedTuple):
    """Traces ordered by Ward's clustering.

    Attributes
    ----------
    order : ndarray of int, (n_traces,)
        Those that do not vary last.
    tree : ndarray, (n_varying - 1, 4)
        SciPy's linkage of the traces that vary, in their own order.
    varying : ndarray of int, (n_varying,)
    """

    order: NDArray[np.int64]
    tree: Float
    varying: NDArray[np.int64]


class TraceComponents(NamedTuple):
    """Principal components of traces.

    Attributes
    ----------
    axes : ndarray, (n_traces, n_components)
        Orthonormal columns, the largest variance first; each turned so that it sums up.
    scores : ndarray, (n_bins, n_components)
        Projections of the centred traces.
    shares : ndarray, (n_components,)
        Of the variance of all traces.
    chance, chance_high : ndarray, (n_components,)
        The same of shifted traces: mean, and what one in 20 exceeds.
    n_beyond_chance : int
        Leading components above `chance_high`.
    """

    axes: Float
    scores: Float
    shares: Float
    chance: Float
    chance_high: Float
    n_beyond_chance: int


def trace_correlations(
    traces: NDArray[np.floating],
    segment_starts: NDArray[np.int64],
    *,
    n_shifts: int = 20,
    seed: int = 0,
) -> TraceCorrelations:
    """Correlate all pairs of traces within segments.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_traces)
    segment_starts : ndarray of int, (n_segments,)
    n_shifts, seed : int
        Of the control.

    Returns
    -------
    TraceCorrelations

    Raises
    ------
    InputError
        Segments that do not increase from 0, no shift.
    """
    centred, edges, rng = _prepared(traces, segment_starts, n_shifts, seed)
    matrix = _correlated(centred)
    upper = np.triu_indices(len(matrix), 1)
    shifted = [
        np.abs(_correlated(shifted_within(centred, edges, rng))[upper]) for _ in range(n_shifts)
    ]
    found, null = np.abs(matrix[upper]), np.concatenate(shifted)
    found, null = found[np.isfinite(found)], null[np.isfinite(null)]
    if not found.size:
        return TraceCorrelations(matrix, float("nan"), float("nan"))
    chance = float(np.quantile(null, 0.95))
    return TraceCorrelations(matrix, chance, float((found > chance).mean()))


def ward_order(correlations: Float) -> TraceOrder:
    """Order traces so that those which move together lie together.

    Ward's clustering on sqrt(2 (1 - r)), the Euclidean distance of standardised traces that
    Ward's criterion asks for (the article takes 1 - r), leaves in the optimal order.

    Parameters
    ----------
    correlations : ndarray, (n_traces, n_traces)

    Returns
    -------
    TraceOrder
    """
    varying = np.flatnonzero(np.isfinite(np.diag(correlations)))
    still = np.setdiff1d(np.arange(len(correlations)), varying)
    if len(varying) < 2:
        return TraceOrder(np.concatenate([varying, still]), np.zeros((0, 4)), varying)
    block = correlations[np.ix_(varying, varying)]
    distances = np.sqrt(np.clip(2 * (1 - block), 0, None))
    condensed = squareform(distances, checks=False)
    tree = optimal_leaf_ordering(linkage(condensed, "ward"), condensed)
    return TraceOrder(np.concatenate([varying[leaves_list(tree)], still]), tree, varying)


def trace_components(
    traces: NDArray[np.floating],
    segment_starts: NDArray[np.int64],
    *,
    n_shifts: int = 20,
    seed: int = 0,
) -> TraceComponents:
    """Principal components of the traces, beside those of shifted traces.

    Parameters
    ----------
    traces : ndarray, (n_bins, n_traces)
    segment_starts : ndarray of int, (n_segments,)
    n_shifts, seed : int
        Of the control (parallel analysis: Horn, Psychometrika 30:179, 1965).

    Returns
    -------
    TraceComponents

    Raises
    ------
    InputError
        As `trace_correlations`; traces none of which varies.
    """
    centred, edges, rng = _prepared(traces, segment_starts, n_shifts, seed)
    variances, axes = _eigenpairs(centred)
    total = variances.sum()
    if not total > 0:
        raise InputError("no trace varies within a segment", remedy="Fit the model again")
    axes = axes * np.where(axes.sum(axis=0) < 0, -1, 1)
    null = np.array(
        [_eigenpairs(shifted_within(centred, edges, rng))[0] / total for _ in range(n_shifts)]
    )
    high = np.quantile(null, 0.95, axis=0)
    shares = variances / total
    below = np.flatnonzero(shares <= high)
    n_beyond = int(below[0]) if below.size else len(shares)
    return TraceComponents(axes, centred @ axes, shares, null.mean(axis=0), high, n_beyond)


def _prepared(
    traces: NDArray[np.floating], segment_starts: NDArray[np.int64], n_shifts: int, seed: int
) -> tuple[Float, NDArray[np.int64], np.random.Generator]:
    if n_shifts < 1:
        raise InputError(f"{n_shifts} shifts", remedy="Give at least 1; 20 for a control")
    edges = checked_starts(segment_starts, len(traces))
    return centred_within(traces, edges), edges, np.random.default_rng((seed, _STREAM))


def _correlated(centred: Float) -> Float:
    norms = np.linalg.norm(centred, axis=0)
    scale = np.abs(centred).max(initial=0.0)
    varies = norms > 1e-9 * scale * np.sqrt(len(centred))
    standard = centred / np.where(varies, norms, np.nan)
    matrix = standard.T @ standard
    np.fill_diagonal(matrix, np.where(varies, 1.0, np.nan))
    return matrix


def _eigenpairs(centred: Float) -> tuple[Float, Float]:
    """Variances and axes, the largest first."""
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    return np.clip(variances[::-1], 0, None), axes[:, ::-1]
