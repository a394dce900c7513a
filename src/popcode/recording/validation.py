"""What a recording is made of, brought to one form; anything that disagrees is an InputError."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from popcode.errors import InputError

FIRST_COLUMNS = ("id", "region", "x_um", "y_um", "z_um")


def read_only(array: np.ndarray) -> np.ndarray:
    """View of `array` that cannot be written through; nothing is copied."""
    view = array.view()
    view.flags.writeable = False
    return view


def checked_bin_s(bin_s: Any) -> float:
    """Bin width in seconds; None and nan mean unknown."""
    try:
        value = float("nan") if bin_s is None else float(bin_s)
    except (TypeError, ValueError):
        value = -1.0
    if value <= 0 or np.isinf(value):
        raise InputError(
            f"bin_s is {bin_s!r}; expected seconds above 0",
            remedy="Give the bin width in seconds, or nan where it is unknown.",
        )
    return value


def checked_starts(segment_starts: Any, n_bins: int) -> np.ndarray:
    """First bins of the segments, read-only int64 (n_segments,); None is one segment."""
    starts = np.asarray([0] if segment_starts is None else segment_starts)
    remedy = "Give the first bin of every contiguous stretch, in increasing order, from 0."
    if starts.ndim != 1 or starts.size == 0 or starts.dtype.kind not in "ui":
        raise InputError(
            f"segment_starts is of type {starts.dtype} and shape {starts.shape}; "
            "expected a list of whole numbers",
            remedy=remedy,
        )
    starts = starts.astype(np.int64)
    if starts[0] != 0:
        raise InputError(f"segment_starts begins at {starts[0]}, not at 0", remedy=remedy)
    if (np.diff(starts) <= 0).any():
        where = int(np.flatnonzero(np.diff(starts) <= 0)[0]) + 1
        raise InputError("segment_starts does not increase", where=f"entry {where}", remedy=remedy)
    if starts[-1] >= n_bins:
        raise InputError(
            f"segment_starts reaches bin {starts[-1]:,}, beyond the last of {n_bins:,} bins",
            remedy=remedy,
        )
    return read_only(starts)


def checked_start_s(segment_start_s: Any, n_segments: int) -> np.ndarray | None:
    """Start times of the segments in seconds, read-only float64 (n_segments,), or None."""
    if segment_start_s is None:
        return None
    times = plain_array(segment_start_s, "segment_start_s")
    if times.shape != (n_segments,) or times.dtype.kind not in "uif":
        raise InputError(
            f"segment_start_s is of type {times.dtype} and shape {times.shape}; "
            f"expected {n_segments} numbers",
            remedy="Give one time in seconds for each of segment_starts.",
        )
    return read_only(times.astype(np.float64))


def plain_array(values: Any, where: str) -> np.ndarray:
    """Array of booleans, numbers or text: what can be written without pickle.

    Missing text becomes "", missing numbers among objects nan.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.dtype.kind in "buifcU":
        return array
    if array.dtype.kind in "OT":
        missing = pd.isna(array)
        if all(isinstance(value, str) for value in array[~missing].flat):
            return np.where(missing, "", array).astype(str)
        if all(isinstance(value, Real) for value in array[~missing].flat):
            return np.where(missing, np.nan, array).astype(np.float64)
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8")
    raise InputError(
        f"values of type {array.dtype} cannot be kept",
        where=where,
        remedy="Use booleans, numbers or text.",
    )


def checked_rows(
    arrays: Mapping[str, Any] | None, n_rows: int, *, what: str, rows: str
) -> dict[str, np.ndarray]:
    """Copy of the mapping whose arrays all have `n_rows` rows and are read-only."""
    checked = {}
    for name, values in dict(arrays or {}).items():
        _check_name(name, what)
        array = plain_array(values, f"{what} {name!r}")
        if array.ndim == 0 or len(array) != n_rows:
            raise InputError(
                f"{what} has shape {array.shape}; expected {n_rows:,} rows, one a {rows}",
                where=repr(name),
                remedy=f"Give one value for each {rows}.",
            )
        checked[name] = read_only(array)
    return checked


def checked_table(neurons: Any, n_neurons: int) -> pd.DataFrame:
    """Copy of the neuron table with a plain index and `FIRST_COLUMNS` first, `id` always there.

    Without an `id` column, the ids are the index of the table (0, 1, ... by default).
    """
    if neurons is None:
        neurons = pd.DataFrame(index=pd.RangeIndex(n_neurons))
    elif not isinstance(neurons, pd.DataFrame):
        neurons = pd.DataFrame(dict(neurons))
    if len(neurons) != n_neurons:
        raise InputError(
            f"the neuron table has {len(neurons):,} rows but activity has {n_neurons:,} columns",
            remedy="Give one row a neuron; if these are bins, transpose activity.",
        )
    for name in neurons.columns:
        _check_name(name, "neuron column")
    if neurons.columns.has_duplicates:
        twice = neurons.columns[neurons.columns.duplicated()][0]
        raise InputError(
            "the neuron table has a column twice", where=repr(twice), remedy="Drop one."
        )
    columns = {name: plain_array(neurons[name], f"neuron column {name!r}") for name in neurons}
    if "id" not in columns:
        columns["id"] = plain_array(neurons.index, "neuron index")
    first = [name for name in FIRST_COLUMNS if name in columns]
    return pd.DataFrame({name: columns[name] for name in dict.fromkeys([*first, *columns])})


def checked_labels(
    region_labels: Any, region_names: Any, n_neurons: int
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Overlapping regions: read-only boolean (n_neurons, n_regions) and a name a region."""
    names = tuple(str(name) for name in (region_names if region_names is not None else ()))
    if region_labels is None:
        if names:
            raise InputError(
                f"{len(names)} region_names without region_labels",
                remedy="Give region_labels, a boolean (n_neurons, n_regions) matrix.",
            )
        return None, ()
    labels = np.asarray(region_labels)
    if labels.ndim != 2 or len(labels) != n_neurons:
        raise InputError(
            f"region_labels has shape {labels.shape}; expected {n_neurons:,} rows, one a neuron",
            remedy="Give a boolean (n_neurons, n_regions) matrix.",
        )
    if labels.dtype != bool and not np.isin(labels, (0, 1)).all():
        raise InputError("region_labels holds values other than 0 and 1", remedy="Make it boolean.")
    names = names or tuple(f"region_{k}" for k in range(labels.shape[1]))
    if len(names) != labels.shape[1] or len(set(names)) != len(names):
        raise InputError(
            f"{len(names)} region_names ({len(set(names))} distinct) "
            f"for {labels.shape[1]} columns of region_labels",
            remedy="Give one distinct name a region.",
        )
    return read_only(labels.astype(bool)), names


def _check_name(name: Any, what: str) -> None:
    """Names become keys of a file: non-empty text without a slash."""
    if not isinstance(name, str) or not name or "/" in name:
        raise InputError(
            f"{what} has the name {name!r}", remedy="Use a non-empty text without '/'."
        )


def refuse_shared_names(table: pd.DataFrame, arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse a name that is both a column and an array: in a file they share one key."""
    for name in arrays:
        if name in table:
            raise InputError(
                "the name is both a column of the neuron table and a neuron array",
                where=repr(name),
                remedy="Rename one of them.",
            )
