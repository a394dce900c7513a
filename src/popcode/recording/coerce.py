"""What estimators take: a recording or an array."""

import warnings
from typing import Any

import numpy as np

from popcode.errors import PopcodeWarning
from popcode.recording.recording import Recording


def as_recording(data: Any) -> Recording:
    """Return `data` if it is a Recording, else the recording of the array (n_bins, n_neurons)."""
    return data if isinstance(data, Recording) else Recording(data)


def binary_activity(data: Any) -> np.ndarray:
    """Activity of zeros and ones, uint8 (n_bins, n_neurons), of a recording or an array.

    Binary activity is not copied. Counts become binary by v >= 1, with a PopcodeWarning.

    Raises
    ------
    InputError
        Real values, with the remedy; anything that is no recording.
    """
    recording = as_recording(data)
    if recording.kind == "counts":
        warnings.warn(
            "counts were made binary: a neuron is active in a bin with at least one spike (v >= 1)",
            PopcodeWarning,
            stacklevel=3,
        )
    return recording.binarized().activity
