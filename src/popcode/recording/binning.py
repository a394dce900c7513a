"""Merging whole bins of a recording."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from popcode.errors import InputError
from popcode.recording.kinds import MAX_COUNT, row_blocks
from popcode.recording.provenance import with_step
from popcode.recording.segments import segment_lengths
from popcode.recording.validation import checked_bin_s

if TYPE_CHECKING:
    from popcode.recording.recording import Recording


def binned(recording: Recording, n: int | None, *, bin_s: float | None) -> Recording:
    """See `Recording.binned`."""
    n = _n_merged(recording, n, bin_s)
    if n == 1:
        return recording
    lengths = segment_lengths(recording.segment_starts, recording.n_bins)
    n_groups = lengths // n
    if not n_groups.any():
        raise InputError(
            f"no segment has {n} bins (the longest has {lengths.max()})",
            remedy="Merge fewer bins.",
        )
    first_bins = _first_bins(recording.segment_starts, n_groups, n)
    kept = n_groups > 0
    times = recording.segment_start_s
    how = {"counts": "sum", "events": "sum", "binary": "or"}.get(recording.kind, "mean")
    return replace(
        recording,
        activity=merge_rows(recording.activity, first_bins, n, how),
        bin_s=recording.bin_s * n,
        segment_starts=np.cumsum(n_groups[kept]) - n_groups[kept],
        segment_start_s=None if times is None else times[kept],
        covariates={k: _merge_covariate(v, first_bins, n) for k, v in recording.covariates.items()},
        provenance=with_step(
            recording,
            "binned",
            bins_merged=n,
            values_merged_by=how,
            bins_dropped=int(recording.n_bins - n * n_groups.sum()),
            segments_dropped=int((~kept).sum()),
            why="bins left over at the end of a segment",
        ),
    )


def merge_rows(activity: np.ndarray, first_rows: np.ndarray, n: int, how: str) -> np.ndarray:
    """Merge rows first, ..., first + n - 1 of `activity` for every one of `first_rows`.

    Parameters
    ----------
    activity : ndarray (n_bins, n_neurons)
    how : {"sum", "or", "mean"}

    Returns
    -------
    ndarray (len(first_rows), n_neurons)
        Of the type of `activity`.

    Raises
    ------
    InputError
        A sum of counts above 255.
    """
    n_neurons = activity.shape[1]
    merged = np.empty((len(first_rows), n_neurons), dtype=activity.dtype)
    for groups in row_blocks(len(first_rows), n_neurons * n):
        stacked = activity[first_rows[groups, None] + np.arange(n)]  # (n_groups, n, n_neurons)
        if how == "or":
            merged[groups] = stacked.max(axis=1)
        elif activity.dtype == np.uint8:
            merged[groups] = _counts_in_a_byte(stacked.sum(axis=1, dtype=np.int64), groups.start)
        else:
            total = stacked.sum(axis=1, dtype=np.float64)
            merged[groups] = total / n if how == "mean" else total
    return merged


def _counts_in_a_byte(counts: np.ndarray, first_group: int) -> np.ndarray:
    if counts.max() > MAX_COUNT:
        row, column = np.unravel_index(int(counts.argmax()), counts.shape)
        raise InputError(
            f"a merged bin would count {counts.max():,} spikes, above {MAX_COUNT}",
            where=f"neuron {column}, merged bin {first_group + int(row)}",
            remedy="Merge fewer bins, or build the recording with kind='rate'.",
        )
    return counts


def _n_merged(recording: Recording, n: int | None, bin_s: float | None) -> int:
    """Whole number of bins to merge, from either way to ask for it."""
    if (n is None) == (bin_s is None):
        raise InputError("binned needs n or bin_s", remedy="Give one of them.")
    if n is not None:
        if not isinstance(n, Integral) or n < 1:
            raise InputError(
                f"n is {n!r}; expected a whole number of bins, at least 1",
                remedy="Give how many bins to merge, or bin_s in seconds.",
            )
        return int(n)
    bin_s = checked_bin_s(bin_s)
    if np.isnan(recording.bin_s):
        raise InputError(
            "the bin width of the recording is unknown, so bin_s cannot be met",
            remedy="Give the number of bins to merge, or load the recording with bin_s.",
        )
    ratio = bin_s / recording.bin_s
    n = 0 if np.isnan(ratio) else round(ratio)
    if n < 1 or abs(ratio - n) > 1e-6 * n:
        nearest = max(1, n) * recording.bin_s
        raise InputError(
            f"bin_s {bin_s:g} is not a whole multiple of the present {recording.bin_s:g} s",
            remedy=f"The nearest that can be had is {nearest:g}.",
        )
    return n


def _first_bins(segment_starts: np.ndarray, n_groups: np.ndarray, n: int) -> np.ndarray:
    """First bin of every group of n, (n_groups.sum(),)."""
    group_in_segment = np.arange(n_groups.sum()) - np.repeat(
        np.cumsum(n_groups) - n_groups, n_groups
    )
    return np.repeat(segment_starts, n_groups) + n * group_in_segment


def _merge_covariate(values: np.ndarray, first_bins: np.ndarray, n: int) -> np.ndarray:
    if values.dtype.kind != "f":
        return values[first_bins]
    stacked = values[first_bins[:, None] + np.arange(n)]
    return stacked.mean(axis=1, dtype=np.float64).astype(values.dtype)
