"""Voxels of an atlas from positions, and which way round the atlas runs."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from popcode.errors import InputError, PopcodeWarning

Reflection = tuple[bool, bool, bool]
AS_IS: Reflection = (False, False, False)
REFLECTIONS: tuple[Reflection, ...] = tuple(
    sorted(product((False, True), repeat=3), key=sum)  # type: ignore[arg-type]
)
FEW = 0.5  # share of neurons in a region below which something is likely wrong; usual is 0.85
INDISTINCT = 0.02  # difference of shares below which two reflections cannot be told apart

Index = tuple[np.ndarray, ...]


class ReflectionSearch(NamedTuple):
    """The reflection that maps most neurons, and the share of neurons that each maps."""

    reflection: Reflection
    shares: dict[Reflection, float]


def voxels_of(positions_um: Any, voxel_um: Sequence[float] | None, affine: Any) -> np.ndarray:
    """Voxel of every position, whole float64 (n_neurons, 3), nan where unknown.

    Raises
    ------
    InputError
        Other shapes, a size that is not above 0, both of `voxel_um` and `affine`, or neither.
    """
    positions = np.asarray(positions_um, dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] != 3:
        raise InputError(
            f"positions of shape {positions.shape}; expected (n_neurons, 3)",
            remedy="Give x, y and z in micrometres (Recording.positions_um).",
        )
    if (voxel_um is None) == (affine is None):
        raise InputError(
            "the place of the voxels is given "
            + ("twice, by voxel_um and affine" if affine is not None else "by nothing"),
            remedy="Give the size of a voxel in micrometres, or an affine, not both.",
        )
    if affine is not None:
        matrix = np.asarray(affine, dtype=np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise InputError(
                f"the affine has shape {matrix.shape} or is not finite",
                remedy="Give a 4 x 4 matrix from micrometres to voxels.",
            )
        return np.rint(positions @ matrix[:3, :3].T + matrix[:3, 3])
    size = np.asarray(voxel_um, dtype=np.float64)
    if size.shape != (3,) or not (np.isfinite(size) & (size > 0)).all():
        raise InputError(f"voxel_um is {voxel_um!r}", remedy="Give three sizes above 0, x, y, z.")
    return np.rint(positions / size)


def search(
    voxels: np.ndarray, shape: Sequence[int], is_region: Callable[[Index], np.ndarray]
) -> ReflectionSearch:
    """Try the eight reflections; `is_region` tells which of some voxels belong to a region.

    Raises
    ------
    InputError
        No neuron falls into a region, whatever the reflection.
    """
    shares = {}
    for reflection in REFLECTIONS:
        _, at = inside(voxels, shape, reflection)
        shares[reflection] = float(np.count_nonzero(is_region(at))) / max(1, len(voxels))
    best, second = sorted(REFLECTIONS, key=lambda one: -shares[one])[:2]
    if shares[best] == 0:
        raise InputError(
            "no neuron falls into a region of the volume, whichever way its axes run",
            remedy="Check that positions are in micrometres, and the size of a voxel.",
        )
    _warn_where_doubtful(shares, best, second)
    return ReflectionSearch(best, shares)


def _warn_where_doubtful(
    shares: Mapping[Reflection, float], best: Reflection, second: Reflection
) -> None:
    """Say where most neurons lie in no region, and where two reflections do equally well."""
    if shares[best] < FEW:
        warnings.warn(
            f"the volume gives a region to {shares[best]:.1%} of the neurons at best: "
            "check that positions are in micrometres of the same atlas, and the size of a voxel",
            PopcodeWarning,
            stacklevel=4,
        )
    if shares[best] - shares[second] < INDISTINCT:
        warnings.warn(
            f"the volume maps {shares[best]:.1%} of the neurons with its axes reversed along "
            f"{_axes(best)} and {shares[second]:.1%} along {_axes(second)}: the first is taken, "
            "but left and right may be swapped; give reflection=(x, y, z) to decide",
            PopcodeWarning,
            stacklevel=4,
        )


def inside(
    voxels: np.ndarray, shape: Sequence[int], reflection: Reflection
) -> tuple[np.ndarray, Index]:
    """Mask of the neurons inside the volume (n_neurons,), and the index of their voxels."""
    size = np.asarray(shape)
    is_inside = np.all((voxels >= 0) & (voxels < size), axis=1)
    index = voxels[is_inside].astype(np.int64)
    return is_inside, tuple(np.where(reflection, size - 1 - index, index).T)


def checked_reflection(reflection: Any) -> Reflection:
    """Three booleans, or an InputError."""
    if not isinstance(reflection, tuple | list) or len(reflection) != 3:
        raise InputError(
            f"reflection is {reflection!r}",
            remedy='Give three booleans, for x, y and z, or "search".',
        )
    return (bool(reflection[0]), bool(reflection[1]), bool(reflection[2]))


def _axes(reflection: Reflection) -> str:
    return "".join(axis for axis, turned in zip("xyz", reflection, strict=True) if turned) or "none"
