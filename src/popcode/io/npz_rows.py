"""One array of a .npz, read from its first row to its last without holding it whole."""

from typing import IO

import numpy as np

from popcode.io.headers import read_header


class NpzRows:
    """Rows of a matrix in a .npz, to be read by slices that follow each other.

    Parameters
    ----------
    member : binary file
        The array's, as `zipfile.ZipFile.open` gives it; open while rows are read.
    """

    def __init__(self, member: IO[bytes]) -> None:
        self._file = member
        header = read_header(member)
        self.shape, self.dtype = header.shape, header.dtype
        self._whole: np.ndarray | None = None
        if header.fortran_order:  # rows are scattered over the file
            values = np.frombuffer(self._file.read(header.n_bytes), dtype=header.dtype)
            self._whole = values.reshape(header.shape, order="F")

    def __getitem__(self, rows: slice) -> np.ndarray:
        """The next rows; those of `rows`, which start where the last ones stopped."""
        if self._whole is not None:
            return self._whole[rows]
        start, stop, _ = rows.indices(self.shape[0])
        n_bytes = (stop - start) * self.shape[1] * self.dtype.itemsize
        values = np.frombuffer(self._file.read(n_bytes), dtype=self.dtype)
        return values.reshape(stop - start, self.shape[1])
