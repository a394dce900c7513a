"""Components shared by two halves of a population: found in some blocks, followed in others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from popcode.dynamics.source import Source, block_rows
from popcode.dynamics.spectra.leading import leading_triplets
from popcode.dynamics.spectra.products import Single, Values, add_transposed
from popcode.dynamics.spectra.products import projected as along
from popcode.dynamics.time_blocks import Stretch
from popcode.recording.memory import refuse_beyond_memory
from popcode.threads import Team, pieces

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
EXACT_UP_TO = 4000  # neurons of a half, or bins
LEAST_SD = 1e-3  # of a neuron within a block, in units of its standard deviation overall
_TILE = 256


class SharedComponents(NamedTuple):
    """Weights of the neurons of each half, the largest shared covariance first.

    Attributes
    ----------
    first : ndarray, (n_first, n_components)
        Orthonormal columns.
    second : ndarray, (n_second, n_components)
    """

    first: Float
    second: Float


class BetweenHalves(NamedTuple):
    """Covariance between the halves, z-scored within blocks, (n_first, n_second)."""

    source: Source
    blocks: list[list[Stretch]]
    half: Mask
    team: Team

    @property
    def shape(self) -> tuple[int, int]:
        """(n_first, n_second)."""
        return int(self.half.sum()), int((~self.half).sum())

    def products(self, left: Single, right: Single) -> tuple[Values, Values]:
        """The matrix times `right`, and its transpose times `left`, in one pass."""
        of_first, of_second = (
            np.zeros((n, k.shape[1])) for n, k in zip(self.shape, (right, left), strict=True)
        )
        for z in standardised_blocks(self.source, self.blocks):
            first, second = z[:, self.half], z[:, ~self.half]
            add_transposed(self.team, first, along(self.team, second, right), of_first)
            add_transposed(self.team, second, along(self.team, first, left), of_second)
        n_bins = n_bins_of(self.blocks)
        return of_first / n_bins, of_second / n_bins


def n_bins_of(blocks: list[list[Stretch]]) -> int:
    """Bins of all blocks."""
    return sum(stop - start for block in blocks for start, stop in block)


def shared_components(
    source: Source, blocks: list[list[Stretch]], half: Mask, n_components: int, seed: int = 0
) -> SharedComponents:
    """Singular vectors of the covariance between two halves, z-scored within each block.

    Parameters
    ----------
    source : Source
    blocks : list of list of Stretch
        Time that is used.
    half : ndarray of bool, (n_neurons,)
        The first half.
    n_components : int
        Fewer where a half has fewer neurons, or there are fewer bins.
    seed : int
        Of the search, where a half has more than 4,000 neurons and there are more bins.

    Returns
    -------
    SharedComponents

    Raises
    ------
    InputError
        Not enough memory.
    """
    n_first, n_second = int(half.sum()), int((~half).sum())
    n_bins = n_bins_of(blocks)
    n_kept = min(n_components, n_first, n_second, n_bins)
    if min(n_first, n_second, n_bins) > EXACT_UP_TO and n_kept < EXACT_UP_TO:
        with Team() as team:
            matrix = BetweenHalves(source, blocks, half, team)
            found = leading_triplets(matrix, n_kept, team, seed=seed)
        left, right = found.left.astype(np.float64), found.right.astype(np.float64)
    elif n_bins < min(n_first, n_second):
        left, right = _from_bins(source, blocks, half, n_bins)
    else:
        refuse_beyond_memory(3 * 8 * n_first * n_second)
        left, right = _vectors(_cross_covariance(source, blocks, half))
    return SharedComponents(left[:, :n_kept], right[:, :n_kept])


def projected(
    source: Source, blocks: list[list[Stretch]], half: Mask, components: SharedComponents
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Activity of each half along its components, block after block, (n_bins, n_components)."""
    n_bins = n_bins_of(blocks)
    n_components = components.first.shape[1]
    refuse_beyond_memory(2 * 4 * n_bins * n_components)
    first, second = np.empty((2, n_bins, n_components), np.float32)
    row = 0
    for z in standardised_blocks(source, blocks):
        first[row : row + len(z)] = z[:, half] @ components.first.astype(z.dtype)
        second[row : row + len(z)] = z[:, ~half] @ components.second.astype(z.dtype)
        row += len(z)
    return first, second


def standardised_blocks(
    source: Source, blocks: list[list[Stretch]]
) -> Iterator[NDArray[np.floating]]:
    """Pieces of bins, every neuron z-scored within the block (its sd at least 0.001).

    Pachitariu et al. 2026.
    """
    for block in blocks:
        mean, scale = _block_scale(source, block)
        for start, stop in _rows(block, source.n_neurons):
            values = source.read(start, stop)
            yield (values - mean.astype(values.dtype)) * scale.astype(values.dtype)


def _block_scale(source: Source, block: list[Stretch]) -> tuple[Float, Float]:
    """Mean and one over the standard deviation of every neuron in a block."""
    n_bins = sum(stop - start for start, stop in block)
    total, squares = np.zeros((2, source.n_neurons))
    for start, stop in _rows(block, source.n_neurons):
        total += source.read(start, stop).sum(axis=0, dtype=np.float64)
    mean = total / n_bins
    for start, stop in _rows(block, source.n_neurons):
        squares += np.square(source.read(start, stop) - mean).sum(axis=0)
    return mean, 1 / np.maximum(np.sqrt(squares / n_bins), LEAST_SD)


def _rows(block: list[Stretch], n_neurons: int) -> Iterator[tuple[int, int]]:
    """The bins of a block in pieces; time does not matter here, so stretches may run on."""
    yield from (
        (block[0].start + a, block[0].start + b)
        for a, b in pieces(block[-1].stop - block[0].start, block_rows(n_neurons))
    )


def _cross_covariance(source: Source, blocks: list[list[Stretch]], half: Mask) -> Float:
    n_first, n_second = int(half.sum()), int((~half).sum())
    total = np.zeros((n_first, n_second))

    def add(first: NDArray, second: NDArray, start: int, stop: int) -> None:
        total[:, start:stop] += first.T @ second[:, start:stop]

    with Team() as team:
        for z in standardised_blocks(source, blocks):
            first, second = z[:, half], z[:, ~half]
            team.run(partial(add, first, second, *tile) for tile in pieces(n_second, _TILE))
    return total


def _from_bins(
    source: Source, blocks: list[list[Stretch]], half: Mask, n_bins: int
) -> tuple[Float, Float]:
    """Singular vectors of Z_Iᵀ Z_J from its factors, where bins are fewer than neurons."""
    refuse_beyond_memory(3 * 8 * n_bins * source.n_neurons)
    z = np.concatenate(list(standardised_blocks(source, blocks))).astype(np.float64)
    (q_first, r_first), (q_second, r_second) = (
        scipy.linalg.qr(z[:, chosen].T, mode="economic", check_finite=False)
        for chosen in (half, ~half)
    )
    left, right = _vectors(r_first @ r_second.T)
    return q_first @ left, q_second @ right


def _vectors(matrix: Float) -> tuple[Float, Float]:
    left, _, right = scipy.linalg.svd(
        matrix, full_matrices=False, overwrite_a=True, check_finite=False
    )
    return left, right.T
