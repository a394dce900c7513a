"""Volumes of an atlas come from any file in the order x, y, z."""

import sys

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.io.volumes import read_volume
from popcode.preprocess.atlas import region_of_neurons


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 4, (5, 6, 7)).astype(np.uint8)


def refused(path) -> str:
    with pytest.raises(InputError) as caught:
        read_volume(path)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def test_numpy_files(labels, tmp_path):
    np.save(tmp_path / "a.npy", labels)
    np.testing.assert_array_equal(read_volume(tmp_path / "a.npy").values, labels)
    np.savez(tmp_path / "b.npz", anything=labels, voxel_um=[1.0, 1.0, 2.0])
    volume = read_volume(tmp_path / "b.npz")
    np.testing.assert_array_equal(volume.values, labels)
    assert volume.voxel_um == (1.0, 1.0, 2.0)
    np.savez(tmp_path / "c.npz", volume=labels, other=labels + 1)
    np.testing.assert_array_equal(read_volume(tmp_path / "c.npz").values, labels)


def test_tiff_stacks_begin_with_z(labels, tmp_path):
    tifffile = pytest.importorskip("tifffile", reason="reading TIFF needs it")
    tifffile.imwrite(tmp_path / "a.tif", labels.transpose(2, 1, 0))
    np.testing.assert_array_equal(read_volume(tmp_path / "a.tif").values, labels)
    tifffile.imwrite(tmp_path / "flat.tif", labels[0])
    assert "an image of shape (6, 7)" in refused(tmp_path / "flat.tif")


@pytest.mark.parametrize(("unit", "um"), [("mm", 1000.0), ("micron", 1.0), ("unknown", 1000.0)])
def test_nifti_places_its_voxels(unit, um, labels, tmp_path):
    nibabel = pytest.importorskip("nibabel", reason="reading NIfTI needs it")
    to_unit = np.diag([0.5, 0.25, 2.0, 1.0])
    to_unit[:3, 3] = (3, -4, 8)
    image = nibabel.Nifti1Image(labels, to_unit)
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "a.nii.gz")
    volume = read_volume(tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(volume.values, labels)
    assert volume.voxel_um == (0.5 * um, 0.25 * um, 2.0 * um)
    voxels = np.argwhere(labels >= 0)
    positions_um = um * (voxels @ to_unit[:3, :3].T + to_unit[:3, 3])
    found = region_of_neurons(
        positions_um,
        volume.values,
        None,
        ["a", "b", "c"],
        affine=volume.affine,
        reflection=(False, False, False),
    )
    np.testing.assert_array_equal(found.labels, labels.ravel())


@pytest.mark.parametrize(("package", "name"), [("nibabel", "a.nii"), ("tifffile", "a.tiff")])
def test_a_missing_package_is_named(package, name, monkeypatch, tmp_path):
    (tmp_path / name).write_bytes(b"content")
    monkeypatch.setitem(sys.modules, package, None)
    assert f"needs the package {package}, which is not installed" in refused(tmp_path / name)


def test_what_holds_no_volume(labels, tmp_path):
    np.save(tmp_path / "flat.npy", labels[0])
    assert "an array of type uint8 and shape (6, 7)" in refused(tmp_path / "flat.npy")
    np.save(tmp_path / "pickled.npy", np.array([[[print]]]), allow_pickle=True)
    assert "cannot be read" in refused(tmp_path / "pickled.npy")
    np.savez(tmp_path / "two.npz", a=labels, b=labels)
    assert "it holds 2 arrays: a, b" in refused(tmp_path / "two.npz")
    np.savez(tmp_path / "sizes.npz", volume=labels, voxel_um=[1.0])
    assert "voxel_um holds 1 numbers" in refused(tmp_path / "sizes.npz")
    (tmp_path / "a.txt").write_text("1 2 3")
    assert "the ending is that of no volume" in refused(tmp_path / "a.txt")
    assert "there is no such file" in refused(tmp_path / "missing.npy")


def test_files_cut_short(labels, tmp_path):
    for name in ("a.npy", "b.npz"):
        path = tmp_path / name
        np.save(path, labels) if name == "a.npy" else np.savez(path, volume=labels)
        content = path.read_bytes()
        for length in (1, 50, 100, len(content) - 1):
            path.write_bytes(content[:length])
            refused(path)
