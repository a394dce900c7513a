"""Log-likelihood of the model that knows only how active each neuron is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from popcode.metrics.moments import mean_activity


def independent_log_likelihood(train: npt.NDArray[np.uint8], test: npt.NDArray[np.uint8]) -> float:
    """Mean log-likelihood of test bins under independent neurons with the training means.

    Parameters
    ----------
    train, test : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.

    Returns
    -------
    float
        Nats a bin.
    """
    # A neuron silent in training counts as half a spike: one spike in test must not cost infinity.
    margin = 0.5 / len(train)
    p = np.clip(mean_activity(train), margin, 1 - margin)
    m = mean_activity(test)
    return float(np.sum(m * np.log(p) + (1 - m) * np.log1p(-p)))
