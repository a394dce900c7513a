"""Checks of what the values are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from popcode.recording.checks.registry import Finding, Summary, check, name_neurons
from popcode.recording.kinds import INTEGER_KINDS, MAX_COUNT, row_blocks

if TYPE_CHECKING:
    from popcode.recording.recording import Recording

SPARSE = 0.02  # spikes a neuron and bin below which the eLife article leaves a recording out


@check
def counts(recording: Recording, summary: Summary) -> Finding | None:
    """Counts above one, which binary models do not tell from one."""
    if recording.kind != "counts":
        return None
    above_one = sum(
        int(np.count_nonzero(recording.activity[rows] > 1)) for rows in row_blocks(*recording.shape)
    )
    active = max(1, int(summary.n_active.sum()))
    return Finding(
        "counts",
        "note",
        f"counts up to {summary.highest.max()}; "
        f"{100 * above_one / active:.3g} % of the active bins hold more than one spike",
        remedy="Binary models take a bin with at least one spike as active (v >= 1)",
    )


@check
def saturated_counts(recording: Recording, summary: Summary) -> Finding | None:
    """Counts at the largest value that one byte holds."""
    if recording.kind != "counts" or summary.highest.max() < MAX_COUNT:
        return None
    return Finding(
        "saturated_counts",
        "warning",
        f"counts reach {MAX_COUNT}, the most that is held: larger ones may have been cut off",
        name_neurons(recording, np.flatnonzero(summary.highest == MAX_COUNT)),
        "Use shorter bins",
    )


@check
def real_values(recording: Recording, summary: Summary) -> Finding | None:
    """Real values, which binary models refuse."""
    if recording.kind in INTEGER_KINDS:
        return None
    return Finding(
        "real_values",
        "note",
        f"real values ({recording.kind}) from {summary.lowest.min():.4g} "
        f"to {summary.highest.max():.4g}",
        remedy="Binary models need --binarize (popcode.preprocess.binarize_traces)",
    )


@check
def sparse_activity(recording: Recording, summary: Summary) -> Finding | None:
    """Few spikes a neuron and bin."""
    if recording.kind not in INTEGER_KINDS:
        return None
    mean = float(summary.total.mean()) / recording.n_bins
    if mean >= SPARSE or mean == 0:
        return None
    return Finding(
        "sparse_activity",
        "note",
        f"mean activity {mean:.2g} spikes a neuron and bin, below {SPARSE}",
        remedy=f"Models may find little: try wider bins, {_merged(recording, mean)}",
    )


def _merged(recording: Recording, mean: float) -> str:
    """How to merge so many bins that the mean activity is enough."""
    n_merged = math.ceil(SPARSE / mean)
    if math.isnan(recording.bin_s):
        return f".binned({n_merged})"
    return f".binned({n_merged}) (--bin-s {n_merged * recording.bin_s:.6g})"
