"""Parts of a recording by time."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.recorded_time import checked_intervals
from popcode.recording.segments import segment_of_bins
from popcode.recording.text import duration, plural

MAX_LISTED = 6
ON_THE_EDGE = 1e-6  # share of a bin by which it may reach out of an epoch


def restrict(recording: Recording, epochs_s: Any) -> Recording:
    """Keep the bins that lie as a whole inside one of some epochs.

    Parameters
    ----------
    recording : Recording
    epochs_s : array-like (n_epochs, 2)
        Start and stop of each, in seconds: of absolute time where the recording knows it
        (`segment_start_s`), else of recorded time from its first bin, pauses left out. Epochs
        that touch or overlap are joined.

    Returns
    -------
    Recording
        Bins that were not next to each other start new segments; the provenance holds how many
        were dropped, and which epochs hold none.

    Raises
    ------
    InputError
        Epochs of another shape or that stop before they start, an unknown bin width or an
        unknown time of a segment, no bin left.
    """
    epochs = checked_intervals(epochs_s, "epochs_s")
    if len(epochs) == 0:
        raise InputError("no epoch has any length", remedy="Give a start and a later stop.")
    starts = bin_times(recording)
    kept, is_empty = _inside(starts, epochs, recording.bin_s)
    if not kept.any():
        raise InputError(
            f"no bin lies inside {_listed(epochs)} s",
            remedy=f"The recording runs from {starts.min():g} to "
            f"{starts.max() + recording.bin_s:g} s.",
        )
    chosen = recording.select(bins=kept, why="restricted to epochs")
    notes = [_kept_text(recording, int(kept.sum()), len(epochs))]
    notes += [f"no bin lies inside the epoch {_listed([epoch])} s" for epoch in epochs[is_empty]]
    *earlier, step = chosen.provenance
    step = {**step, "epochs_s": epochs.tolist(), "notes": notes}
    return replace(chosen, provenance=(*earlier, step))


def bin_times(recording: Recording) -> np.ndarray:
    """Start of every bin in seconds, (n_bins,): absolute where known, else of recorded time.

    Raises
    ------
    InputError
        The bin width, or the time of a segment, is unknown.
    """
    if math.isnan(recording.bin_s):
        raise InputError(
            "the bin width of the recording is unknown, so seconds mean nothing",
            remedy="State it: popcode.load(path, bin_s=...).",
        )
    bins = np.arange(recording.n_bins)
    times = recording.segment_start_s
    if times is None:
        return bins * recording.bin_s
    if np.isnan(times).any():
        raise InputError(
            "the time at which it starts is not known",
            where=f"segment {int(np.isnan(times).argmax())}",
            remedy="Choose bins or segments with .select(...) instead.",
        )
    segment = segment_of_bins(recording.segment_starts, bins)
    return times[segment] + (bins - recording.segment_starts[segment]) * recording.bin_s


def _inside(starts: np.ndarray, epochs: np.ndarray, bin_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Whether each bin lies in an epoch, and whether each epoch holds no bin."""
    # Times that are multiples of the bin width are so but for their rounding.
    edge = max(ON_THE_EDGE * bin_s, 2 * float(np.spacing(np.abs(starts).max())))
    order = np.argsort(starts, kind="stable")  # segments need not follow each other in time
    first = np.searchsorted(starts[order], epochs[:, 0] - edge, side="left")
    last = np.searchsorted(starts[order], epochs[:, 1] + edge - bin_s, side="right")
    kept = np.zeros(len(starts), dtype=bool)
    for start, stop in zip(first, last, strict=True):
        kept[order[start:stop]] = True
    return kept, last <= first


def _kept_text(recording: Recording, n_kept: int, n_epochs: int) -> str:
    kept_s = duration(n_kept * recording.bin_s)
    return (
        f"kept {n_kept:,} of {plural(recording.n_bins, 'bin')} ({kept_s}), "
        f"those in {plural(n_epochs, 'epoch')}"
    )


def _listed(epochs: np.ndarray | Sequence[np.ndarray]) -> str:
    texts = [f"{start:g}-{stop:g}" for start, stop in epochs]
    more = [f"{len(texts) - MAX_LISTED:,} more"] if len(texts) > MAX_LISTED else []
    return ", ".join(texts[:MAX_LISTED] + more)
