"""Recordings of zeros and ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from popcode.errors import InputError
from popcode.recording.kinds import row_blocks
from popcode.recording.provenance import with_step

if TYPE_CHECKING:
    from popcode.recording.recording import Recording


def binarized(recording: Recording, threshold: Any = None) -> Recording:
    """See `Recording.binarized`."""
    if recording.kind == "binary":
        return recording
    if threshold is None and recording.kind != "counts":
        raise InputError(
            f"the activity holds real values ({recording.kind}), not spikes",
            remedy="Binarise it first: --binarize on the command line, "
            "popcode.preprocess.binarize_traces(recording) or .binarized(threshold) in Python.",
        )
    merged = {} if recording.kind != "counts" else {"counts_above_1": _n_above_one(recording)}
    thresholds = _checked_thresholds(0.0 if threshold is None else threshold, recording.n_neurons)
    activity = above(recording.activity, _in_precision_of(recording.activity, thresholds))
    low, high = float(thresholds.min()), float(thresholds.max())
    return replace(
        recording,
        activity=activity,
        kind="binary",
        provenance=with_step(
            recording,
            "binarized",
            rule="v >= 1" if threshold is None else "v > threshold",
            threshold=low if low == high else {"lowest": low, "highest": high},
            **merged,
        ),
    )


def above(activity: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """uint8 (n_bins, n_neurons): 1 where the activity of a neuron is above its threshold."""
    active = np.empty(activity.shape, dtype=np.uint8)
    for rows in row_blocks(*activity.shape):
        np.greater(activity[rows], thresholds, out=active[rows].view(bool))
    return active


def _in_precision_of(activity: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Thresholds rounded as the activity was, so that 0.3 in single precision is not above 0.3."""
    if activity.dtype.kind != "f":
        return thresholds
    with np.errstate(over="ignore"):  # beyond what the activity can hold, nothing is above it
        return thresholds.astype(activity.dtype)


def _checked_thresholds(threshold: Any, n_neurons: int) -> np.ndarray:
    thresholds = np.asarray(threshold, dtype=np.float64)
    if thresholds.shape not in ((), (1,), (n_neurons,)) or not np.isfinite(thresholds).all():
        raise InputError(
            f"threshold has shape {thresholds.shape} or is not finite",
            remedy=f"Give one number, or one for each of {n_neurons:,} neurons.",
        )
    return thresholds


def _n_above_one(recording: Recording) -> int:
    return sum(
        int(np.count_nonzero(recording.activity[rows] > 1)) for rows in row_blocks(*recording.shape)
    )
