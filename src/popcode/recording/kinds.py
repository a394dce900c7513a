"""What the numbers of a recording are: binary, counts, rate, dff or events."""

import warnings
from typing import Any

import numpy as np

from popcode.errors import InputError, PopcodeWarning

KINDS = ("binary", "counts", "rate", "dff", "events")
INTEGER_KINDS = ("binary", "counts")
MAX_COUNT = 255  # counts are held in one byte
_RARE = 0.01  # more counts than this share above 255 are no spike counts
ROWS_AT_ONCE_BYTES = 1 << 24  # temporaries of a pass over the activity stay below 16 MiB


def row_blocks(n_bins: int, n_neurons: int, itemsize: int = 8) -> list[slice]:
    """Slices of rows that cut a pass over (n_bins, n_neurons) into bounded temporaries."""
    step = max(1, ROWS_AT_ONCE_BYTES // max(1, n_neurons * itemsize))
    return [slice(start, min(start + step, n_bins)) for start in range(0, n_bins, step)]


def as_activity(values: Any, kind: str | None) -> tuple[np.ndarray, str]:
    """Bring an array to the one form a recording holds.

    Parameters
    ----------
    values : array-like (n_bins, n_neurons)
        Booleans, integers or real numbers.
    kind : str or None
        One of `KINDS`; None infers it (see `infer_kind`).

    Returns
    -------
    activity : ndarray (n_bins, n_neurons)
        uint8 for "binary" and "counts", float32 otherwise. Not copied where `values` has this
        type already.
    kind : str

    Raises
    ------
    InputError
        Not two-dimensional, empty, not numeric, NaN or infinite, or values that do not fit `kind`.
    """
    if kind is not None and kind not in KINDS:
        raise InputError(f"unknown kind {kind!r}", remedy=f"Use one of {', '.join(KINDS)}.")
    array = _numeric_matrix(values)
    refuse_not_finite(array)
    if kind is None:
        kind = infer_kind(array)
        if kind == "counts":
            array = _saturated(array)
    if kind not in INTEGER_KINDS:
        _refuse_beyond_float32(array)
        return array.astype(np.float32, copy=False), kind
    _refuse_values_beyond(array, largest=1 if kind == "binary" else MAX_COUNT, kind=kind)
    if array.dtype == bool:
        return array.view(np.uint8), kind
    return array.astype(np.uint8, copy=False), kind


def infer_kind(array: np.ndarray) -> str:
    """Tell the kind from the values of a finite matrix.

    Whole numbers from 0 on, whatever their type, are "binary" up to 1 and "counts" above, as
    long as nearly all are at most 255: raw fluorescence in whole numbers is not. Else "dff"
    where some are negative, "events" where most are zero, "rate" for the rest.
    """
    low, high = array.min(), array.max()
    if low >= 0 and _all_whole(array):
        if high <= 1:
            return "binary"
        if _n_above(array, MAX_COUNT) <= _RARE * array.size:
            return "counts"
    if low < 0:
        return "dff"
    return "events" if np.count_nonzero(array) < array.size / 2 else "rate"


def refuse_not_finite(array: np.ndarray) -> None:
    """Raise InputError naming the first NaN or infinite value; `array` is (n_bins, n_neurons)."""
    if array.dtype.kind != "f":
        return
    n_bad, first = 0, (0, 0)
    for rows in row_blocks(*array.shape):
        bad = ~np.isfinite(array[rows])
        if bad.any():
            if n_bad == 0:
                row, column = np.unravel_index(int(bad.argmax()), bad.shape)
                first = (rows.start + int(row), int(column))
            n_bad += int(bad.sum())
    if n_bad:
        raise InputError(
            f"activity holds {n_bad:,} NaN or infinite values",
            where=f"neuron {first[1]}, bin {first[0]}",
            remedy="Drop those neurons or bins, or fill them, before building the recording.",
        )


def _numeric_matrix(values: Any) -> np.ndarray:
    """Check that `values` is a non-empty numeric matrix, and return it as an ndarray."""
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        raise InputError("activity is a sparse matrix", remedy="Pass matrix.toarray().")
    try:
        array = np.asarray(values)
    except ValueError as error:  # ragged lists
        raise InputError(
            f"activity is not a matrix ({error})", remedy="Give every bin the same neurons."
        ) from None
    if array.ndim != 2:
        raise InputError(
            f"activity has {array.ndim} dimensions, shape {array.shape}; expected 2",
            remedy="Pass an array of shape (n_bins, n_neurons).",
        )
    if array.size == 0:
        raise InputError(
            f"activity is empty, shape {array.shape}", remedy="Keep at least one bin and neuron."
        )
    if array.dtype.kind not in "buif":
        raise InputError(
            f"activity is of type {array.dtype}, not numbers",
            remedy="Pass booleans, integers or real numbers.",
        )
    return array


def _n_above(array: np.ndarray, value: int) -> int:
    blocks = row_blocks(*array.shape)
    return sum(int(np.count_nonzero(array[rows] > value)) for rows in blocks)


def _saturated(array: np.ndarray) -> np.ndarray:
    """Counts with the few above 255 held at 255, said with a PopcodeWarning."""
    n_above = _n_above(array, MAX_COUNT)
    if n_above == 0:
        return array
    warnings.warn(
        f"{n_above:,} counts above {MAX_COUNT} (up to {array.max():g}) are held at {MAX_COUNT}, "
        "the most that a count holds",
        PopcodeWarning,
        stacklevel=4,
    )
    return np.minimum(array, MAX_COUNT)


def _refuse_beyond_float32(array: np.ndarray) -> None:
    most = float(np.finfo(np.float32).max)
    if array.dtype != np.float32 and max(-float(array.min()), float(array.max())) > most:
        raise InputError(
            f"activity reaches {np.abs(array).max():.3g}, more than float32 holds",
            remedy="Rescale it.",
        )


def _all_whole(array: np.ndarray) -> bool:
    """Whether every value is a whole number."""
    if array.dtype.kind != "f":
        return True
    blocks = row_blocks(*array.shape)
    return all(np.array_equal(array[rows], np.rint(array[rows])) for rows in blocks)


def _refuse_values_beyond(array: np.ndarray, *, largest: int, kind: str) -> None:
    """Raise InputError unless all values are whole numbers from 0 to `largest`."""
    if array.min() >= 0 and array.max() <= largest and _all_whole(array):
        return
    for rows in row_blocks(*array.shape):
        block = array[rows]
        bad = (block < 0) | (block > largest) | (block != np.rint(block))
        if bad.any():
            row, column = np.unravel_index(int(bad.argmax()), bad.shape)
            remedy = (
                "Use .binarized() on a recording of counts, or another kind."
                if kind == "binary"
                else "Use a shorter bin, or kind='rate' for real values."
            )
            raise InputError(
                f"value {block[row, column]} does not fit kind {kind!r} "
                f"(whole numbers from 0 to {largest})",
                where=f"neuron {column}, bin {rows.start + int(row)}",
                remedy=remedy,
            )
