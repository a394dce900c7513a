"""Regions from positions: laws of voxels and reflections, and planted mistakes."""

import numpy as np
import pytest

from popcode.errors import InputError, PopcodeWarning
from popcode.preprocess.atlas import best_reflection, labels_of_neurons, region_of_neurons
from popcode.preprocess.voxels import REFLECTIONS, voxels_of

# Most of the positions lie beside the boxes, which is warned about.
pytestmark = pytest.mark.filterwarnings("ignore::popcode.errors.PopcodeWarning")

SHAPE = (13, 21, 9)
VOXEL_UM = (0.798, 0.798, 2.0)
NAMES = ["hindbrain", "tectum", "habenula"]
AS_IS = (False, False, False)


@pytest.fixture
def volume() -> np.ndarray:
    """Three boxes without any symmetry, in the corner of low indices."""
    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[0:5, 0:8, 0:4] = 1
    labels[2:6, 8:12, 1:4] = 2
    labels[0:3, 4:7, 3:5] = 3
    return labels


@pytest.fixture
def positions() -> np.ndarray:
    """In and around the boxes, some of them outside the volume."""
    return np.random.default_rng(0).uniform(-0.1, 1.0, (1500, 3)) * (7, 13, 5) * np.array(VOXEL_UM)


def reflected(positions, reflection):
    """Positions whose voxel is the mirror image, along the given axes."""
    far = (np.array(SHAPE) - 1) * VOXEL_UM
    return np.where(reflection, far - positions, positions)


def plainly(positions, volume, affine):
    """Labels by explicit loops over neurons and axes."""
    labels = []
    for position in positions:
        index = []
        for axis in range(3):
            at = sum(affine[axis, k] * position[k] for k in range(3)) + affine[axis, 3]
            index.append(round(at) if np.isfinite(at) else -1)
        fits = all(0 <= index[axis] < volume.shape[axis] for axis in range(3))
        labels.append(int(volume[tuple(index)]) if fits else 0)
    return labels


def test_labels_are_those_of_the_voxels(volume, positions):
    found = region_of_neurons(positions, volume, VOXEL_UM, NAMES, reflection=AS_IS)
    assert found.labels.tolist() == plainly(
        positions, volume, np.diag([*1 / np.array(VOXEL_UM), 1])
    )
    assert found.regions.tolist() == [["", *NAMES][label] for label in found.labels]
    outside = [(p < -0.5).any() or (p >= np.array(SHAPE) - 0.5).any() for p in positions / VOXEL_UM]
    assert found.n_outside == sum(outside)
    assert len(set(found.regions)) == 4


def test_an_affine_is_the_loop_over_its_entries(volume, positions):
    rng = np.random.default_rng(1)
    affine = np.diag([*1 / np.array(VOXEL_UM), 1])
    affine[:3] += 0.2 * rng.normal(size=(3, 4))
    found = region_of_neurons(positions, volume, None, NAMES, affine=affine, reflection=AS_IS)
    assert found.labels.tolist() == plainly(positions, volume, affine)
    assert len(set(found.labels.tolist())) > 2


def test_an_affine_of_the_voxel_sizes_is_the_voxel_sizes(volume, positions):
    affine = np.diag([*1 / np.array(VOXEL_UM), 1])
    np.testing.assert_array_equal(
        voxels_of(positions, None, affine), voxels_of(positions, VOXEL_UM, None)
    )


def test_the_order_of_the_neurons_does_not_matter(volume, positions):
    order = np.random.default_rng(2).permutation(len(positions))
    found = region_of_neurons(positions, volume, VOXEL_UM, NAMES)
    shuffled = region_of_neurons(positions[order], volume, VOXEL_UM, NAMES)
    assert shuffled.reflection == found.reflection
    np.testing.assert_array_equal(shuffled.labels, found.labels[order])


@pytest.mark.parametrize("reflection", REFLECTIONS)
def test_a_reflected_copy_is_found_again(reflection, volume, positions):
    inside = region_of_neurons(positions, volume, VOXEL_UM, NAMES, reflection=AS_IS)
    brain = positions[inside.labels > 0]
    copy = reflected(brain, reflection)
    search = best_reflection(copy, volume, VOXEL_UM)
    assert search.reflection == reflection
    assert search.shares[reflection] == 1.0
    assert sorted(search.shares) == sorted(REFLECTIONS)
    found = region_of_neurons(copy, volume, VOXEL_UM, NAMES)
    assert found.reflection == reflection
    # A mirrored position that lies half way between two voxels may round to the other.
    assert np.mean(found.labels == inside.labels[inside.labels > 0]) > 0.99


def test_a_symmetric_brain_is_said_to_be_ambiguous(volume, positions):
    symmetric = np.maximum(volume, volume[::-1])
    with pytest.warns(PopcodeWarning, match="left and right may be swapped"):
        best_reflection(positions, symmetric, VOXEL_UM)


def test_few_neurons_in_any_region_are_pointed_out(volume, positions):
    with pytest.warns(PopcodeWarning, match="check that positions are in micrometres"):
        best_reflection(positions + 7, volume, VOXEL_UM)


def test_positions_that_are_missing_have_no_region(volume, positions):
    positions[::3, 1] = np.nan
    found = region_of_neurons(positions, volume, VOXEL_UM, NAMES, reflection=AS_IS)
    assert set(found.regions[::3]) == {""}
    assert found.labels.tolist() == plainly(
        positions, volume, np.diag([*1 / np.array(VOXEL_UM), 1])
    )


def test_names_by_label(volume, positions):
    by_label = {1: "a", 2: "b", 3: "c", 9: "unused"}
    found = region_of_neurons(positions, volume, VOXEL_UM, by_label)
    assert set(found.regions) == {"", "a", "b", "c"}
    with pytest.raises(InputError, match="the label 3 has no name; 2 names were given"):
        region_of_neurons(positions, volume, VOXEL_UM, NAMES[:2])


def test_overlapping_masks(volume, positions):
    masks = {"front": volume > 1, "all": volume > 0, "none": volume > 99}
    found = labels_of_neurons(positions, masks, VOXEL_UM)
    labels = region_of_neurons(positions, volume, VOXEL_UM, NAMES).labels
    np.testing.assert_array_equal(found.labels, np.stack([labels > 1, labels > 0, labels > 99], 1))
    assert found.names == ("front", "all", "none")
    stack = labels_of_neurons(positions, np.stack(list(masks.values())), VOXEL_UM)
    np.testing.assert_array_equal(stack.labels, found.labels)
    assert stack.names == ("region_0", "region_1", "region_2")


def test_masks_that_do_not_fit(volume, positions):
    with pytest.raises(InputError, match="2 masks of 2 shapes"):
        labels_of_neurons(positions, {"a": volume, "b": volume[1:]}, VOXEL_UM)
    with pytest.raises(InputError, match="and 1 names"):
        labels_of_neurons(positions, np.stack([volume, volume]), VOXEL_UM, ["one"])
    with pytest.raises(InputError, match="0 masks"):
        labels_of_neurons(positions, {}, VOXEL_UM)
    with pytest.raises(InputError, match="no neuron falls into a region"):
        labels_of_neurons(positions, {"a": volume > 9}, VOXEL_UM)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positions_um": np.zeros((5, 2))}, r"positions of shape \(5, 2\)"),
        ({"voxel_um": None}, "by nothing"),
        ({"affine": np.eye(4)}, "given twice"),
        ({"voxel_um": None, "affine": np.eye(3)}, "affine has shape"),
        ({"voxel_um": (1, 0, 1)}, "voxel_um is"),
        ({"volume": np.zeros((3, 3))}, "the volume is of type"),
        ({"volume": np.full(SHAPE, 0.5)}, "values that are no labels"),
        ({"volume": np.full(SHAPE, -1)}, "values that are no labels"),
        ({"volume": np.zeros(SHAPE, dtype=bool)}, "masks go to labels_of_neurons"),
        ({"reflection": "x"}, "reflection is 'x'"),
        ({"reflection": (True, False)}, "reflection is"),
        ({"positions_um": np.full((5, 3), 1e4), "reflection": "search"}, "no neuron falls into"),
    ],
)
def test_what_is_refused(changes, message, volume, positions):
    arguments = {"positions_um": positions, "volume": volume, "voxel_um": VOXEL_UM, "names": NAMES}
    with pytest.raises(InputError, match=message):
        region_of_neurons(**(arguments | {"reflection": AS_IS} | changes))
