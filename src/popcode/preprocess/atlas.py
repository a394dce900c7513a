"""Regions of an atlas from the positions of neurons.

A position falls into the voxel round(position / voxel size), numpy.rint. Axes are x, y, z
throughout. An atlas may run the other way along an axis than the positions do; which of the eight
reflections is right can be searched for: that which maps most neurons. Source: the labelling of
van der Plas et al. (eLife 12, e83139, 2023) to the mapzebrain atlas, whose voxels are
0.798 x 0.798 x 2 um (Kunst et al., Neuron 103, 2019).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.preprocess.voxels import (
    Index,
    Reflection,
    ReflectionSearch,
    checked_reflection,
    inside,
    search,
    voxels_of,
)

MAPZEBRAIN_VOXEL_UM = (0.798, 0.798, 2.0)


class RegionsOfNeurons(NamedTuple):
    """Regions by position.

    regions (n_neurons,) text, "" for none; labels int64 (n_neurons,), 0 for none; the
    reflection used; n_outside, the neurons outside the volume or without a position.
    """

    regions: np.ndarray
    labels: np.ndarray
    reflection: Reflection
    n_outside: int


class MaskLabels(NamedTuple):
    """Membership by position: labels bool (n_neurons, n_regions), the names, the reflection."""

    labels: np.ndarray
    names: tuple[str, ...]
    reflection: Reflection


def region_of_neurons(
    positions_um: Any,
    volume: np.ndarray,
    voxel_um: Sequence[float] | None,
    names: Mapping[int, str] | Sequence[str],
    *,
    affine: Any = None,
    reflection: Reflection | Literal["search"] = "search",
) -> RegionsOfNeurons:
    """Give every neuron the region whose label its voxel bears.

    Parameters
    ----------
    positions_um : array-like (n_neurons, 3)
        x, y and z in micrometres; nan where unknown.
    volume : ndarray (n_x, n_y, n_z)
        Whole numbers; 0 is no region.
    voxel_um : sequence of 3 numbers or None
        Size of a voxel; None with `affine`.
    names : mapping or sequence of str
        Label -> name, or the names of the labels 1, 2, ...
    affine : array-like (4, 4), optional
        From positions in micrometres to voxels, instead of `voxel_um`.
    reflection : tuple of 3 bool or "search"
        Axes of the volume to run through backwards, or `best_reflection`.

    Returns
    -------
    RegionsOfNeurons

    Raises
    ------
    InputError
        Shapes that do not fit, a volume of anything but whole numbers from 0, a label without
        a name, a search in which no neuron falls into a region.
    """
    volume = _checked_labels(volume)
    voxels = voxels_of(positions_um, voxel_um, affine)
    if reflection == "search":
        reflection = search(voxels, volume.shape, lambda at: volume[at] != 0).reflection
    is_inside, at = inside(voxels, volume.shape, checked_reflection(reflection))
    labels = np.zeros(len(voxels), dtype=np.int64)
    labels[is_inside] = volume[at]
    return RegionsOfNeurons(
        names_of_labels(labels, names), labels, reflection, int(np.count_nonzero(~is_inside))
    )


def labels_of_neurons(
    positions_um: Any,
    masks: Mapping[str, np.ndarray] | np.ndarray,
    voxel_um: Sequence[float] | None,
    names: Sequence[str] = (),
    *,
    affine: Any = None,
    reflection: Reflection | Literal["search"] = "search",
) -> MaskLabels:
    """Give every neuron all regions in whose mask its voxel lies; masks may overlap.

    Parameters
    ----------
    positions_um, voxel_um, affine, reflection
        See `region_of_neurons`.
    masks : mapping of str to ndarray (n_x, n_y, n_z), or ndarray (n_regions, n_x, n_y, n_z)
        True, or anything but 0, inside.
    names : sequence of str
        Of the regions of a stack; region_0, region_1, ... by default.

    Returns
    -------
    MaskLabels

    Raises
    ------
    InputError
        Masks of different shapes, another number of names, and as `region_of_neurons`.
    """
    by_name = masks if isinstance(masks, Mapping) else _named_stack(masks, names)
    shape = _shared_shape(by_name)
    voxels = voxels_of(positions_um, voxel_um, affine)
    if reflection == "search":
        reflection = search(voxels, shape, lambda at: _in_any(by_name, at)).reflection
    is_inside, at = inside(voxels, shape, checked_reflection(reflection))
    labels = np.zeros((len(voxels), len(by_name)), dtype=bool)
    for k, mask in enumerate(by_name.values()):
        labels[is_inside, k] = mask[at] != 0
    return MaskLabels(labels, tuple(by_name), reflection)


def best_reflection(
    positions_um: Any, volume: np.ndarray, voxel_um: Sequence[float] | None, *, affine: Any = None
) -> ReflectionSearch:
    """Find along which axes a volume runs the other way than the positions do.

    All eight reflections are tried, and that which maps most neurons to a region is taken. A
    brain is nearly symmetric from left to right, so a reflection along that axis maps about as
    many: this is said in a PopcodeWarning, since left and right may then be swapped.

    Parameters
    ----------
    positions_um, voxel_um, affine
        See `region_of_neurons`.
    volume : ndarray (n_x, n_y, n_z)
        0 outside all regions.

    Returns
    -------
    ReflectionSearch

    Raises
    ------
    InputError
        No neuron falls into a region, whatever the reflection.
    """
    volume = _checked_labels(volume)
    voxels = voxels_of(positions_um, voxel_um, affine)
    return search(voxels, volume.shape, lambda at: volume[at] != 0)


def names_of_labels(labels: np.ndarray, names: Mapping[int, str] | Sequence[str]) -> np.ndarray:
    """Name of every label, text (n_neurons,): "" for 0.

    Parameters
    ----------
    labels : ndarray of int (n_neurons,)
    names : mapping or sequence of str
        Label -> name, or the names of the labels 1, 2, ...

    Raises
    ------
    InputError
        A label without a name.
    """
    by_label = dict(names) if isinstance(names, Mapping) else dict(enumerate(names, start=1))
    present, place = np.unique(labels, return_inverse=True)
    nameless = [label for label in present.tolist() if label not in (0, *by_label)]
    if nameless:
        raise InputError(
            f"the label {nameless[0]} has no name; {len(by_label)} names were given",
            remedy="Give a mapping label -> name, or the names of the labels 1, 2, ...",
        )
    of_present = ["" if label == 0 else str(by_label[label]) for label in present.tolist()]
    return np.array(of_present, dtype=str)[place]


def _checked_labels(volume: np.ndarray) -> np.ndarray:
    volume = np.asarray(volume)
    if volume.ndim != 3 or volume.dtype.kind not in "uif":
        raise InputError(
            f"the volume is of type {volume.dtype} and shape {volume.shape}",
            remedy="Expected whole numbers (n_x, n_y, n_z); masks go to labels_of_neurons.",
        )
    planes = () if volume.dtype.kind == "u" else volume
    for plane in planes:
        if not ((plane >= 0) & (plane == np.rint(plane))).all():
            raise InputError(
                "the volume holds values that are no labels",
                remedy="Expected whole numbers, 0 outside all regions.",
            )
    return volume


def _named_stack(masks: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    names = list(names) or [f"region_{k}" for k in range(len(masks))]
    if np.ndim(masks) != 4 or len(names) != len(masks) or len(set(names)) != len(names):
        raise InputError(
            f"masks of shape {np.shape(masks)} and {len(names)} names",
            remedy="Expected (n_regions, n_x, n_y, n_z) and one distinct name a region.",
        )
    return dict(zip(names, masks, strict=True))


def _shared_shape(masks: Mapping[str, np.ndarray]) -> tuple[int, ...]:
    shapes = {np.shape(mask) for mask in masks.values()}
    shape = shapes.pop() if len(shapes) == 1 else ()
    if len(shape) != 3:
        raise InputError(
            f"{len(masks)} masks of {len(shapes)} shapes",
            remedy="Give masks of one shape (n_x, n_y, n_z).",
        )
    return shape


def _in_any(masks: Mapping[str, np.ndarray], at: Index) -> np.ndarray:
    return np.any([mask[at] != 0 for mask in masks.values()], axis=0)
