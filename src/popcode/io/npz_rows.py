"""A matrix of a .npz, read from its first value to its last: what is held is the only copy."""

from typing import IO

import numpy as np

from popcode.io.headers import read_header
from popcode.io.transposing import as_held, transposed


class NpzRows:
    """Rows of a matrix as they follow each other in a .npz, to be read by adjoining slices.

    Of a matrix stored by columns (`fortran_order`) they are the rows of its transpose.

    Parameters
    ----------
    member : binary file
        The array's, as `zipfile.ZipFile.open` gives it; open while rows are read.
    """

    def __init__(self, member: IO[bytes]) -> None:
        self._file = member
        header = read_header(member)
        self.fortran_order = header.fortran_order
        self.shape = header.shape[::-1] if header.fortran_order else header.shape
        self.dtype = header.dtype

    def __getitem__(self, rows: slice) -> np.ndarray:
        """The next rows; those of `rows`, which start where the last ones stopped."""
        start, stop, _ = rows.indices(self.shape[0])
        n_bytes = (stop - start) * self.shape[1] * self.dtype.itemsize
        values = np.frombuffer(self._file.read(n_bytes), dtype=self.dtype)
        return values.reshape(stop - start, self.shape[1])


def read_matrix(member: IO[bytes], turned: bool) -> np.ndarray:
    """C-ordered matrix of a member of a .npz, or its transpose; reals in single precision."""
    rows = NpzRows(member)
    return transposed(rows) if turned != rows.fortran_order else as_held(rows)
