"""Area tables against shuffled area labels: what couplings would show if areas meant nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.areas.grouping import Areas
from popcode.analysis.areas.sums import Float, drawn_means, off_diagonal, pair_means
from popcode.analysis.areas.tables import within_between

_STREAM = 31
# Ties between equal labellings are not to be broken by rounding.
_TIE = 1e-12


class LabelNull(NamedTuple):
    """A table of means against the same under shuffled labels.

    Attributes
    ----------
    table : ndarray, (n_areas, n_areas)
    z : ndarray, (n_areas, n_areas)
        Standard deviations of the shuffled above their mean; nan where shuffling changes nothing.
    p : ndarray, (n_areas, n_areas)
        Two-sided, of each area pair alone.
    p_family : ndarray, (n_areas, n_areas)
        Corrected for looking at all area pairs: of the largest |z| among them (Westfall and
        Young, 1993).
    difference, difference_z, difference_p : float
        Mean within minus mean between areas; p is one-sided, for stronger within.
    n_shuffles : int
        The smallest possible p is 1 / (n_shuffles + 1).
    """

    table: Float
    z: Float
    p: Float
    p_family: Float
    difference: float
    difference_z: float
    difference_p: float
    n_shuffles: int


def label_null(
    values: NDArray,
    areas: Areas,
    *,
    blocks: NDArray[np.int64] | None = None,
    n_shuffles: int = 1000,
    seed: int = 0,
) -> LabelNull:
    """Shuffle the area labels among neurons that have one.

    Neurons keep all their couplings, so that hubs and the spread of couplings stay as they are;
    the sizes of areas stay, too.

    Parameters
    ----------
    values : ndarray, (n_neurons, n_neurons)
        Couplings, or their absolute values; symmetric, the diagonal is not looked at.
    areas : Areas
    blocks : ndarray of int, (n_neurons,), optional
        Labels are shuffled only within blocks: with probes as blocks the null keeps whatever
        neurons of one probe have in common (noise, spike sorting, nearness).
    n_shuffles : int
    seed : int

    Returns
    -------
    LabelNull

    Raises
    ------
    InputError
        A matrix that is not square, symmetric and finite.
    """
    matrix = off_diagonal(values)
    observed = pair_means(matrix, areas.member[None].astype(np.float64))
    rng = np.random.default_rng((seed, _STREAM))
    groups = _groups(areas, blocks)

    def draw(n: int) -> Float:
        return np.stack([_shuffled(areas.member, groups, rng) for _ in range(n)])

    null = drawn_means(matrix, draw, n_shuffles)
    z, p, p_family = _compare(observed.tables[0], null.tables)
    gap = np.subtract(*within_between(observed))
    gap_null = np.subtract(*within_between(null))[:, None]
    gap_z, _, _ = _compare(gap, gap_null)
    above = _at_least(gap_null[:, 0], gap[0]).sum()
    gap_p = (1 + above) / (1 + n_shuffles) if np.isfinite(gap[0]) else np.nan
    return LabelNull(
        observed.tables[0], z, p, p_family, float(gap[0]), float(gap_z[0]), float(gap_p), n_shuffles
    )


def can_shuffle_within(areas: Areas, blocks: NDArray[np.int64]) -> bool:
    """Whether a block holds neurons of different areas: else shuffling within changes nothing."""
    return any(
        (areas.member[group] != areas.member[group[0]]).any() for group in _groups(areas, blocks)
    )


def _groups(areas: Areas, blocks: NDArray[np.int64] | None) -> list[NDArray[np.int64]]:
    placed = areas.placed
    if blocks is None:
        return [placed]
    return [placed[blocks[placed] == block] for block in np.unique(blocks[placed])]


def _shuffled(
    member: NDArray[np.bool_], groups: list[NDArray[np.int64]], rng: np.random.Generator
) -> Float:
    shuffled = np.zeros(member.shape)
    for group in groups:
        shuffled[group] = member[rng.permutation(group)]
    return shuffled


def _at_least(null: Float, observed: Float) -> NDArray[np.bool_]:
    scale = np.nanmax(np.abs(null), initial=0.0)
    return null >= observed - _TIE * scale


def _compare(observed: Float, null: Float) -> tuple[Float, Float, Float]:
    """z, two-sided p of each entry, and p of the largest |z|; `null` has one row a shuffle."""
    n_shuffles = len(null)
    centre, spread = null.mean(axis=0), null.std(axis=0)
    # A spread of rounding errors is none.
    spread = np.where(spread > _TIE * np.abs(null).max(axis=0), spread, np.nan)
    z, null_z = (observed - centre) / spread, (null - centre) / spread
    known = np.isfinite(z)
    magnitude, null_magnitude = np.where(known, np.abs(z), 0), np.where(known, np.abs(null_z), 0)
    largest = null_magnitude.reshape(n_shuffles, -1).max(axis=1)
    largest = largest.reshape(-1, *(1,) * observed.ndim)
    p = (1 + _at_least(null_magnitude, magnitude).sum(axis=0)) / (1 + n_shuffles)
    p_family = (1 + _at_least(largest, magnitude).sum(axis=0)) / (1 + n_shuffles)
    return z, np.where(known, p, np.nan), np.where(known, p_family, np.nan)
