"""What a spectrum is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Spectrum(NamedTuple):
    """Variance along the components of a recording.

    Attributes
    ----------
    values : ndarray of float64, (n_components,)
        Variance of each component, in units where each neuron has variance 1. "direct":
        eigenvalues of the correlation matrix. "svca2": singular values of the covariance between
        two halves of the neurons (of variance that the halves share: about half the eigenvalue).
        "svca": the same on time that found no component, which may be negative. "cvpca": variance
        that repeats.
    method : str
    n_bins : int
    neurons : ndarray of int64, (n_neurons,)
        Those that were used; neurons that never change are left out.
    halves : ndarray of bool, (n_neurons,), or None
        Which of `neurons` are in the first half, where neurons were divided.
    division : str
        How neurons, time or repeats were divided, in words.
    errors : ndarray, (n_components,)
        Estimated relative error of each value that the computation makes (not the sampling of
        the recording); 0 where it is exact. Of cross-validated values: of the components' own.
    totals : ndarray, (n_components,), or None
        All variance along each component on the same bins, reliable or not ("svca", "cvpca").
    """

    values: NDArray[np.float64]
    method: str
    n_bins: int
    neurons: NDArray[np.int64]
    halves: NDArray[np.bool_] | None
    division: str
    errors: NDArray[np.float64]
    totals: NDArray[np.float64] | None

    @property
    def n_neurons(self) -> int:
        """Neurons that were used."""
        return len(self.neurons)

    @property
    def reliable_fraction(self) -> NDArray[np.float64] | None:
        """Share of each component's variance that is reliable, where it is known."""
        return None if self.totals is None else self.values / self.totals
