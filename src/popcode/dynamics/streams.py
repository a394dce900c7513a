"""What a spectrum is taken of, read a stretch of bins at a time: in memory or on disk."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import h5py
import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.io.hollow import refuse_hollow
from popcode.io.native import AXES, check_format
from popcode.recording import Recording
from popcode.recording.segments import segment_lengths
from popcode.recording.validation import checked_starts

Positions = NDArray[np.float64] | None


class Stream(Protocol):
    """Activity whose bins can be read in stretches."""

    @property
    def n_bins(self) -> int:
        """Number of bins."""

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""

    @property
    def segment_starts(self) -> NDArray[np.int64]:
        """First bin of every contiguous stretch, (n_segments,)."""

    @property
    def bin_s(self) -> float:
        """Seconds a bin; nan where unknown."""

    @property
    def positions_um(self) -> Positions:
        """Places in micrometres, (n_neurons, 3), or None."""

    def read(self, start: int, stop: int) -> NDArray:
        """Values of bins `start` to `stop`, (stop - start, n_neurons), of any real type."""


class ArrayStream(NamedTuple):
    """Activity in memory, or mapped from a .npy file."""

    activity: NDArray
    segment_starts: NDArray[np.int64]
    bin_s: float
    positions_um: Positions

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return int(self.activity.shape[0])

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return int(self.activity.shape[1])

    def read(self, start: int, stop: int) -> NDArray:
        """Values of some bins; nothing is copied."""
        return self.activity[start:stop]


class Hdf5Stream(NamedTuple):
    """Activity of a native .h5 file, unpacked as it is read."""

    data: h5py.Dataset
    n_neurons: int
    segment_starts: NDArray[np.int64]
    bin_s: float
    positions_um: Positions

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return int(self.data.shape[0])

    def read(self, start: int, stop: int) -> NDArray:
        """Values of some bins."""
        block = self.data[start:stop]
        if "n_neurons" not in self.data.attrs:
            return block
        return np.unpackbits(block, axis=1, count=self.n_neurons)


class MergedStream(NamedTuple):
    """Averages of `n_merged` bins each, never across segments. Made by `merged`."""

    stream: Stream
    n_merged: int
    first_bins: NDArray[np.int64]
    segment_starts: NDArray[np.int64]

    @property
    def n_bins(self) -> int:
        """Number of wide bins."""
        return len(self.first_bins)

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return self.stream.n_neurons

    @property
    def bin_s(self) -> float:
        """Seconds a wide bin; nan where unknown."""
        return self.stream.bin_s * self.n_merged

    @property
    def positions_um(self) -> Positions:
        """Places in micrometres."""
        return self.stream.positions_um

    def read(self, start: int, stop: int) -> NDArray:
        """Averages over some wide bins, float32."""
        firsts = self.first_bins[start:stop]
        cuts = np.flatnonzero(np.diff(firsts) != self.n_merged) + 1
        return np.concatenate([self._averages(run) for run in np.split(firsts, cuts)])

    def _averages(self, firsts: NDArray[np.int64]) -> NDArray[np.float32]:
        """Averages over wide bins that follow each other without a gap."""
        fine = self.stream.read(int(firsts[0]), int(firsts[-1]) + self.n_merged)
        grouped = fine.reshape(len(firsts), self.n_merged, self.n_neurons)
        return grouped.mean(axis=1, dtype=np.float64).astype(np.float32)


def merged(stream: Stream, n_merged: int) -> MergedStream:
    """Average whole bins, within segments; what is left over at the end of a segment is dropped.

    Raises
    ------
    InputError
        No segment is long enough.
    """
    lengths = segment_lengths(stream.segment_starts, stream.n_bins) // n_merged
    if not lengths.any():
        raise InputError(
            f"no segment holds {n_merged:,} bins", remedy="Merge fewer bins, or record for longer"
        )
    kept = lengths > 0
    pairs = zip(stream.segment_starts[kept], lengths[kept], strict=True)
    firsts = np.concatenate([start + n_merged * np.arange(n) for start, n in pairs])
    starts = np.concatenate([[0], np.cumsum(lengths[kept])[:-1]])
    return MergedStream(stream, n_merged, firsts, starts)


def as_stream(x: Any) -> Stream:
    """A stream of what an analysis was given.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), numpy.memmap, or the path of a .npy or .h5 file
        Files are mapped or read a stretch at a time; a .h5 is the native form of `popcode.save`.
        An array is one segment.

    Raises
    ------
    InputError
        Not a matrix of numbers, or a file of another form.
    """
    if isinstance(x, Recording):
        return ArrayStream(x.activity, x.segment_starts, x.bin_s, x.positions_um)
    if isinstance(x, str | PathLike):
        return _from_path(Path(x))
    try:
        array = np.asanyarray(x)
    except ValueError as error:
        raise InputError(f"activity is not a matrix ({error})") from None
    return _from_array(array)


def _from_array(array: NDArray) -> ArrayStream:
    if array.ndim != 2 or not array.size or array.dtype.kind not in "buif":
        raise InputError(
            f"activity has shape {array.shape} and type {array.dtype}",
            remedy="Give a matrix of numbers, (n_bins, n_neurons)",
        )
    return ArrayStream(array, np.zeros(1, dtype=np.int64), float("nan"), None)


def _from_path(path: Path) -> Stream:
    try:
        if path.suffix == ".npy":
            return _from_array(np.load(path, mmap_mode="r", allow_pickle=False))
        return _from_hdf5(h5py.File(path, "r"))
    except InputError as error:
        raise InputError(error.what, where=str(path), remedy=error.remedy) from None
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"cannot be read in stretches ({error})",
            where=str(path),
            remedy="Give a .npy matrix or a .h5 of popcode.save, or load it (popcode.load)",
        ) from error


def _from_hdf5(file: h5py.File) -> Hdf5Stream:
    """Read all but the activity, which is left on disk; `file` stays open with the stream."""
    check_format({key: _value(file[key]) for key in ("format", "version") if key in file})
    data = file["activity"]
    if data.ndim != 2 or data.dtype.kind not in "buif" or not data.size:
        raise InputError(f"activity has shape {data.shape} and type {data.dtype}")
    refuse_hollow(data, 0)
    n_neurons = int(data.attrs.get("n_neurons", data.shape[1]))
    starts = checked_starts(file["segment_starts"][()], data.shape[0])
    return Hdf5Stream(data, n_neurons, starts, float(file["bin_s"][()]), _places(file, n_neurons))


def _value(data: h5py.Dataset) -> Any:
    is_text = h5py.check_string_dtype(data.dtype) is not None
    return data.asstr()[()] if is_text else data[()]


def _places(file: h5py.File, n_neurons: int) -> Positions:
    if "positions_um" in file:
        return np.asarray(file["positions_um"][()], dtype=np.float64)
    found = {axis: f"neuron_{axis}" for axis in AXES if f"neuron_{axis}" in file}
    if not found:
        return None
    unknown = np.full(n_neurons, np.nan)
    columns = [file[found[axis]][()] if axis in found else unknown for axis in AXES]
    return np.stack(columns, axis=1).astype(np.float64)
