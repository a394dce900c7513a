"""How long the activity along each component lasts, and which timescales can be told at all."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.component_decays import (
    ComponentDecays,
    component_decays,
    interval,
    rank_correlation,
)
from popcode.dynamics.correlograms import piece_correlograms
from popcode.dynamics.exponential_decay import decays
from popcode.dynamics.halves import neuron_halves
from popcode.dynamics.shared_components import projected, shared_components
from popcode.dynamics.source import Source, source_of
from popcode.dynamics.time_blocks import Stretch, pieces_of, time_blocks
from popcode.errors import InputError
from popcode.estimators.arguments import check_whole

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
_BEYOND = 4.0  # candidates reach this many times the limit, to tell what lies beyond it


class ComponentTimescales(NamedTuple):
    """Timescales of the components that two halves of the neurons share.

    Attributes
    ----------
    correlograms : ndarray, (n_components, n_lags + 1)
        Between the halves, divided by lag 0; lags 0 to n_lags.
    early : ndarray, (n_components,)
        Mean over `early_lags`.
    early_low, early_high : ndarray, (n_components,)
        95 % interval.
    timescale, low, high : ndarray, (n_components,)
        Of the exponential decay, with its 95 % interval, in `unit`. nan where the component has
        none or it lies beyond the limit; `high` is inf where the interval reaches the limit.
    correlated : ndarray of bool, (n_components,)
        Whether one bin tells of the next at all (of those called so, 5 % by chance).
    beyond : ndarray of bool, (n_components,)
        Correlated, but the decay is longer than the limit.
    limit : float
        Longest timescale that can be told, in `unit`: the longest lag seen.
    reason : str
        Why timescales beyond the limit are refused; empty where none is.
    rank_r, rank_r_low, rank_r_high : float
        Pearson correlation of log `early` and log rank, with its 95 % interval.
    n_ranked : int
        Components in it: correlated, positive, within the ranks asked for.
    unit : str
        "s", or "bins" where the bin width is unknown.
    n_lags : int
    """

    correlograms: Float
    early: Float
    early_low: Float
    early_high: Float
    timescale: Float
    low: Float
    high: Float
    correlated: Mask
    beyond: Mask
    limit: float
    reason: str
    rank_r: float
    rank_r_low: float
    rank_r_high: float
    n_ranked: int
    unit: str
    n_lags: int


def component_timescales(
    x: Any,
    *,
    n_components: int = 1000,
    n_lags: int = 100,
    early_lags: tuple[int, int] = (4, 6),
    ranks: tuple[int, int] = (1, 400),
    n_blocks: int = 10,
    half: Any = None,
    n_resamples: int = 200,
    seed: int = 0,
) -> ComponentTimescales:
    """Autocorrelograms and timescales of the components that two halves of the neurons share.

    The recording is cut into blocks, every neuron z-scored within each. Singular vectors of the
    covariance between the halves in the even blocks give the components; in the odd blocks the
    halves are projected separately and correlated with each other, so that what is a neuron's
    own drops out. No pair of bins crosses the end of a segment or block.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), numpy.memmap, or path of a .npy or .h5 file
    n_components : int
        Fewer where there are fewer neurons in a half.
    n_lags : int
        In bins; at most the longest segment less 1.
    early_lags : (int, int)
        First and last lag of `early`. The article's 4 to 6 bins are centred on 0.23 s.
    ranks : (int, int)
        First and last rank of the correlation with rank, from 1. The article's last is 400 for
        two-photon recordings of cortex, 100 for others.
    n_blocks : int
    half : array-like of bool, (n_neurons,), optional
        The first half; by default as `neuron_halves`.
    n_resamples, seed : int

    Returns
    -------
    ComponentTimescales

    Raises
    ------
    InputError
        NaN or infinite values, neurons that never change, too few bins, segments shorter than
        the early lags, impossible settings.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026), which compares timescales at fixed lag. The fit of an exponential is ours.
    """
    _check(early_lags, ranks, n_components=n_components, n_lags=n_lags, n_resamples=n_resamples)
    check_whole(least=2, n_blocks=n_blocks)
    check_whole(least=0, seed=seed)
    source = source_of(x)
    blocks = time_blocks(source.segment_starts, source.n_bins, n_blocks)
    wanted, n_lags = n_lags, _lags_within(blocks, n_lags, early_lags)
    first_half = _checked_half(source, half, seed)
    components = shared_components(source, blocks[::2], first_half, n_components, seed)
    measured = blocks[1::2]
    cut = pieces_of(measured, n_lags)
    traces = projected(source, measured, first_half, components)
    pieces = piece_correlograms(*traces, cut.edges, cut.units, n_lags)
    lengths = np.array([block[-1].stop - block[0].start for block in measured])
    candidates = decays(lengths, pieces.n_pairs.sum(axis=0)[1:], _BEYOND * n_lags)
    found = component_decays(pieces, candidates, early_lags, n_resamples, seed)
    return _summary(found, len(pieces.sums), ranks, source, n_lags, n_lags < wanted)


def _summary(
    found: ComponentDecays,
    n_units: int,
    ranks: tuple[int, int],
    source: Source,
    n_lags: int,
    is_cut_short: bool,
) -> ComponentTimescales:
    """Timescales in the user's unit, those beyond the limit taken out."""
    ends = interval(found.log_timescale, n_units)
    # One step beyond the limit is as good as any number of them, and does not overflow.
    low, high = (np.exp(np.minimum(end, np.log(n_lags + 1))) for end in ends)
    fitted = np.exp(found.log_timescale.value)
    beyond = found.correlated & (fitted > n_lags)
    told = found.correlated & (fitted <= n_lags)
    early_low, early_high = interval(found.early, n_units)
    bin_s, unit = (source.bin_s, "s") if np.isfinite(source.bin_s) else (1.0, "bins")
    rank_r, rank_r_low, rank_r_high, n_ranked = _against_rank(found, ranks)
    return ComponentTimescales(
        correlograms=found.correlograms,
        early=found.early.value,
        early_low=early_low,
        early_high=early_high,
        timescale=np.where(told, fitted, np.nan) * bin_s,
        low=np.where(found.correlated, np.minimum(low, n_lags), np.nan) * bin_s,
        high=np.where(told, np.where(high > n_lags, np.inf, high), np.where(beyond, np.inf, np.nan))
        * bin_s,
        correlated=found.correlated,
        beyond=beyond,
        limit=n_lags * bin_s,
        reason=_reason(n_lags, is_cut_short, bin_s, unit, int(beyond.sum())),
        rank_r=rank_r,
        rank_r_low=rank_r_low,
        rank_r_high=rank_r_high,
        n_ranked=n_ranked,
        unit=unit,
        n_lags=n_lags,
    )


def _against_rank(
    found: ComponentDecays, ranks: tuple[int, int]
) -> tuple[float, float, float, int]:
    """Correlation of early value and rank, its interval, and the number of components in it."""
    all_ranks = np.arange(1, found.early.value.size + 1)
    kept = found.correlated & (all_ranks >= ranks[0]) & (all_ranks <= ranks[1])
    kept &= found.early.value > 0
    drawn = [rank_correlation(again[kept], all_ranks[kept]) for again in found.early.resamples]
    value = rank_correlation(found.early.value[kept], all_ranks[kept])
    if not np.isfinite(drawn).any():
        return value, float("nan"), float("nan"), int(kept.sum())
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return value, float(low), float(high), int(kept.sum())


def _reason(n_lags: int, is_cut_short: bool, bin_s: float, unit: str, n_beyond: int) -> str:
    """Why timescales beyond the limit are refused."""
    if n_beyond == 0:
        return ""
    limit = f"{n_lags * bin_s:g} {unit}"
    why = (
        f"no stretch of time without a gap is longer than {(n_lags + 1) * bin_s:g} {unit}"
        if is_cut_short
        else f"lags up to {limit} were looked at (n_lags)"
    )
    which = "1 component lasts" if n_beyond == 1 else f"{n_beyond:,} components last"
    return f"{which} longer than {limit}, and no timescale is given: {why}"


def _lags_within(blocks: list[list[Stretch]], n_lags: int, early_lags: tuple[int, int]) -> int:
    """At most the longest lag that any stretch has a pair of bins for."""
    longest = max(stop - start for block in blocks[1::2] for start, stop in block)
    if longest <= early_lags[1]:
        raise InputError(
            f"the longest contiguous stretch is {longest:,} bins and the early lags reach "
            f"{early_lags[1]}",
            remedy="Give shorter early lags, or longer segments",
        )
    return min(n_lags, longest - 1)


def _checked_half(source: Source, half: Any, seed: int) -> Mask:
    n_neurons = source.n_neurons
    if half is None:
        return neuron_halves(source.positions_um, n_neurons, seed)
    mask = np.asarray(half)
    if mask.dtype != np.bool_ or mask.shape != (n_neurons,) or mask.all() or not mask.any():
        raise InputError(
            f"half has shape {mask.shape} and type {mask.dtype} for {n_neurons:,} neurons",
            remedy="Give True for some neurons and False for the others",
        )
    return mask


def _check(early_lags: tuple[int, int], ranks: tuple[int, int], **whole: int) -> None:
    check_whole(**whole)
    for name, (first, last) in (("early_lags", early_lags), ("ranks", ranks)):
        check_whole(**{name: first})
        if last < first:
            raise InputError(f"{name} is {(first, last)}", remedy="Give the first, then the last")
    if early_lags[1] > whole["n_lags"]:
        raise InputError(
            f"early_lags reach {early_lags[1]} and n_lags is {whole['n_lags']}",
            remedy="Raise n_lags",
        )
