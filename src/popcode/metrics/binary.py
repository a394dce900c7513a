"""Activity as zeros and ones, or a refusal that says how to get there."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError, PopcodeWarning
from popcode.metrics.blocks import row_blocks


def as_binary(x: Any, name: str) -> npt.NDArray[np.uint8]:
    """Zeros and ones of a recording or an array; counts become v >= 1 with a warning.

    Parameters
    ----------
    x : Recording or array_like, shape (n_bins, n_neurons)
        Binary activity, or counts.
    name : str
        What to call it in a message.

    Returns
    -------
    ndarray of uint8, shape (n_bins, n_neurons)
        The input itself where it is binary uint8.

    Raises
    ------
    InputError
        Not two-dimensional, empty, or real, negative or missing values.
    """
    activity = np.asarray(x)
    if activity.ndim != 2 or activity.size == 0:
        raise InputError(
            f"has shape {activity.shape}; (n_bins, n_neurons) with at least one of each is needed",
            where=name,
        )
    blocks = list(row_blocks(*activity.shape))
    if activity.dtype == bool:
        return activity.view(np.uint8)
    if not all(_is_counts(activity[rows]) for rows in blocks):
        raise InputError(
            "holds values that are neither 0/1 nor counts",
            where=name,
            remedy="Binarise it first: recording.binarized(), or --binarize",
        )
    if max(activity[rows].max() for rows in blocks) > 1:
        warnings.warn(
            f"{name}: counts were made binary (1 where a bin has at least one)",
            PopcodeWarning,
            stacklevel=2,
        )
        return (activity >= 1).astype(np.uint8)
    return activity.astype(np.uint8, copy=False)


def _is_counts(values: npt.NDArray) -> bool:
    if values.dtype.kind == "u":
        return True
    if values.dtype.kind not in "if":
        return False
    return bool(np.all(values >= 0) and np.all(values == np.floor(values)))
