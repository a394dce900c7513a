"""Sums over all pairs of areas of a matrix over pairs of neurons, for many labellings at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Float = NDArray[np.float64]
# Labellings in one matrix product: enough to be fast, some 100 MB at 1,500 neurons and 20 areas.
_TOGETHER = 200


def off_diagonal(matrix: NDArray) -> Float:
    """A symmetric matrix (n_neurons, n_neurons) with 0 on its diagonal.

    Raises
    ------
    InputError
        Not square, not symmetric, not finite.
    """
    values = np.array(matrix, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise InputError(f"couplings of shape {values.shape}", remedy="Give a square matrix")
    np.fill_diagonal(values, 0.0)
    if not np.isfinite(values).all():
        raise InputError("couplings that are not finite", remedy="Fit the model again")
    if not np.allclose(values, values.T, rtol=1e-4, atol=1e-6 * (np.abs(values).max() or 1.0)):
        raise InputError("couplings that are not symmetric", remedy="Give (J + J^T) / 2")
    return values


def pair_counts(weights: Float) -> Float:
    """Ordered pairs i != j of all area pairs, (..., n_areas, n_areas).

    Parameters
    ----------
    weights : ndarray, (..., n_neurons, n_areas)
        How often each neuron counts in each area.
    """
    totals = weights.sum(axis=-2)
    both = np.swapaxes(weights, -1, -2) @ weights
    return totals[..., :, None] * totals[..., None, :] - both


def pair_sums(values: Float, weights: Float) -> Float:
    """W^T X W for many W, (n, n_areas, n_areas), as two matrix products.

    Parameters
    ----------
    values : ndarray, (n_neurons, n_neurons)
        With 0 on the diagonal.
    weights : ndarray, (n, n_neurons, n_areas)
    """
    n, n_neurons, n_areas = weights.shape
    side_by_side = weights.transpose(1, 0, 2).reshape(n_neurons, n * n_areas)
    received = (values @ side_by_side).reshape(n_neurons, n, n_areas)
    return weights.transpose(0, 2, 1) @ received.transpose(1, 0, 2)


class Means(NamedTuple):
    """Means over the pairs of every area pair (nan for no pair), and how many ordered pairs.

    Both are (n, n_areas, n_areas), one table a labelling.
    """

    tables: Float
    counts: Float


def pair_means(values: Float, weights: Float) -> Means:
    """Mean of a matrix over the pairs i != j of every area pair.

    Parameters
    ----------
    values : ndarray, (n_neurons, n_neurons)
        With 0 on the diagonal.
    weights : ndarray, (n, n_neurons, n_areas)
    """
    counts = pair_counts(weights)
    tables = pair_sums(values, weights) / np.where(counts > 0, counts, np.nan)
    return Means(tables, counts)


def drawn_means(values: Float, draw: Callable[[int], Float], n: int) -> Means:
    """Means for `n` drawn labellings, a batch at a time so that they fit in memory.

    Parameters
    ----------
    values : ndarray, (n_neurons, n_neurons)
        With 0 on the diagonal.
    draw : callable
        Gives so many labellings, (number, n_neurons, n_areas).
    n : int
    """
    batches = [min(_TOGETHER, n - start) for start in range(0, n, _TOGETHER)]
    means = [pair_means(values, draw(size)) for size in batches]
    return Means(*(np.concatenate(parts) for parts in zip(*means, strict=True)))
