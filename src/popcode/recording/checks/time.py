"""Checks of the time axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from popcode.recording.checks.registry import Finding, Summary, check
from popcode.recording.segments import segment_lengths
from popcode.recording.text import duration, plural

if TYPE_CHECKING:
    from popcode.recording.recording import Recording

FEW_BINS = 1000
SHORT_SEGMENT = 10
WIDE_BIN_S = 5.0  # longer than spikes, calcium or a stimulus need: most likely not in seconds


@check
def few_bins(recording: Recording, summary: Summary) -> Finding | None:
    """Too few bins to learn from."""
    if recording.n_bins >= FEW_BINS:
        return None
    return Finding(
        "few_bins",
        "warning",
        f"too few bins: {recording.n_bins:,}, where models need at least {FEW_BINS:,}",
        remedy="Record for longer or use shorter bins; if these are neurons, transpose the array",
    )


@check
def unknown_bin_width(recording: Recording, summary: Summary) -> Finding | None:
    """No bin width."""
    if not math.isnan(recording.bin_s):
        return None
    return Finding(
        "unknown_bin_width",
        "warning",
        "the bin width is unknown, so durations are in bins",
        remedy="Give it: popcode.load(path, bin_s=...)",
    )


@check
def wide_bins(recording: Recording, summary: Summary) -> Finding | None:
    """Bins so wide that their width is likely in another unit."""
    if not recording.bin_s > WIDE_BIN_S:
        return None
    return Finding(
        "wide_bins",
        "warning",
        f"bins of {duration(recording.bin_s)} are unusually wide",
        remedy="The width is in seconds: 20 ms is 0.02",
    )


@check
def short_segments(recording: Recording, summary: Summary) -> Finding | None:
    """Segments too short to look at time."""
    lengths = segment_lengths(recording.segment_starts, recording.n_bins)
    short = np.flatnonzero(lengths < SHORT_SEGMENT)
    if len(short) == 0 or recording.n_segments == 1:
        return None
    return Finding(
        "short_segments",
        "note",
        f"{len(short):,} of {plural(recording.n_segments, 'segment')} "
        f"shorter than {SHORT_SEGMENT} bins",
        f"the shortest, segment {int(lengths.argmin())}, has {plural(int(lengths.min()), 'bin')}",
        "Analyses of time do not look across segments",
    )
