"""Held-out parts of a recording."""

from collections.abc import Callable
from dataclasses import replace
from numbers import Integral, Real
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.preprocess.matched import matched_test_bins
from popcode.recording import Recording, as_recording
from popcode.recording.segments import bins_of_segments, segment_lengths


def split(
    recording: Any, test: float = 0.3, *, method: str = "matched", seed: int = 0
) -> tuple[Recording, Recording]:
    """Split the bins of a recording into a training and a test part.

    Parameters
    ----------
    recording : Recording or array-like (n_bins, n_neurons)
    test : float
        Fraction of the bins held out, between 0 and 1.
    method : {"matched", "blocked", "segments", "random"}
        See `split_indices`.
    seed : int

    Returns
    -------
    train, test : Recording
        Disjoint; together every bin, in its order. Bins that were not next to each other start
        new segments. A part that is one contiguous stretch is a view; where the copy of the
        other matters, `split_indices` gives the bins alone.

    Raises
    ------
    InputError
        As `split_indices`.
    """
    recording = as_recording(recording)
    bins = split_indices(recording, test, method=method, seed=seed)
    parts = []
    for name, part_bins in zip(("train", "test"), bins, strict=True):
        part = recording.select(bins=part_bins, why=f"the {name} part of the split")
        step = {"step": "split", "part": name, "method": method, "test": test, "seed": seed}
        parts.append(replace(part, provenance=(*part.provenance, step)))
    return parts[0], parts[1]


def split_indices(
    recording: Any, test: float = 0.3, *, method: str = "matched", seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the training and test bins of a recording, by index only.

    Parameters
    ----------
    recording : Recording or array-like (n_bins, n_neurons)
    test : float
        Fraction of the bins held out, between 0 and 1.
    method : {"matched", "blocked", "segments", "random"}
        * matched: the recording is cut into ten equal parts in order of time; of every choice of
          ``round(10 * test)`` of them as test, the one at the 10th percentile of how alike the
          two sides are in mean activity and covariances is kept (see
          `popcode.preprocess.matched`). As alike as the recording allows but for the very best.
        * blocked: one contiguous stretch of bins; where it starts is drawn with `seed`.
        * segments: whole recorded segments (trials), drawn with `seed`.
        * random: single bins, drawn with `seed`. Neighbouring bins are alike: scores of models
          are then too good.
    seed : int
        With "matched" it chooses the subset of neurons in recordings above 1,000.

    Returns
    -------
    train_bins, test_bins : ndarray of int64
        Increasing, disjoint, together every bin.

    Raises
    ------
    InputError
        An unknown method, a fraction that leaves a side empty, fewer than 20 bins with
        "matched", one segment with "segments".
    """
    recording = as_recording(recording)
    if not isinstance(test, Real) or not 0 < test < 1:
        raise InputError(
            f"test is {test!r}; expected a fraction between 0 and 1", remedy="The usual is 0.3."
        )
    if not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"seed is {seed!r}", remedy="Give a whole number of at least 0.")
    if not isinstance(method, str) or method not in _METHODS:
        raise InputError(f"unknown method {method!r}", remedy=f"Use one of {', '.join(_METHODS)}.")
    if recording.n_bins < 2:
        raise InputError("one bin cannot be split", remedy="Record for longer.")
    is_test = np.zeros(recording.n_bins, dtype=bool)
    is_test[_METHODS[method](recording, test, seed)] = True
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def _n_test(recording: Recording, test: float) -> int:
    return min(max(1, round(test * recording.n_bins)), recording.n_bins - 1)


def _matched(recording: Recording, test: float, seed: int) -> np.ndarray:
    return matched_test_bins(recording.activity, test, seed)


def _blocked(recording: Recording, test: float, seed: int) -> np.ndarray:
    n_test = _n_test(recording, test)
    start = np.random.default_rng(seed).integers(recording.n_bins - n_test + 1)
    return np.arange(start, start + n_test)


def _segments(recording: Recording, test: float, seed: int) -> np.ndarray:
    """Segments in random order, as many as bring the fraction of test bins nearest to `test`."""
    if recording.n_segments < 2:
        raise InputError(
            "the recording is one segment, so no whole segment can be held out",
            remedy="Use method='blocked' or 'matched'.",
        )
    order = np.random.default_rng(seed).permutation(recording.n_segments)
    lengths = segment_lengths(recording.segment_starts, recording.n_bins)[order]
    fractions = np.cumsum(lengths[:-1]) / recording.n_bins  # one segment is left to train on
    n_segments = int(np.argmin(np.abs(fractions - test))) + 1
    return bins_of_segments(recording.segment_starts, recording.n_bins, order[:n_segments])


def _random(recording: Recording, test: float, seed: int) -> np.ndarray:
    n_test = _n_test(recording, test)
    return np.random.default_rng(seed).choice(recording.n_bins, n_test, replace=False)


_METHODS: dict[str, Callable[[Recording, float, int], np.ndarray]] = {
    "matched": _matched,
    "blocked": _blocked,
    "segments": _segments,
    "random": _random,
}
