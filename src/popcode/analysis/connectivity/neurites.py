"""Traced neurons by region: where the soma lies, and what length of neurites each region holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.connectivity.structure import TracedNeurons
from popcode.errors import InputError
from popcode.io.swc import SOMA, Tracing

Float = NDArray[np.float64]


class RegionMasks(NamedTuple):
    """Regions of an atlas as volumes.

    Attributes
    ----------
    names : tuple of str
    masks : ndarray of bool, (n_regions, n_x, n_y, n_z)
        Regions may overlap: a neurite counts in each that holds it, a soma in the first.
    voxel_um : ndarray, (3,)
        Size of a voxel; the tracings must be in micrometres from the corner of the first.
    """

    names: tuple[str, ...]
    masks: NDArray[np.bool_]
    voxel_um: Float

    @property
    def volumes(self) -> Float:
        """Volume of each region in cubic micrometres, (n_regions,)."""
        return self.masks.sum(axis=(1, 2, 3)) * float(np.prod(self.voxel_um))


def masks_of_labels(
    labels: NDArray[np.integer], names: dict[int, str], voxel_um: NDArray[np.floating]
) -> RegionMasks:
    """Masks of a volume of region numbers (n_x, n_y, n_z), of those that have a name.

    Raises
    ------
    InputError
        A named region that holds no voxel.
    """
    masks = np.array([labels == number for number in names], bool)
    empty = [name for name, mask in zip(names.values(), masks, strict=True) if not mask.any()]
    if empty or not names:
        raise InputError(
            f"regions without a voxel: {', '.join(empty) or 'none is named'}",
            remedy="Name the numbers that stand in the volume",
        )
    return RegionMasks(tuple(names.values()), masks, np.asarray(voxel_um, np.float64))


def neurons_by_region(tracings: Iterable[Tracing], regions: RegionMasks) -> TracedNeurons:
    """Soma regions and neurite lengths of traced neurons.

    Parameters
    ----------
    tracings : iterable of Tracing
        In micrometres.
    regions : RegionMasks
    """
    somata, lengths = [], []
    for each in tracings:
        somata.append(soma_region(each, regions))
        lengths.append(neurite_lengths(each, regions))
    return TracedNeurons(
        np.array(somata, np.int64), np.array(lengths).reshape(len(lengths), len(regions.names))
    )


def soma_region(tracing: Tracing, regions: RegionMasks) -> int:
    """Region of the centre of the soma's points, or of the root where none is marked; -1: none."""
    marked = tracing.kinds == SOMA
    points = tracing.points_um[marked] if marked.any() else tracing.points_um[tracing.parents < 0]
    inside = _inside(points.mean(axis=0, keepdims=True), regions)[0]
    return int(np.argmax(inside)) if inside.any() else -1


def neurite_lengths(tracing: Tracing, regions: RegionMasks) -> Float:
    """Length of all neurites in every region, micrometres, (n_regions,).

    Every piece between two points is cut into steps of a quarter of a voxel at most, and each
    step counts where its middle lies. Pieces inside the soma are none.
    """
    child = np.flatnonzero(tracing.parents >= 0)
    parent = tracing.parents[child]
    between = ~((tracing.kinds[child] == SOMA) & (tracing.kinds[parent] == SOMA))
    start, stop = tracing.points_um[parent[between]], tracing.points_um[child[between]]
    sizes = np.linalg.norm(stop - start, axis=1)
    n_steps = np.maximum(np.ceil(sizes / (regions.voxel_um.min() / 4)), 1).astype(np.int64)
    piece = np.repeat(np.arange(len(sizes)), n_steps)
    first = np.repeat(np.cumsum(n_steps) - n_steps, n_steps)
    share = (np.arange(piece.size) - first + 0.5) / n_steps[piece]
    middles = start[piece] + share[:, None] * (stop - start)[piece]
    return (sizes / n_steps)[piece] @ _inside(middles, regions)


def _inside(points_um: Float, regions: RegionMasks) -> NDArray[np.bool_]:
    """Which regions hold which points, (n_points, n_regions); none outside of the volume."""
    voxels = np.floor(points_um / regions.voxel_um).astype(np.int64)
    shape = np.array(regions.masks.shape[1:])
    there = ((voxels >= 0) & (voxels < shape)).all(axis=1)
    held = np.zeros((len(points_um), len(regions.names)), bool)
    held[there] = regions.masks[:, *voxels[there].T].T
    return held
