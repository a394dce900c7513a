"""Samples of two models that bound every score: one without structure, one without error."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from popcode.metrics.blocks import row_blocks
from popcode.metrics.moments import mean_activity


def independent_samples(
    train: npt.NDArray[np.uint8], n: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Samples in which each neuron has its training mean and nothing else.

    Parameters
    ----------
    train : ndarray of uint8, shape (n_bins, n_neurons)
        Zeros and ones.
    n : int
        Number of samples.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of uint8, shape (n, n_neurons)
    """
    means = mean_activity(train).astype(np.float32)
    samples = np.empty((n, train.shape[1]), dtype=np.uint8)
    for rows in row_blocks(*samples.shape):
        samples[rows] = rng.random(samples[rows].shape, dtype=np.float32) < means
    return samples


def resampled_bins(
    train: npt.NDArray[np.uint8], n: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Training bins drawn with replacement: samples of a model that fits training exactly.

    Parameters
    ----------
    train : ndarray of uint8, shape (n_bins, n_neurons)
    n : int
        Number of samples.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of uint8, shape (n, n_neurons)
    """
    return train[rng.integers(0, len(train), size=n)]
