"""The bins that a model is judged on, and the regions that are looked at by themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.metrics.binary import as_binary
from popcode.recording import Recording

# Fewer neurons are silent in too many bins for a curve of their activity.
LEAST_NEURONS, MOST_REGIONS = 20, 8
_NO_LABEL = {"", "nan", "none", "<na>"}


class Regions(NamedTuple):
    """Regions of at least 20 neurons, the largest first, at most 8.

    Attributes
    ----------
    names : tuple of str
    member : ndarray of bool, shape (n_neurons, n_regions)
        Regions may overlap.
    """

    names: tuple[str, ...]
    member: npt.NDArray[np.bool_]


class Bins(NamedTuple):
    """Training and test bins with their contiguous stretches.

    Attributes
    ----------
    train, test : ndarray of uint8, shape (n_bins, n_neurons)
    train_starts, test_starts : ndarray of int64, shape (n_segments,)
    bin_s : float
        nan where unknown.
    regions : Regions
    """

    train: npt.NDArray[np.uint8]
    test: npt.NDArray[np.uint8]
    train_starts: npt.NDArray[np.int64]
    test_starts: npt.NDArray[np.int64]
    bin_s: float
    regions: Regions

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return self.test.shape[1]


def bins_of(train: Recording, test: Recording, n_neurons: int) -> Bins:
    """Check and take what is needed of both recordings.

    Parameters
    ----------
    train, test : Recording
        Binary, or counts (made binary with a warning).
    n_neurons : int
        Of the model.

    Returns
    -------
    Bins

    Raises
    ------
    InputError
        Not binary or counts, or another number of neurons than the model.
    """
    activity = as_binary(train, "train"), as_binary(test, "test")
    for name, x in zip(("train", "test"), activity, strict=True):
        if x.shape[1] != n_neurons:
            raise InputError(
                f"has {x.shape[1]} neurons, the model {n_neurons}",
                where=name,
                remedy="Select the neurons that the model was fitted to",
            )
    train_starts, test_starts = (np.asarray(x.segment_starts, np.int64) for x in (train, test))
    return Bins(*activity, train_starts, test_starts, float(train.bin_s), regions_of(train))


def regions_of(recording: Recording) -> Regions:
    """Regions of a recording that hold enough neurons; none where it names none."""
    names, member = _all_regions(recording)
    sizes = member.sum(axis=0)
    order = np.argsort(-sizes, kind="stable")
    kept = order[sizes[order] >= LEAST_NEURONS][:MOST_REGIONS]
    return Regions(tuple(names[k] for k in kept), np.ascontiguousarray(member[:, kept]))


def _all_regions(recording: Recording) -> tuple[list[str], npt.NDArray[np.bool_]]:
    if recording.region_labels is not None:
        return list(recording.region_names), np.asarray(recording.region_labels, bool)
    table = recording.neurons
    if "region" not in table:
        return [], np.zeros((recording.n_neurons, 0), bool)
    labels = [_text(value) for value in table["region"]]
    names = sorted(set(labels) - {""})
    member = np.array([[label == name for name in names] for label in labels], bool)
    return names, member.reshape(len(labels), len(names))


def _text(value: Any) -> str:
    text = str(value)
    return "" if text.lower() in _NO_LABEL else text
