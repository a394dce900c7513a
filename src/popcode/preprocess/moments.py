"""Mean and spread of every neuron over time."""

from typing import NamedTuple

import numpy as np

from popcode.recording.kinds import row_blocks


class Moments(NamedTuple):
    """Of every neuron, each (n_neurons,): mean, standard deviation, whether it never changes."""

    mean: np.ndarray
    sd: np.ndarray
    constant: np.ndarray


def moments_of(activity: np.ndarray) -> Moments:
    """Mean and standard deviation (over n_bins, not n_bins - 1) of activity (n_bins, n_neurons).

    Two passes in float64. A neuron that never changes has a standard deviation of exactly 0.
    """
    n_bins, n_neurons = activity.shape
    blocks = row_blocks(n_bins, n_neurons)
    total = np.zeros(n_neurons)
    for rows in blocks:
        total += activity[rows].sum(axis=0, dtype=np.float64)
    mean = total / n_bins
    squares = np.zeros(n_neurons)
    for rows in blocks:
        squares += np.square(activity[rows] - mean).sum(axis=0)
    constant = activity.min(axis=0) == activity.max(axis=0)
    return Moments(mean, np.where(constant, 0.0, np.sqrt(squares / n_bins)), constant)
