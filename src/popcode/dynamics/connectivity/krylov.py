"""Many leading eigenvalues of a large symmetric matrix, from products with blocks of vectors.

A matrix that fits no cache is read once a product, whether with one vector or with a block: block
Lanczos iteration reads it a block's width less often than one vector at a time would. The basis is
kept and orthogonalised in full, so that no eigenvalue comes twice (Golub and Underwood, The block
Lanczos method, 1977).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
_GROWTH = 1.1  # of the basis between two looks at its eigenvalues


def block_lanczos(
    multiply: Callable[[Float32], Float32],
    n_rows: int,
    n_values: int,
    width: int,
    tolerance: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Largest eigenvalues of a symmetric matrix, largest first.

    Parameters
    ----------
    multiply : callable
        The matrix times (n_rows, width).
    n_rows, n_values : int
    width : int
        Vectors a block.
    tolerance : float
        Of every eigenvalue as a share of the largest: where none moves further as the basis grows.
    rng : numpy.random.Generator
        Of the first block.

    Returns
    -------
    ndarray of float64, (n_values,)
    """
    basis = np.empty((n_rows, n_rows), np.float32, order="F")  # pages that are used take memory
    projected = np.zeros((n_rows, n_rows), np.float32)
    block = np.linalg.qr(rng.standard_normal((n_rows, width), np.float32))[0]
    size, next_look = 0, float(n_values + width)
    former = np.zeros(n_values, np.float32)
    while True:
        basis[:, size : size + width] = block
        size += width
        image = multiply(block)
        known = basis[:, :size]
        shares = known.T @ image
        projected[:size, size - width : size] = shares
        if size >= next_look or size + width > n_rows:
            values = np.linalg.eigvalsh(projected[:size, :size], UPLO="U")[::-1][:n_values]
            moved = np.abs(values - former).max()
            if moved <= tolerance * abs(values[0]) or size + width > n_rows:
                return values.astype(np.float64)
            former[:], next_look = values, _GROWTH * size
        image = image - known @ shares
        image -= known @ (known.T @ image)  # what cancellation left
        block = np.linalg.qr(image)[0]
