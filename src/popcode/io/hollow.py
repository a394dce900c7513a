"""Data sets of HDF5 that announce more than was ever written."""

from pathlib import Path

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.recording.memory import refuse_beyond_memory

# No compression of a recording gains that much: such a header announces what was never written.
HOLLOW_BYTES, HOLLOW_RATIO = 1 << 28, 10_000


def refuse_hollow(data: h5py.Dataset, n_bytes: int | None = None) -> None:
    """Raise InputError where `data` would take far more memory than its file accounts for.

    Values that were never written read as zeros, so that a file of some bytes fills any memory.
    All zeros that gzip has packed (1,000 to 1 at most) pass.

    Parameters
    ----------
    data : h5py.Dataset
    n_bytes : int, optional
        Bytes that are about to be allocated; those of the values as stored by default.
    """
    n_bytes = data.nbytes if n_bytes is None else n_bytes
    refuse_beyond_memory(n_bytes)
    if data.chunks is not None:  # one is held whole, however little of it is asked for
        refuse_beyond_memory(int(np.prod(data.chunks, dtype=np.float64)) * data.dtype.itemsize)
    if n_bytes <= HOLLOW_BYTES:
        return
    n_stored = _stored_bytes(data)
    if n_bytes > HOLLOW_RATIO * n_stored:
        raise InputError(
            f"{data.name.rsplit('/', 1)[-1]} of shape {data.shape} is empty: "
            f"{n_stored:,} bytes are stored",
            remedy="Copy or export the file again.",
        )


def _stored_bytes(data: h5py.Dataset) -> int:
    """Bytes in the file; of values that lie in other files, the bytes of those."""
    if data.is_virtual:
        names = {source.file_name for source in data.virtual_sources()}
    elif data.external:
        names = {name for name, _, _ in data.external}
    else:
        return int(data.id.get_storage_size())
    own = Path(data.file.filename)
    paths = [own if name == "." else own.parent / name for name in names]
    return sum(path.stat().st_size for path in paths if path.is_file())
