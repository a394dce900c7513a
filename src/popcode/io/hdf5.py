"""Native recordings in HDF5: activity chunked along time, bit-packed when binary."""

from pathlib import Path

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io import native
from popcode.io.formats import Format, begins_with, the_file
from popcode.io.hdf5_writing import DiskFile, write_hdf5
from popcode.io.hollow import refuse_hollow
from popcode.io.options import ReadOptions
from popcode.recording import Recording
from popcode.recording.kinds import row_blocks

REWRITE = "Write the recording again with popcode.save."
CHUNK_BYTES = 1 << 20


def write_h5(recording: Recording, path: Path) -> None:
    """Write the native format; `activity` carries `n_neurons` where its bits are packed."""

    def fill(file: h5py.File, disk: DiskFile) -> None:
        for key, values in native.to_keys(recording).items():
            _write(file, key, values)
        _write_activity(file, recording, disk)

    write_hdf5(path, fill)


def read_h5(path: Path, options: ReadOptions) -> Recording:
    """Recording of a native .h5, activity unpacked one block of bins after the other."""
    with h5py.File(path, "r") as file:
        keys = {key: _read(file[key]) for key in file if key != "activity"}
        native.check_format(keys)
        if "activity" in file:
            keys["activity"] = _read_activity(file["activity"])
    return native.from_keys(keys)


def _write(file: h5py.File, key: str, values: np.ndarray) -> None:
    """Write a small array. Text has a fixed length: damaged text of any length hangs HDF5."""
    if values.dtype.kind != "U":
        file.create_dataset(key, data=values)
        return
    encoded = np.char.encode(values, "utf-8")
    fixed = h5py.string_dtype("utf-8", max(1, encoded.dtype.itemsize))
    file.create_dataset(key, data=encoded.astype(fixed))


def _write_activity(file: h5py.File, recording: Recording, disk: DiskFile) -> None:
    n_bins, n_neurons = recording.shape
    packed = recording.kind == "binary"
    n_columns = (n_neurons + 7) // 8 if packed else n_neurons
    dtype = recording.activity.dtype
    rows_a_chunk = min(n_bins, max(1, CHUNK_BYTES // (n_columns * dtype.itemsize)))
    data = file.create_dataset(
        "activity",
        shape=(n_bins, n_columns),
        dtype=dtype,
        chunks=(rows_a_chunk, n_columns),
        compression="gzip",
        compression_opts=1,
        shuffle=dtype.itemsize > 1,
        fletcher32=True,  # a flipped bit is an error when read, not a spike
    )
    if packed:
        data.attrs["n_neurons"] = n_neurons
    for rows in row_blocks(n_bins, n_neurons):
        block = recording.activity[rows]
        data[rows] = np.packbits(block, axis=1) if packed else block
        disk.check()


def _read_activity(data: h5py.Dataset) -> np.ndarray:
    """Activity (n_bins, n_neurons), uint8 or as stored."""
    if data.ndim != 2:
        raise InputError(f"activity has {data.ndim} dimensions; expected 2", remedy=REWRITE)
    n_bins, n_columns = data.shape
    n_neurons = int(data.attrs.get("n_neurons", n_columns))
    packed = "n_neurons" in data.attrs
    if packed and (data.dtype != np.uint8 or (n_neurons + 7) // 8 != n_columns):
        raise InputError(
            f"activity has {n_columns} packed columns for {n_neurons} neurons", remedy=REWRITE
        )
    refuse_hollow(data, n_bins * n_neurons * data.dtype.itemsize)
    activity = np.empty((n_bins, n_neurons), dtype=data.dtype)
    for rows in row_blocks(n_bins, n_neurons):
        block = data[rows]
        activity[rows] = np.unpackbits(block, axis=1, count=n_neurons) if packed else block
    return activity


def _read(data: h5py.Dataset) -> np.ndarray:
    """Whole small data set; text comes back as str."""
    refuse_hollow(data)
    if h5py.check_string_dtype(data.dtype) is not None:
        return np.asarray(data.asstr()[()], dtype=str)
    return np.asarray(data[()])


def _holds(path: Path) -> bool:
    if not begins_with(b"\x89HDF\r\n\x1a\n")(path):
        return False
    try:
        with h5py.File(path, "r") as file:
            return "format" in file
    except (OSError, RuntimeError, ValueError):  # damaged: left to the reader of any HDF5
        return False


H5 = Format("h5", _holds, read_h5, the_file)
