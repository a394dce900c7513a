"""Singular values of a covariance between halves, without the noise of finitely many bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
CLEAR = 1.15  # times the edge of the noise, above which a value is told


def noise_level(noise: NDArray[np.floating]) -> float:
    """Variance of the entries of a matrix of noise, from its median singular value.

    The median does not see the few directions along which slow components sample themselves.

    Parameters
    ----------
    noise : ndarray, (n_rows, n_columns)
    """
    pure = np.random.default_rng(0).standard_normal(noise.shape, np.float32)
    found, expected = (np.median(np.linalg.svd(each, compute_uv=False)) for each in (noise, pure))
    return float((found / expected) ** 2)


def without_noise(values: NDArray[np.floating], shape: tuple[int, int], level: float) -> Float:
    """Singular values of the matrix that independent noise was added to.

    A singular value theta comes out as s with s^2 theta^2 = (theta^2 + a)(theta^2 + b), a and b
    the variance of the noise times the number of rows and columns (Benaych-Georges and
    Nadakuditi, J. Multivar. Anal. 111, 120-135, 2012).

    Parameters
    ----------
    values : ndarray, (n_values,)
    shape : (int, int)
    level : float
        Variance of an entry of the noise.

    Returns
    -------
    ndarray, (n_values,)
        nan within 15 % of the edge of the noise.
    """
    a, b = level * shape[0], level * shape[1]
    edge = np.sqrt(a) + np.sqrt(b)
    squares = np.asarray(values, np.float64) ** 2
    middle = squares - a - b
    inside = np.maximum(middle**2 - 4 * a * b, 0)
    freed = np.sqrt(np.maximum(middle + np.sqrt(inside), 0) / 2)
    return np.where(values > CLEAR * edge, freed, np.nan)
