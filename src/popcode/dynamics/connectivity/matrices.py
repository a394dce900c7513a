"""A connectivity matrix, in the form that fits its zeros."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator

Float32 = NDArray[np.float32]


class Connectivity(NamedTuple):
    """A = links - offsets diag(weights) offsets^T off the diagonal, and 0 on it.

    Few links between many neurons, less their mean, need no dense matrix.

    Attributes
    ----------
    links : ndarray or csr_array of float32, (n_neurons, n_neurons)
        Zero on the diagonal.
    offsets : ndarray of float32, (n_neurons, n_offsets)
        None for a dense matrix.
    weights : ndarray of float32, (n_offsets,)
    """

    links: Float32 | csr_array
    offsets: Float32
    weights: Float32

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return int(self.links.shape[0])

    def scaled(self, factor: float) -> Connectivity:
        """The matrix times a number."""
        ratio = np.float32(factor)
        return Connectivity(self.links * ratio, self.offsets, self.weights * ratio)

    def to_array(self) -> Float32:
        """The dense matrix."""
        if isinstance(self.links, np.ndarray):
            return self.links
        matrix = self.links.toarray() - (self.offsets * self.weights) @ self.offsets.T
        np.fill_diagonal(matrix, 0)
        return matrix

    def operator(self) -> LinearOperator:
        """What multiplies vectors."""
        links, offsets, weights = self
        diagonal = (offsets**2) @ weights

        def product(x: NDArray) -> NDArray:
            column = x.reshape(len(x), -1).astype(np.float32, copy=False)
            mean = offsets @ (weights[:, None] * (offsets.T @ column))
            return (links @ column - mean + diagonal[:, None] * column).reshape(x.shape)

        return LinearOperator(links.shape, matvec=product, matmat=product, dtype=np.float32)

    def mean_square(self) -> float:
        """Sum of the squared entries over the number of neurons: of a row on average."""
        links, offsets, weights = self
        if isinstance(links, np.ndarray):
            return float(np.einsum("ij,ij->", links, links, dtype=np.float64)) / len(links)
        products = offsets.astype(np.float64).T @ offsets
        of_means = (weights @ products**2 @ weights) - ((offsets**2 @ weights) ** 2).sum()
        crossed = ((links @ offsets) * offsets).sum(axis=0) @ weights
        squares = (links.data.astype(np.float64) ** 2).sum()
        return float(squares - 2 * crossed + of_means) / links.shape[0]


def dense_connectivity(matrix: Float32) -> Connectivity:
    """A dense matrix as a connectivity."""
    return Connectivity(matrix, np.zeros((len(matrix), 0), np.float32), np.zeros(0, np.float32))
