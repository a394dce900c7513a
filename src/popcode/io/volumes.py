"""Volumes of an atlas from files, in the axis order x, y, z."""

import zipfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from popcode.errors import InputError
from popcode.io.reading import checked_path, reading, refuse_beyond_memory

UM_A_UNIT = {"mm": 1e3, "micron": 1.0, "meter": 1e6}  # the units of space of NIfTI-1
KEYS = ("volume", "labels", "annotation")


class Volume(NamedTuple):
    """A volume and where it lies.

    values (n_x, n_y, n_z), or (n_regions, n_x, n_y, n_z) for masks that may overlap;
    voxel_um, the size of a voxel, where the file says it; affine (4, 4) from positions in
    micrometres to voxels, where it does.
    """

    values: np.ndarray
    voxel_um: tuple[float, float, float] | None = None
    affine: np.ndarray | None = None


def read_volume(path: str | Path) -> Volume:
    """Read a volume of region labels or masks.

    Parameters
    ----------
    path : str or Path
        .npy; .npz with one volume, or one called `volume`, and perhaps `voxel_um`; NIfTI
        (.nii, .nii.gz), which needs nibabel; TIFF, which needs tifffile and lists the slices of
        z first, then y, then x.

    Returns
    -------
    Volume

    Raises
    ------
    InputError
        Another kind of file, a package that is missing, a damaged file, no volume inside.
    """
    path = Path(path)
    with reading(path):
        return _reader_of(checked_path(path))(path)


def _reader_of(path: Path) -> Callable[[Path], Volume]:
    for ending, read in READERS.items():
        if path.name.lower().endswith(ending):
            return read
    raise InputError(
        "the ending is that of no volume", remedy=f"Expected one of {', '.join(READERS)}."
    )


def _read_npy(path: Path) -> Volume:
    return Volume(_checked(np.load(path, mmap_mode="r", allow_pickle=False)))


def _read_npz(path: Path) -> Volume:
    with zipfile.ZipFile(path) as archive:
        refuse_beyond_memory(sum(member.file_size for member in archive.infolist()))
    with np.load(path, allow_pickle=False) as file:
        voxel_um = file.get("voxel_um")
        volumes = [key for key in file if key != "voxel_um"]
        named = [key for key in KEYS if key in volumes] or volumes
        if len(named) != 1 and named[:1] != ["volume"]:
            raise InputError(
                f"it holds {len(volumes)} arrays: {', '.join(volumes[:8])}",
                remedy="Name the volume 'volume'.",
            )
        return Volume(_checked(file[named[0]]), None if voxel_um is None else _sizes(voxel_um))


def _read_nifti(path: Path) -> Volume:
    nibabel = _needed("nibabel", "NIfTI")
    image = nibabel.load(path)
    refuse_beyond_memory(int(np.prod(image.shape, dtype=np.float64)) * 8)
    values = _checked(np.asanyarray(image.dataobj))
    scale = UM_A_UNIT.get(image.header.get_xyzt_units()[0], 1e3)  # NIfTI is in mm by custom
    to_um = np.diag([scale, scale, scale, 1.0]) @ image.affine
    return Volume(values, _sizes(np.array(image.header.get_zooms()[:3]) * scale), _inverse(to_um))


def _read_tiff(path: Path) -> Volume:
    tifffile = _needed("tifffile", "TIFF")
    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        refuse_beyond_memory(int(np.prod(series.shape, dtype=np.float64)) * series.dtype.itemsize)
        values = series.asarray()
    if values.ndim != 3:
        raise InputError(
            f"it holds an image of shape {values.shape}",
            remedy="Expected one stack of slices, (n_z, n_y, n_x).",
        )
    return Volume(_checked(values.transpose(2, 1, 0)))


def _checked(values: np.ndarray) -> np.ndarray:
    if values.ndim not in (3, 4) or values.size == 0 or values.dtype.kind not in "buif":
        raise InputError(
            f"it holds an array of type {values.dtype} and shape {values.shape}",
            remedy="Expected labels (n_x, n_y, n_z) or masks (n_regions, n_x, n_y, n_z).",
        )
    return values


def _sizes(voxel_um: Any) -> tuple[float, float, float]:
    sizes = np.asarray(voxel_um, dtype=np.float64).ravel()
    if sizes.shape != (3,):
        raise InputError(f"voxel_um holds {sizes.size} numbers", remedy="Give three, x, y and z.")
    return (float(sizes[0]), float(sizes[1]), float(sizes[2]))


def _inverse(affine: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.inv(affine)
    except np.linalg.LinAlgError:
        raise InputError(
            "its affine is singular", remedy="Write it with the place of its voxels."
        ) from None


def _needed(package: str, kind: str) -> Any:
    try:
        return import_module(package)
    except ImportError:
        raise InputError(
            f"reading {kind} needs the package {package}, which is not installed",
            remedy=f"Install it (pip install {package}), or save the volume with numpy.save.",
        ) from None


READERS: Mapping[str, Callable[[Path], Volume]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".nii": _read_nifti,
    ".nii.gz": _read_nifti,
    ".tif": _read_tiff,
    ".tiff": _read_tiff,
}
