"""Work on a stretch of bins at a time, so that no temporary grows with the recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

BLOCK_VALUES = 20_000_000
# Short enough that a float32 sum over one block keeps 1e-7; blocks are added up in float64.
MAX_BLOCK_ROWS = 4096


def row_blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Consecutive row ranges of at most ``BLOCK_VALUES`` values and ``MAX_BLOCK_ROWS`` rows.

    Parameters
    ----------
    n_rows, n_columns : int
        Shape of the array to go through.

    Yields
    ------
    slice
    """
    rows = int(np.clip(BLOCK_VALUES // max(n_columns, 1), 1, MAX_BLOCK_ROWS))
    for start in range(0, n_rows, rows):
        yield slice(start, min(start + rows, n_rows))


def map_rows(function: Callable[[npt.NDArray], npt.NDArray], x: npt.NDArray) -> npt.NDArray:
    """Apply a function that treats rows alike, a block of rows at a time.

    Parameters
    ----------
    function : callable
        (k, n_columns) -> (k, n_out).
    x : ndarray, shape (n_rows, n_columns)
        Not empty.

    Returns
    -------
    ndarray, shape (n_rows, n_out)
    """
    return np.concatenate([np.asarray(function(x[rows])) for rows in row_blocks(*x.shape)])
