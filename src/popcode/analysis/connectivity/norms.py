r"""Region by region norms of a matrix of neurons J = F F^T that is never made.

    L1: sum_{i in k, j in l, i != j} |J_ij| / (N_k N_l)         blocks of F_k F_l^T, one at a time
    L2: sqrt(sum_{i in k, j in l, i != j} J_ij^2 / (N_k N_l))   tr(G_k G_l), G_k = F_k^T F_k

The L1 norm is that of van der Plas et al., eLife 12:e83139 (2023), Methods, "From inter-neuron to
inter-region connectivity". It costs n_neurons^2 rank / 2 products, the L2 norm n_neurons rank^2.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
# Neurons of a side of a block: a block of 4 MB stays in the processor's cache.
_SIDE = 1024
# Of products in float32.
_ROUNDING = 1e-6


def regional_l1(factors: NDArray[np.floating], member: NDArray[np.bool_]) -> Float:
    """L1 norm of J = factors factors^T for every pair of regions, (n_regions, n_regions).

    Parameters
    ----------
    factors : ndarray, (n_neurons, rank)
        Products are float32, sums float64.
    member : ndarray of bool, (n_neurons, n_regions)
        Regions may overlap; a neuron with itself is never a pair.

    Returns
    -------
    ndarray
        Symmetric; nan where no two distinct neurons make a pair.

    Raises
    ------
    InputError
        Shapes that do not belong together, factors that are not finite.
    """
    factors = _checked(factors, member)
    blocks = [np.ascontiguousarray(factors[rows]) for rows in member.T]
    n_regions = member.shape[1]
    sums = np.zeros((n_regions, n_regions))
    upper = combinations_with_replacement(range(n_regions), 2)
    with Team() as team:
        team.run(partial(_write_sum, blocks, *pair, sums) for pair in upper)
    own = np.square(factors, dtype=np.float64).sum(axis=1)
    return _over_pairs(np.triu(sums) + np.triu(sums, 1).T, own, member)


def regional_l2(factors: NDArray[np.floating], member: NDArray[np.bool_]) -> Float:
    """Root mean square of J = factors factors^T for every pair of regions; as `regional_l1`."""
    factors = _checked(factors, member)
    grams = np.empty((member.shape[1], factors.shape[1] ** 2))
    for gram, rows in zip(grams, member.T, strict=True):
        block = factors[rows].astype(np.float64)
        gram[:] = (block.T @ block).ravel()
    own = np.square(factors, dtype=np.float64).sum(axis=1)
    return np.sqrt(_over_pairs(grams @ grams.T, own**2, member))


def regional_l1_of(matrix: NDArray[np.floating], member: NDArray[np.bool_]) -> Float:
    """L1 norm of a matrix (n_neurons, n_neurons) that is at hand; as `regional_l1`."""
    sizes = np.abs(np.asarray(matrix, np.float64))
    if sizes.shape != (len(member), len(member)) or not np.isfinite(sizes).all():
        raise InputError(
            f"a matrix of shape {sizes.shape} for {len(member)} neurons, or not finite",
            remedy="Give one finite value for every pair of neurons",
        )
    places = member.astype(np.float64)
    return _over_pairs(places.T @ sizes @ places, np.diag(sizes), member)


def _write_sum(blocks: list[NDArray[np.float32]], k: int, l: int, sums: Float) -> None:  # noqa: E741
    """Sum of |J| over all pairs of two regions, a neuron with itself included."""
    left, right = blocks[k], blocks[l]
    tile = np.empty((_SIDE, _SIDE), np.float32)
    total = 0.0
    for rows, columns in product(pieces(len(left), _SIDE), pieces(len(right), _SIDE)):
        part = tile[: rows[1] - rows[0], : columns[1] - columns[0]]
        np.matmul(left[slice(*rows)], right[slice(*columns)].T, out=part)
        np.abs(part, out=part)
        total += float(part.sum(axis=1).sum(dtype=np.float64))
    sums[k, l] = total


def _over_pairs(sums: Float, own: Float, member: NDArray[np.bool_]) -> Float:
    """Take out what neurons have with themselves, and divide by the number of pairs."""
    places = member.astype(np.float64)
    sizes, shared = places.sum(axis=0), places.T @ places
    n_pairs = np.outer(sizes, sizes)
    selves = (places.T * own) @ places
    left = sums - selves
    # What rounding leaves of a sum that is nothing but neurons with themselves is no coupling.
    left[left <= _ROUNDING * selves] = 0
    return np.where(n_pairs > shared, left / np.where(n_pairs > 0, n_pairs, 1), np.nan)


def _checked(factors: NDArray, member: NDArray[np.bool_]) -> NDArray[np.float32]:
    factors, member = np.asarray(factors, np.float32), np.asarray(member)
    if factors.ndim != 2 or member.ndim != 2 or len(factors) != len(member):
        raise InputError(
            f"factors of shape {factors.shape} and regions of shape {member.shape}",
            remedy="Give a row for every neuron in both",
        )
    if not np.isfinite(factors).all():
        raise InputError("factors that are not finite", remedy="Fit the model again")
    return factors
