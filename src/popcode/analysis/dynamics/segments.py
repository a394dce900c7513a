"""Traces within the contiguous stretches of a recording: centred, shifted, with random phases."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Float = NDArray[np.float64]


def checked_starts(segment_starts: NDArray[np.int64], n_bins: int) -> NDArray[np.int64]:
    """Edges of the segments, (n_segments + 1,) from 0 to `n_bins`.

    Raises
    ------
    InputError
        Starts that do not increase from 0 below `n_bins`.
    """
    edges = np.append(np.asarray(segment_starts, np.int64), n_bins)
    if len(edges) < 2 or edges[0] != 0 or (np.diff(edges) <= 0).any():
        raise InputError(
            f"segment_starts {edges[:5].tolist()} of {n_bins} bins",
            remedy="Give the first bin of every segment, increasing from 0",
        )
    return edges


def segments_of(edges: NDArray[np.int64]) -> list[slice]:
    """Bins of every segment."""
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]


def centred_within(traces: NDArray[np.floating], edges: NDArray[np.int64]) -> Float:
    """Traces less their mean in every segment, (n_bins, n_traces).

    What differs between segments only (drift over a gap, another condition) is gone.
    """
    values = np.asarray(traces, np.float64)
    sums = np.add.reduceat(values, edges[:-1], axis=0)
    lengths = np.diff(edges)
    return values - np.repeat(sums / lengths[:, None], lengths, axis=0)


def shifted_within(traces: Float, edges: NDArray[np.int64], rng: np.random.Generator) -> Float:
    """Every trace shifted by itself, circularly within each segment, (n_bins, n_traces).

    Each keeps its own course but for one cut a segment; what traces do together is lost.
    """
    shifted = np.empty_like(traces)
    for bins in segments_of(edges):
        length = bins.stop - bins.start
        offsets = rng.integers(length, size=traces.shape[1])
        rows = (np.arange(length)[:, None] + offsets) % length
        shifted[bins] = np.take_along_axis(traces[bins], rows, axis=0)
    return shifted


def phase_randomised(traces: Float, edges: NDArray[np.int64], rng: np.random.Generator) -> Float:
    """Traces with the same power spectrum and mean in every segment and random phases.

    Their values are Gaussian where a segment holds many frequencies (Theiler et al., Physica D
    58:77, 1992).
    """
    made = np.empty_like(traces)
    for bins in segments_of(edges):
        length = bins.stop - bins.start
        spectrum = np.fft.rfft(traces[bins], axis=0)
        turns = np.exp(2j * np.pi * rng.random(spectrum.shape))
        turns[0] = 1
        if length % 2 == 0:
            turns[-1] = np.sign(turns[-1].real)
        made[bins] = np.fft.irfft(spectrum * turns, length, axis=0)
    return made
