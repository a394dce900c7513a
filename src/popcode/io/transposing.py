"""Arrays of neurons x bins, turned to bins x neurons in blocks: the copy is the only one."""

from typing import Any, Protocol

import numpy as np

from popcode.recording.kinds import row_blocks


class Rows(Protocol):
    """An array, memory map or HDF5 data set of two dimensions, read by slices of its rows."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n_rows, n_columns)."""

    @property
    def dtype(self) -> np.dtype:
        """Of the values."""

    def __getitem__(self, rows: slice, /) -> Any:
        """The rows, (n, n_columns)."""


def held_type(dtype: np.dtype) -> np.dtype:
    """Type that a recording would hold: reals as float32, anything else as it is."""
    return np.dtype(np.float32) if dtype.kind == "f" else dtype


def transposed(source: Rows) -> np.ndarray:
    """C-ordered transpose of (n_rows, n_columns), its type as `held_type` says."""
    n_rows, n_columns = source.shape
    out = np.empty((n_columns, n_rows), dtype=held_type(source.dtype))
    fill_transposed(out, source, np.ones(n_rows, dtype=bool))
    return out


def as_held(source: Rows) -> np.ndarray:
    """The matrix (n_rows, n_columns), read in blocks, its type as `held_type` says."""
    out = np.empty(source.shape, dtype=held_type(source.dtype))
    for rows in row_blocks(source.shape[0], source.shape[1], source.dtype.itemsize):
        with np.errstate(over="ignore"):
            out[rows] = source[rows]
    return out


def c_ordered(matrix: np.ndarray) -> np.ndarray:
    """The matrix with its rows in one piece, copied only where they are not."""
    return matrix if matrix.flags.c_contiguous else transposed(matrix.T)


def fill_transposed(out: np.ndarray, source: Rows, kept: np.ndarray) -> None:
    """Write the rows of `source` chosen by the mask `kept` (n_rows,) as the columns of `out`.

    `out` (n_bins, n_kept) may have fewer rows than `source` has columns: the rest is left out.
    """
    n_rows, n_columns = source.shape
    ends = np.concatenate(([0], np.cumsum(kept)))
    for rows in _blocks(source, n_rows, n_columns):
        columns = slice(ends[rows.start], ends[rows.stop])
        with np.errstate(over="ignore"):  # beyond float32: infinite, which a recording refuses
            out[:, columns] = np.asarray(source[rows])[kept[rows], : len(out)].T


def _blocks(source: Rows, n_rows: int, n_columns: int) -> list[slice]:
    """Blocks of rows, of whole chunks where the source is stored in chunks."""
    blocks = row_blocks(n_rows, n_columns, source.dtype.itemsize)
    chunk = (getattr(source, "chunks", None) or (1,))[0]
    step = -(-blocks[0].stop // chunk) * chunk if blocks else 1
    return [slice(start, min(start + step, n_rows)) for start in range(0, n_rows, step)]
