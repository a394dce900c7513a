"""The recording as the device sees it: there in whole where it fits, else a batch at a time."""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Rows copied to the device at once.
_ROWS_PER_COPY = 1024


class Recording(Protocol):
    """What gives the rows of a batch."""

    def rows(self, rows: NDArray[np.int64]) -> Tensor:
        """Rows of the recording on the device, uint8 of 0 and 1, (n_rows, n_neurons)."""


class RecordingOnDevice:
    """A copy of the whole recording on the device, one byte a cell.

    Parameters
    ----------
    data : ndarray of uint8, (n_bins, n_neurons)
        Any non-zero entry counts as active.
    device : torch.device
    """

    def __init__(self, data: NDArray[np.uint8], device: torch.device) -> None:
        self._data = torch.empty(data.shape, dtype=torch.uint8, device=device)
        for start in range(0, len(data), _ROWS_PER_COPY):
            part = (data[start : start + _ROWS_PER_COPY] != 0).view(np.uint8)
            self._data[start : start + _ROWS_PER_COPY] = torch.from_numpy(part)

    def rows(self, rows: NDArray[np.int64]) -> Tensor:
        """Rows of the recording on the device, uint8 of 0 and 1, (n_rows, n_neurons)."""
        return self._data[torch.from_numpy(rows).to(self._data.device)]


class RecordingOnHost:
    """The recording where it is; the rows of a batch are sent as they are asked for.

    The last batch stays on the device, because an update asks for it twice.

    Parameters
    ----------
    data : ndarray of uint8, (n_bins, n_neurons)
        Any non-zero entry counts as active. Never copied.
    device : torch.device
    """

    def __init__(self, data: NDArray[np.uint8], device: torch.device) -> None:
        self._data, self._device = data, device
        self._last_rows: NDArray[np.int64] | None = None
        self._last: Tensor

    def rows(self, rows: NDArray[np.int64]) -> Tensor:
        """Rows of the recording on the device, uint8 of 0 and 1, (n_rows, n_neurons)."""
        if self._last_rows is None or not np.array_equal(rows, self._last_rows):
            batch = torch.from_numpy((self._data[rows] != 0).view(np.uint8))
            if self._device.type == "cuda":
                batch = batch.pin_memory()
            self._last = batch.to(self._device, non_blocking=True)
            self._last_rows = rows.copy()
        return self._last


def recording_for(data: NDArray[np.uint8], device: torch.device, free_bytes: float) -> Recording:
    """The whole recording on the device if it takes at most `free_bytes`, else on the host."""
    if data.size <= free_bytes:
        return RecordingOnDevice(data, device)
    return RecordingOnHost(data, device)
