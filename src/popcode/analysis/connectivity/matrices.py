"""Matrices of regions, and their averages over models and animals.

Source: van der Plas et al., eLife 12:e83139 (2023), equation 22.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Float = NDArray[np.float64]


class RegionalMatrix(NamedTuple):
    """Connection strengths between the regions of one animal, or of an average.

    Attributes
    ----------
    names : tuple of str
    values : ndarray, (n_regions, n_regions)
        Symmetric, not negative; nan where unknown.
    sizes : ndarray, (n_regions,)
        Neurons of each region.
    n_bins : int
        Length of the recording.
    """

    names: tuple[str, ...]
    values: Float
    sizes: NDArray[np.int64]
    n_bins: int


def aligned(matrices: Sequence[RegionalMatrix]) -> list[RegionalMatrix]:
    """Bring matrices to the same regions: all that any of them knows, nan where one does not."""
    names = tuple(sorted({name for each in matrices for name in each.names}))
    return [_extended(each, names) for each in matrices]


def model_average(matrices: Sequence[RegionalMatrix]) -> RegionalMatrix:
    """Plain mean of several models of one animal.

    Raises
    ------
    InputError
        No matrices, or matrices of different regions.
    """
    if not matrices or any(each.names != matrices[0].names for each in matrices):
        raise InputError(
            f"{len(matrices)} models, or models of different regions",
            remedy="Give the matrices of one or more models of the same animal",
        )
    return matrices[0]._replace(values=np.mean([each.values for each in matrices], axis=0))


def weighted_average(matrices: Sequence[RegionalMatrix]) -> RegionalMatrix:
    """Mean over animals, weighed by n_bins (N_k + N_l)^2 (equation 22).

    The square is in the equation, not in the text around it. Sizes and bins are summed.

    Raises
    ------
    InputError
        No matrices.
    """
    if not matrices:
        raise InputError("no animals to average", remedy="Give one at least")
    together = aligned(matrices)
    values = np.stack([each.values for each in together])
    sizes = np.stack([each.sizes for each in together]).astype(np.float64)
    n_bins = np.array([each.n_bins for each in together], np.float64)
    weights = n_bins[:, None, None] * (sizes[:, :, None] + sizes[:, None, :]) ** 2
    weights = np.where(np.isfinite(values), weights, 0)
    total = weights.sum(axis=0)
    summed = (weights * np.nan_to_num(values)).sum(axis=0)
    return RegionalMatrix(
        together[0].names,
        np.where(total > 0, summed / np.where(total > 0, total, 1), np.nan),
        sizes.sum(axis=0).astype(np.int64),
        int(n_bins.sum()),
    )


def _extended(matrix: RegionalMatrix, names: tuple[str, ...]) -> RegionalMatrix:
    at = np.array([names.index(name) for name in matrix.names], np.int64)
    values = np.full((len(names), len(names)), np.nan)
    values[np.ix_(at, at)] = matrix.values
    sizes = np.zeros(len(names), np.int64)
    sizes[at] = matrix.sizes
    return RegionalMatrix(names, values, sizes, matrix.n_bins)
