"""The activity of a file: which way round it lies, and its values read tile by tile."""

from collections.abc import Iterator, Mapping

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.hollow import refuse_hollow
from popcode.recording.kinds import MAX_COUNT

TILE_BYTES = 1 << 25
Shape = tuple[int, ...]


def bins_come_first(name: str, shape: Shape, companions: Mapping[str, Shape]) -> bool:
    """Whether a matrix is (n_bins, n_neurons), as its companions settle it.

    Parameters
    ----------
    name, shape
        Of the activity.
    companions : mapping
        Role -> shape: `times` (n_bins, ...), `zbrain` and `raw` with 3 on the other side, and
        `labels`, which is asked only where there is none of these.

    Raises
    ------
    InputError
        Both orientations fit, or neither.
    """
    asked = {role: of for role, of in companions.items() if role != "labels"} or companions
    fits = [_all_fit(asked, *shape), _all_fit(asked, *shape[::-1])]
    if sum(fits) == 1:
        return fits[0]
    seen = ", ".join(f"{role} {of}" for role, of in asked.items())
    raise InputError(
        f"the activity of shape {shape} fits {'both' if fits[0] else 'neither'} of "
        f"(n_bins, n_neurons) and (n_neurons, n_bins) by {seen}",
        where=name,
        remedy="Times must have a row a bin, coordinates three numbers a neuron; "
        "build a popcode.Recording from the arrays where the file cannot be changed.",
    )


def read_spikes(data: h5py.Dataset, bins_first: bool) -> np.ndarray:
    """Spikes (n_bins, n_neurons): uint8 where they are whole numbers up to 255, else float32."""
    activity = _allocated(data, bins_first, np.uint8)
    for rows, columns, tile in _tiles_as_bins_first(data, bins_first):
        in_a_byte = tile.min() >= 0 and tile.max() <= MAX_COUNT  # false with a NaN
        if not (in_a_byte and np.array_equal(tile, whole := tile.astype(np.uint8))):
            return read_traces(data, bins_first)
        activity[rows, columns] = whole
    return activity


def read_traces(data: h5py.Dataset, bins_first: bool) -> np.ndarray:
    """Real values, float32 (n_bins, n_neurons)."""
    activity = _allocated(data, bins_first, np.float32)
    for rows, columns, tile in _tiles_as_bins_first(data, bins_first):
        activity[rows, columns] = tile
    return activity


def is_matrix(data: h5py.Dataset) -> bool:
    """Whether a data set could be activity: numbers, two sides longer than one."""
    return data.ndim == 2 and min(data.shape) > 1 and data.dtype.kind in "buif"


def _all_fit(companions: Mapping[str, Shape], n_bins: int, n_neurons: int) -> bool:
    def fits(role: str, shape: Shape) -> bool:
        if role == "times":
            return n_bins in shape
        if role == "labels":
            return n_neurons in shape
        return shape in ((3, n_neurons), (n_neurons, 3))

    return all(fits(role, shape) for role, shape in companions.items())


def _allocated(data: h5py.Dataset, bins_first: bool, dtype: type) -> np.ndarray:
    refuse_hollow(data, data.size * np.dtype(dtype).itemsize)
    return np.empty(data.shape if bins_first else data.shape[::-1], dtype=dtype)


def _tiles_as_bins_first(
    data: h5py.Dataset, bins_first: bool
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Rows and columns of the (n_bins, n_neurons) matrix, and its values there."""
    for first, second in tiles(data.shape, data.chunks, data.dtype.itemsize):
        tile = data[first, second]
        yield (first, second, tile) if bins_first else (second, first, tile.T)


def tiles(
    shape: tuple[int, int], chunks: tuple[int, int] | None, itemsize: int
) -> Iterator[tuple[slice, slice]]:
    """Tiles of a matrix along its chunks, so that each is decompressed once."""
    tall, wide = chunks or (1, min(shape[1], TILE_BYTES // itemsize))
    wide = max(wide, TILE_BYTES // (tall * itemsize) // wide * wide)
    wide = min(wide, shape[1])
    tall = max(tall, TILE_BYTES // (wide * itemsize) // tall * tall)
    for top in range(0, shape[0], tall):
        for left in range(0, shape[1], wide):
            yield slice(top, min(top + tall, shape[0])), slice(left, min(left + wide, shape[1]))
