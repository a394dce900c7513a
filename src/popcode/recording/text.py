"""Numbers and recordings in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from popcode.recording.recording import Recording


def duration(seconds: float) -> str:
    """Two units at most: 250 ms, 3.4 s, 5 min 12 s, 1 h 23 min; "unknown" for nan."""
    if math.isnan(seconds):
        return "unknown"
    if seconds < 1:
        return f"{seconds * 1000:.4g} ms"
    if round(seconds, 2) < 60:
        return f"{seconds:.4g} s"
    if round(seconds) < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {rest} min"


def plural(number: int, noun: str) -> str:
    """1 segment, 2,000 segments."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(recording: Recording) -> str:
    """The repr of a recording."""
    n_bins, n_neurons = recording.shape
    parts = [f"{plural(n_bins, 'bin')} x {plural(n_neurons, 'neuron')}", recording.kind]
    if math.isnan(recording.bin_s):
        parts.append("bin width unknown")
    else:
        parts += [f"bins of {duration(recording.bin_s)}", duration(recording.duration_s)]
    parts.append(plural(recording.n_segments, "segment"))
    if recording.covariates:
        parts.append("covariates " + " ".join(recording.covariates))
    return f"Recording({', '.join(parts)})"
