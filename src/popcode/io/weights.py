"""Weights of published models, from the tables that pandas wrote into HDF5 for viewing them.

The published models themselves are pickles, which are never read. Their exports are data frames
of one row a neuron of the full recording (neurons without a label: zeros) and one column a hidden
unit, hu_000, hu_001, ... Both layouts of pandas are read through HDF5 alone: of what pandas
pickles there, only the texts are taken, and nothing that a pickle says is done.
"""

import pickletools
import re
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.reading import checked_path, reading, refuse_beyond_memory

HIDDEN = re.compile(r"hu_\d+")
REMEDY = 'Export the data frame of the weights with to_hdf(path, key="all").'


class Weights(NamedTuple):
    """weights float32 (n_neurons, n_hidden), and the name of every hidden unit."""

    weights: np.ndarray
    names: tuple[str, ...]


def read_weights(path: str | Path, key: str = "all") -> Weights:
    """Read the weights that were exported as a data frame of pandas.

    Parameters
    ----------
    path : str or Path
        An HDF5 file that DataFrame.to_hdf wrote, in its fixed or its table layout.
    key : str
        Under which the frame was written.

    Returns
    -------
    Weights
        One row a neuron, in the order of the file; one column a hidden unit: those called
        hu_<number> where there are any, otherwise all.

    Raises
    ------
    InputError
        No such frame, a column that is text, weights that are not finite.
    """
    path = Path(path)
    with reading(path), h5py.File(checked_path(path), "r") as file:
        frame = _frame(file, key)
        columns = _table_columns(frame) if "table" in frame else _fixed_columns(frame)
        names = tuple(name for name in columns if HIDDEN.fullmatch(name)) or tuple(columns)
        weights = _stacked([columns[name] for name in names], names)
        _refuse_not_finite(weights, names)
    return Weights(weights, names)


class _Column(NamedTuple):
    """Where a column lies: its data set, the field of a compound, and its place therein."""

    data: h5py.Dataset
    field: str | None
    place: int
    rows_first: bool = True


def _frame(file: h5py.File, key: str) -> h5py.Group:
    frame = file.get(key)
    kind = _text(frame.attrs.get("pandas_type", "")) if isinstance(frame, h5py.Group) else ""
    if not isinstance(frame, h5py.Group) or kind not in ("frame", "frame_table"):
        raise InputError(
            f"there is no data frame {key!r}; it holds {', '.join(list(file)[:8]) or 'nothing'}",
            remedy=REMEDY,
        )
    return frame


def _fixed_columns(frame: h5py.Group) -> dict[str, _Column]:
    """Columns of the fixed layout: blocks of one type, each with the names of its columns."""
    columns = {}
    for k in range(int(frame.attrs["nblocks"])):
        values = frame[f"block{k}_values"]
        rows_first = bool(values.attrs.get("transposed", False))
        for place, name in enumerate(_names(frame[f"block{k}_items"])):
            columns[name] = _Column(values, None, place, rows_first)
    return {name: columns[name] for name in _names(frame["axis0"]) if name in columns}


def _table_columns(frame: h5py.Group) -> dict[str, _Column]:
    """Columns of the table layout: one compound, whose blocks are named in its attributes."""
    table = frame["table"]
    columns = {}
    for field in table.dtype.names or ():
        if field != "index":
            for place, name in enumerate(_texts_of(table.attrs.get(f"{field}_kind", b""))):
                columns[name] = _Column(table, field, place)
    ordered = _texts_of(frame.attrs.get("non_index_axes", b""))
    return {name: columns[name] for name in dict.fromkeys([*ordered, *columns]) if name in columns}


def _stacked(columns: list[_Column], names: tuple[str, ...]) -> np.ndarray:
    """float32 (n_rows, n_columns), every data set and field read once."""
    if not columns:
        raise InputError("the data frame has no columns", remedy=REMEDY)
    wanted: dict[tuple[str, str | None], list[int]] = {}
    for k, column in enumerate(columns):
        wanted.setdefault((column.data.name, column.field), []).append(k)
    blocks = {}
    for source, indices in wanted.items():
        blocks[source] = _block(columns[indices[0]], names[indices[0]])
    n_rows = {len(block) for block in blocks.values()}
    if len(n_rows) != 1 or 0 in n_rows:
        raise InputError(f"its columns have {sorted(n_rows)} rows", remedy=REMEDY)
    weights = np.empty((n_rows.pop(), len(columns)), dtype=np.float32)
    for source, indices in wanted.items():
        weights[:, indices] = blocks[source][:, [columns[k].place for k in indices]]
    return weights


def _block(column: _Column, name: str) -> np.ndarray:
    """All columns that lie beside one, (n_rows, n_columns)."""
    dtype = column.data.dtype if column.field is None else column.data.dtype[column.field]
    if dtype.base.kind not in "buif":
        raise InputError(
            f"the column holds no numbers but {dtype.base}", where=repr(name), remedy=REMEDY
        )
    refuse_beyond_memory(column.data.nbytes)
    values = column.data[()] if column.field is None else column.data.fields(column.field)[()]
    values = values.reshape(-1, 1) if values.ndim == 1 else values
    return values if column.rows_first else values.T


def _names(data: h5py.Dataset) -> list[str]:
    refuse_beyond_memory(data.nbytes)
    return [_text(name) for name in np.ravel(data[()])]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _texts_of(pickled: Any) -> list[str]:
    """Texts that a pickle mentions, in their order; its operations are listed, never run."""
    content = pickled.tobytes() if isinstance(pickled, np.void) else bytes(pickled)
    operations = pickletools.genops(content) if content else ()
    return [
        argument
        for operation, argument, _ in operations
        if isinstance(argument, str) and operation.name.endswith(("UNICODE", "STRING"))
    ]


def _refuse_not_finite(weights: np.ndarray, names: tuple[str, ...]) -> None:
    bad = ~np.isfinite(weights)
    if bad.any():
        neuron, unit = np.unravel_index(int(bad.argmax()), bad.shape)
        raise InputError(
            f"{int(bad.sum()):,} weights are not finite",
            where=f"neuron {neuron}, column {names[int(unit)]}",
            remedy="Export the weights again.",
        )
