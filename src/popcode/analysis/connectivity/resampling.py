"""Regions drawn anew, and their names shuffled: what intervals and chance levels rest on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Rows and columns of entries of a matrix of regions.
Entries = tuple[NDArray[np.int64], NDArray[np.int64]]


def drawn_pairs(n_regions: int, n_draws: int, rng: np.random.Generator) -> Iterator[Entries]:
    """Rows and columns of the lower triangle for regions drawn with replacement.

    A region and its own copy are no pair; the diagonal entry counts as often as the region.
    """
    rows, columns = np.tril_indices(n_regions)
    for _ in range(n_draws):
        regions = rng.integers(n_regions, size=n_regions)
        k, l = regions[rows], regions[columns]  # noqa: E741
        kept = (k != l) | (rows == columns)
        yield k[kept], l[kept]


def shuffled_pairs(n_regions: int, n_draws: int, rng: np.random.Generator) -> Iterator[Entries]:
    """Rows and columns of the lower triangle for regions whose names are shuffled."""
    rows, columns = np.tril_indices(n_regions)
    for _ in range(n_draws):
        order = rng.permutation(n_regions)
        yield order[rows], order[columns]
