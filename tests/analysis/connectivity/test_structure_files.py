"""Structure from files: the three forms, and what is refused."""

import numpy as np
import pytest

from popcode.analysis.connectivity import (
    TracedNeurons,
    mirrored,
    read_structure,
    structural_matrix,
)
from popcode.errors import InputError

NAMES = ("optic tectum", "Cerebellum", "pretectum")
MATRIX = np.array([[1.0, 2, 0], [2, 3, 4], [0, 4, 5]])


def write(path, **arrays):
    np.savez(path, **arrays)
    return path


def between(matrix):
    """Without regions with themselves."""
    return np.where(np.eye(len(matrix)) > 0, np.nan, matrix)


def test_a_matrix_is_put_into_the_order_of_the_regions(tmp_path):
    path = write(tmp_path / "s.npz", sc=MATRIX, names=np.array(NAMES))
    regions = ("cerebellum", "habenula", "Optic_Tectum", "pretectum")
    found = read_structure(path, regions)
    assert found.names == regions
    np.testing.assert_array_equal(found.values[np.ix_([2, 0, 3], [2, 0, 3])], between(MATRIX))
    assert np.isnan(found.values[1]).all()
    assert found.notes == ("regions that the structure does not have: habenula",)


def test_directed_matrices_are_averaged_and_regions_with_themselves_left_out(tmp_path):
    directed = np.array([[0.0, 2, 1], [4, 0, 0], [0, 0, 0]])
    found = read_structure(write(tmp_path / "s.npz", sc=directed, names=np.array(NAMES)), NAMES)
    assert (found.values[0, 1], found.values[1, 0], found.values[0, 2]) == (3, 3, 0.5)
    assert np.isnan(np.diag(found.values)).all()
    assert found.notes == ("sc is directed: both directions are averaged",)


def test_one_of_several_matrices_is_named(tmp_path):
    arrays = {"one": MATRIX, "two": 2 * MATRIX, "codes": np.array(list("abc"))}
    path = write(tmp_path / "s.npz", **arrays, names=np.array(NAMES))
    with pytest.raises(InputError, match="2 square matrices: one, two"):
        read_structure(path, NAMES)
    np.testing.assert_array_equal(read_structure(path, NAMES, "two").values, between(2 * MATRIX))
    # Names are taken from the array that has the regions.
    np.testing.assert_array_equal(read_structure(path, tuple("abc"), "one").values, between(MATRIX))
    with pytest.raises(InputError, match="no square matrix 'three'"):
        read_structure(path, NAMES, "three")


@pytest.mark.parametrize("by_name", [True, False])
def test_traced_neurons_give_equation_20(tmp_path, by_name):
    rng = np.random.default_rng(0)
    somata, lengths = np.array([0, 2, 2, -1, 1]), rng.random((5, 3))
    volumes, mirror = np.array([1.0, 2, 4]), np.array([1, 0, 2])
    as_text = np.array(["" if k < 0 else NAMES[k] for k in somata])
    arrays = {
        "soma_regions": as_text if by_name else somata,
        "lengths": lengths,
        "volumes": volumes,
        "region_names": np.array(NAMES),
    }
    traced = TracedNeurons(somata, lengths)
    found = read_structure(write(tmp_path / "t.npz", **arrays), NAMES)
    np.testing.assert_array_equal(found.values, between(structural_matrix(traced, volumes)))
    assert found.source == "4 traced neurons (equation 20)"
    both = read_structure(write(tmp_path / "m.npz", **arrays, mirror=mirror), NAMES)
    expected = structural_matrix(mirrored(traced, mirror), volumes)
    np.testing.assert_array_equal(both.values, between(expected))


def test_a_folder_of_tracings_is_measured_against_its_volume(tmp_path):
    labels = np.repeat([0, 7, 3, 9], 5)[:, None, None] * np.ones((1, 4, 4), int)
    write(tmp_path / "atlas.npz", volume=labels, voxel_um=np.full(3, 2.0))
    (tmp_path / "regions.csv").write_text("number,name\n7,a\n3,b\n9,c\n")
    (tmp_path / "one.swc").write_text("1 1 15 4 4 1 -1\n2 2 35 4 4 1 1\n")
    found = read_structure(tmp_path, ("a", "b", "c"))
    # Soma in a; 5, 10 and 5 um of neurite in a, b and c, over volumes of 5 x 4 x 4 x 8 um3.
    expected = np.array([5, 10, 5]) / 640
    # A step of neurite is half a micrometre at most.
    np.testing.assert_allclose(found.values[0, 1:], expected[1:], atol=0.5 / 640)
    assert np.isnan(found.values[1, 2])
    (tmp_path / "regions.csv").unlink()
    with pytest.raises(InputError, match=r"no regions\.csv"):
        read_structure(tmp_path, ("a", "b", "c"))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"sc": MATRIX}, "no array names the 3 regions"),
        ({"sc": MATRIX, "names": np.array(list("xyz"))}, "0 of the 3 regions"),
        ({"sc": MATRIX, "names": np.array([NAMES[0]] * 3)}, "two regions of one name"),
        ({"sc": -MATRIX, "names": np.array(NAMES)}, "below 0"),
        ({"names": np.array(NAMES)}, "0 square matrices"),
    ],
)
def test_what_is_no_structure_is_refused(tmp_path, arrays, message):
    with pytest.raises(InputError, match=message):
        read_structure(write(tmp_path / "s.npz", **arrays), NAMES)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_structure(tmp_path / "none.npz", NAMES)
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(InputError, match="cannot be read"):
        read_structure(tmp_path / "text.npz", NAMES)
    np.save(tmp_path / "bare.npy", MATRIX)
    with pytest.raises(InputError, match="no npz file"):
        read_structure(tmp_path / "bare.npy", NAMES)


def test_infinite_strengths_and_somata_that_are_no_numbers_are_refused(tmp_path):
    path = write(tmp_path / "s.npz", sc=np.where(MATRIX > 3, np.inf, MATRIX), names=np.array(NAMES))
    with pytest.raises(InputError, match="without end"):
        read_structure(path, NAMES)
    traced = {
        "soma_regions": np.array([0, 1.7, 2]), "lengths": np.ones((3, 3)), "volumes": np.ones(3),
        "region_names": np.array(NAMES),
    }  # fmt: skip
    with pytest.raises(InputError, match="no whole numbers"):
        read_structure(write(tmp_path / "t.npz", **traced), NAMES)
