"""Tables of an NWB file (hdmf's DynamicTable): columns side by side in one HDF5 group."""

from typing import NamedTuple

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.hollow import refuse_hollow

EXPORT_AGAIN = "Export the file again with pynwb, or check it with nwbinspector."


class Columns(NamedTuple):
    """Columns with one plain value a row, and the names of those with more or other values."""

    values: dict[str, np.ndarray]
    left_out: list[str]


def values_of(data: h5py.Dataset) -> np.ndarray:
    """A whole data set in one read; text comes back as str."""
    refuse_hollow(data)
    if is_text(data):
        return np.asarray(data.asstr(errors="replace")[()], dtype=str)
    return np.asarray(data[()])


def is_text(data: h5py.Dataset) -> bool:
    """Whether the values are text, of fixed or any length."""
    return h5py.check_string_dtype(data.dtype) is not None


def text_at(group: h5py.Group, name: str) -> str:
    """Text of a scalar data set, "" where there is none."""
    data = group.get(name)
    if not isinstance(data, h5py.Dataset) or data.ndim or not is_text(data):
        return ""
    return str(data.asstr(errors="replace")[()])


def n_rows(table: h5py.Group) -> int:
    """Rows of a table, from its `id`."""
    data = table.get("id")
    if not isinstance(data, h5py.Dataset) or data.ndim != 1:
        raise InputError(f"the table {table.name} has no column 'id'", remedy=EXPORT_AGAIN)
    return int(data.shape[0])


def read_columns(table: h5py.Group) -> Columns:
    """Columns of numbers, booleans and text; references to groups become the groups' names.

    Raises
    ------
    InputError
        A column of another length than `id`.
    """
    rows = n_rows(table)
    values, left_out = {}, []
    for name in table:
        data = table.get(name)
        if not isinstance(data, h5py.Dataset) or _is_index(table, name):
            continue
        if data.ndim != 1 or f"{name}_index" in table or not _is_plain(data):
            left_out.append(name)
            continue
        if data.shape[0] != rows:
            raise InputError(
                f"the column {name!r} of {table.name} has {data.shape[0]:,} rows; "
                f"expected {rows:,}, as many as 'id'",
                remedy=EXPORT_AGAIN,
            )
        values[name] = _names_of(data) if _is_reference(data) else values_of(data)
    return Columns(values, left_out)


def row_ends(table: h5py.Group, name: str) -> np.ndarray:
    """Where the values of each row of a ragged column end, int64 (n_rows,).

    Raises
    ------
    InputError
        No index, or one that goes back, beyond the values, or not once for each row.
    """
    index = table.get(f"{name}_index")
    if not isinstance(index, h5py.Dataset):
        raise InputError(
            f"{table.name} has {name} but no {name}_index, so the values cannot be told apart",
            remedy=EXPORT_AGAIN,
        )
    ends, rows, n_values = values_of(index).astype(np.int64), n_rows(table), table[name].shape[0]
    if len(ends) != rows:
        raise InputError(
            f"{name}_index of {table.name} has {len(ends):,} entries; expected {rows:,}",
            remedy=EXPORT_AGAIN,
        )
    if rows and (ends[0] < 0 or (np.diff(ends) < 0).any()):
        row = int(np.argmax(np.diff(ends, prepend=0) < 0))
        raise InputError(
            f"{name}_index of {table.name} goes back", where=f"row {row}", remedy=EXPORT_AGAIN
        )
    if rows and ends[-1] > n_values:
        raise InputError(
            f"{name}_index of {table.name} reaches {ends[-1]:,}; {name} holds {n_values:,} values",
            remedy="The file is cut short or damaged: copy or export it again.",
        )
    return ends


def _is_index(table: h5py.Group, name: str) -> bool:
    return name.endswith("_index") and name.removesuffix("_index") in table


def _is_plain(data: h5py.Dataset) -> bool:
    return data.dtype.kind in "biuf" or is_text(data) or _is_reference(data)


def _is_reference(data: h5py.Dataset) -> bool:
    return h5py.check_ref_dtype(data.dtype) is h5py.Reference


def _names_of(data: h5py.Dataset) -> np.ndarray:
    """Last part of the name of what each reference points to, (n,) text."""
    pointed = [data.file[reference].name if reference else "" for reference in data[()]]
    return np.array([(name or "").rsplit("/", 1)[-1] for name in pointed], dtype=str)
