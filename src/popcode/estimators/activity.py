"""The activity that a fitted model is asked about."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from popcode.errors import InputError
from popcode.recording.coerce import binary_activity


def check_fitted(model: Any) -> None:
    """Refuse a model that has not been fitted.

    Raises
    ------
    NotFittedError
    """
    if not hasattr(model, "n_features_in_"):
        raise NotFittedError(f"This {type(model).__name__} is not fitted yet: call fit first")


def checked_activity(model: Any, x: Any) -> NDArray[np.uint8]:
    """Binary activity of the neurons that a fitted model knows, (n_bins, n_neurons).

    Raises
    ------
    InputError
        Real values, or another number of neurons.
    NotFittedError
    """
    check_fitted(model)
    activity = binary_activity(x)
    if activity.shape[1] != model.n_features_in_:
        raise InputError(
            f"{activity.shape[1]} neurons, and the model was fitted to {model.n_features_in_}",
            remedy="Give the same neurons in the same order",
        )
    return activity
