"""What analyses of a recording see of a covariance: correlations, and halves of the neurons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]


def covariance_of_modes(vectors: NDArray[np.floating], variances: Float) -> Float:
    """U diag(variances) U^T of orthonormal modes, the columns of U (n_neurons, n_modes)."""
    return (vectors * variances) @ vectors.T


def correlation(covariance: Float) -> Float:
    """Covariance of the neurons divided by their standard deviations."""
    scale = 1 / np.sqrt(np.diag(covariance))
    return covariance * scale[:, None] * scale


def ordered_spectrum(covariance: Float) -> Float:
    """Eigenvalues of a covariance, largest first, divided by their mean."""
    values = np.linalg.eigvalsh(covariance)[::-1]
    return values / values.mean()


def spectrum_of_halves(covariance: Float, in_first_half: NDArray[np.bool_]) -> Float:
    """Singular values between two halves of the neurons, largest first.

    What shared variance across halves (SVCA2) shows of infinitely many bins; noise of single
    neurons stays out.
    """
    block = covariance[np.ix_(in_first_half, ~in_first_half)]
    return np.linalg.svd(block, compute_uv=False)
