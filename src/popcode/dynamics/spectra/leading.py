"""Leading singular values of a matrix that is only known by its products.

Block Golub-Kahan-Lanczos bidiagonalisation, started at random on both sides at once (so that one
pass over the data serves both), with every new block made orthogonal to all before it, twice.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.spectra.products import Matrix, Single, Values
from popcode.recording.memory import refuse_beyond_memory
from popcode.threads import Team, pieces

STREAM = 0x1EAD
TOLERANCE = 2.5e-4  # relative error of every value at which the search ends
FIRST_LOOK = 2  # vectors a side held for every value wanted when errors are first looked at
MOST_TIMES = 6  # vectors a side held for every value wanted, at most,
MOST_BLOCKS = 36  # or so many blocks, where few values are wanted
BLOCKS_A_RESULT = 6
NARROWEST, WIDEST = 16, 128
UNSETTLED = 0.1  # relative residual above which a direction is taken as not yet found
PIECE = 4096


class Triplets(NamedTuple):
    """Leading singular values and vectors.

    Attributes
    ----------
    values : ndarray, (n_values,)
        Largest first; each is at most the true one, but for rounding.
    errors : ndarray, (n_values,)
        Estimated relative error of each, from its residual.
    left, right : ndarray of float32, (n_rows, n_values), (n_columns, n_values)
        Orthonormal columns.
    n_passes : int
        Over the data.
    """

    values: Values
    errors: Values
    left: Single
    right: Single
    n_passes: int


class _Ritz(NamedTuple):
    """Singular triplets of the matrix between the two bases, and their estimated errors."""

    left: Values
    values: Values
    right: Values
    errors: Values


class _Basis:
    """Orthonormal float32 vectors in blocks of one width."""

    def __init__(self, first: Values, team: Team) -> None:
        self._team = team
        self.blocks: list[Single] = [np.linalg.qr(first.astype(np.float32))[0]]

    def coefficients(self, vectors: Single) -> Values:
        """Products with every vector of the basis, (n_in_basis, n_vectors)."""
        out = np.empty((len(self.blocks), self.blocks[0].shape[1], vectors.shape[1]))
        calls = (partial(_inner, block, vectors, out, k) for k, block in enumerate(self.blocks))
        self._team.run(calls)
        return out.reshape(-1, vectors.shape[1])

    def subtract(self, vectors: Single, coefficients: Values) -> None:
        """Take away from `vectors` what the basis makes with these coefficients."""
        parts = np.split(coefficients.astype(np.float32), len(self.blocks))
        cuts = pieces(len(vectors), PIECE)
        self._team.run(partial(_subtract, vectors, self.blocks, parts, *cut) for cut in cuts)

    def remainder(self, product: Values) -> tuple[Values, Single, Values]:
        """Coefficients of a product in the basis, and what is left as q @ r, q orthonormal."""
        vectors = product.astype(np.float32)
        inside = self.coefficients(vectors)
        self.subtract(vectors, inside)
        q, r = np.linalg.qr(vectors)
        again = self.coefficients(q)
        self.subtract(q, again)
        inside += again @ r
        q, correction = np.linalg.qr(q)
        return inside, q, (correction @ r).astype(np.float64)

    def combined(self, coefficients: Values) -> Single:
        """Vectors with these coefficients in the basis."""
        out = np.zeros((len(self.blocks[0]), coefficients.shape[1]), dtype=np.float32)
        self.subtract(out, -coefficients)
        return out


def leading_triplets(
    matrix: Matrix,
    n_values: int,
    team: Team,
    *,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> Triplets:
    """The largest singular values of a matrix, with an estimate of the error of each.

    Parameters
    ----------
    matrix : Matrix
    n_values : int
        At most the smaller side of the matrix.
    team : Team
        Entered; the result is the same whatever the number of its threads.
    seed : int
        Of the random start.
    tolerance : float
        The search ends once every estimated relative error is below it, or with six vectors held
        for every value wanted (36 blocks at least): `errors` says what was reached.

    Returns
    -------
    Triplets

    Raises
    ------
    InputError
        Where the vectors held might not fit into the free memory.

    References
    ----------
    Golub, Luk and Overton, ACM Trans. Math. Software 7, 149-169 (1981); Musco and Musco, NeurIPS
    2015 (random block Krylov subspaces).
    """
    width, most = _sizes(n_values, min(matrix.shape))
    refuse_beyond_memory(4 * sum(matrix.shape) * (most + n_values))
    rng = np.random.default_rng((seed, STREAM))
    starts = [rng.standard_normal((n, width), dtype=np.float32) for n in matrix.shape]
    # A first pass takes the starts into the ranges of the matrix, whose longer side has far more
    # directions than that.
    left, right = (_Basis(product, team) for product in matrix.products(*starts))
    between = np.zeros((0, 0))
    for n_held in range(width, most + 1, width):
        products = matrix.products(left.blocks[-1], right.blocks[-1])
        inside_left, next_left, rest_left = left.remainder(products[0])
        inside_right, next_right, rest_right = right.remainder(products[1])
        between = _bordered(between, inside_left, inside_right)
        ends = n_held + width > most
        if ends or n_held >= FIRST_LOOK * n_values:
            ritz = _ritz(between, rest_left, rest_right)
            if ends or (ritz.errors[:n_values] <= tolerance).all():
                break
        left.blocks.append(next_left)
        right.blocks.append(next_right)
    return Triplets(
        ritz.values[:n_values],
        ritz.errors[:n_values],
        left.combined(ritz.left[:, :n_values]),
        right.combined(ritz.right[:, :n_values]),
        1 + n_held // width,
    )


def _sizes(n_values: int, shortest: int) -> tuple[int, int]:
    """Vectors of a block, and the most vectors held on a side."""
    width = min(max(NARROWEST, n_values // BLOCKS_A_RESULT), WIDEST, shortest)
    return width, min(max(MOST_TIMES * n_values, MOST_BLOCKS * width), shortest)


def _inner(block: Single, vectors: Single, out: Values, k: int) -> None:
    out[k] = block.T @ vectors


def _subtract(
    vectors: Single, blocks: list[Single], parts: list[NDArray], start: int, stop: int
) -> None:
    for block, part in zip(blocks, parts, strict=True):
        vectors[start:stop] -= block[start:stop] @ part


def _bordered(between: Values, column: Values, row: Values) -> Values:
    """The matrix between the bases with its new last block of columns and of rows."""
    n, width = len(between), column.shape[1]
    out = np.empty((n + width, n + width))
    out[:n, :n] = between
    out[:, n:] = column
    out[n:, :n] = row[:n].T
    return out


def _ritz(between: Values, rest_left: Values, rest_right: Values) -> _Ritz:
    """Singular triplets of the matrix between the bases, and the errors of their values.

    What the matrix makes of a right vector beside the left vector is rest_left times its last
    coefficients, and likewise on the other side: with r the root mean square of the two norms, a
    singular value lies within r of each value found. Where the directions not yet found have
    singular values below g, the error is about r^2 / (value - g) (second-order perturbation),
    doubled here for g, the largest value with a large residual, is a guess.
    """
    left, values, right_transposed = np.linalg.svd(between)
    width = len(rest_left)
    beside_left = np.square(rest_left @ right_transposed[:, -width:].T).sum(axis=0)
    beside_right = np.square(rest_right @ left[-width:]).sum(axis=0)
    residual = np.sqrt((beside_left + beside_right) / 2)
    size = np.maximum(values, np.finfo(np.float64).tiny)
    unsettled = values[residual > UNSETTLED * size]
    gap = np.maximum(values - (unsettled[0] if unsettled.size else 0.0), 0)
    errors = np.where(2 * residual < gap, 2 * residual**2 / np.maximum(gap, residual), residual)
    return _Ritz(left, values, right_transposed.T, errors / size)
