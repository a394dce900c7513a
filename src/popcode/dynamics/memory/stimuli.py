"""What the network is to remember: a pattern over its neurons for every trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
N_DIMENSIONS = 100
_STREAM = 170


class Stimuli(NamedTuple):
    """Patterns codes @ directions, of mean square 1 a neuron.

    Attributes
    ----------
    codes : ndarray of float32, (n_trials, n_dimensions)
        One-hot where the stimuli are classes.
    directions : ndarray of float32, (n_dimensions, n_neurons)
        In the coordinates of the network: its neurons, or its modes.
    """

    codes: Float32
    directions: Float32

    def patterns(self, start: int, stop: int) -> Float32:
        """Patterns over some coordinates, (n_trials, stop - start)."""
        return self.codes @ self.directions[:, start:stop]

    @property
    def labels(self) -> NDArray[np.intp]:
        """Class of every trial."""
        return self.codes.argmax(axis=1)

    def similarities(self, constant: Float32) -> Float32:
        """Correlations between the patterns, over neurons, (n_trials, n_trials).

        `constant` is the unit vector in which all neurons are alike.
        """
        centred = self.directions - np.outer(self.directions @ constant, constant)
        overlaps = self.codes @ (centred @ centred.T) @ self.codes.T
        scale = np.sqrt(np.diag(overlaps))
        return (overlaps / np.outer(scale, scale)).astype(np.float32)


def two_patterns(n_trials: int, n_neurons: int, seed: int) -> Stimuli:
    """Two random patterns, each in half of the trials.

    The law of the patterns is the same in the coordinates of the neurons and of orthogonal modes.
    """
    rng = np.random.default_rng((seed, _STREAM, 0))
    labels = rng.permutation(n_trials) % 2
    return Stimuli(
        np.eye(2, dtype=np.float32)[labels], rng.standard_normal((2, n_neurons), np.float32)
    )


def new_patterns(n_trials: int, n_neurons: int, seed: int) -> Stimuli:
    """Another pattern in every trial, of 100 random dimensions."""
    rng = np.random.default_rng((seed, _STREAM, 1))
    codes = rng.standard_normal((n_trials, N_DIMENSIONS), np.float32)
    directions = rng.standard_normal((N_DIMENSIONS, n_neurons), np.float32)
    return Stimuli(codes, directions / np.float32(np.sqrt(N_DIMENSIONS)))


def aligned_patterns(n_trials: int, leading: Float32, seed: int) -> Stimuli:
    """Another pattern in every trial, of the network's own leading dimensions.

    Parameters
    ----------
    n_trials : int
    leading : ndarray, (n_dimensions, n_neurons)
        Orthonormal; the published factor of 10 is that of 10,000 neurons and 100 dimensions,
        which gives these patterns the mean square of the others.
    seed : int
    """
    rng = np.random.default_rng((seed, _STREAM, 2))
    n_dimensions, n_neurons = leading.shape
    codes = rng.standard_normal((n_trials, n_dimensions), np.float32)
    return Stimuli(codes, leading * np.float32(np.sqrt(n_neurons / n_dimensions)))
