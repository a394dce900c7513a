"""Samples and data on the principal axes of the data."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import wasserstein_distance

from popcode.metrics.blocks import map_rows
from popcode.metrics.jackknife import NORMAL_95, block_edges, jackknife_error

Values = npt.NDArray[np.float64]
Binary = npt.NDArray[np.uint8]


class ProjectionDistances(NamedTuple):
    """Distances of distributions along each axis, in standard deviations of the test bins.

    How to read it: 0 is the same distribution; `train` is what sampling (and a recording that
    changes) does to data against data, and a model near it leaves nothing to find along that axis;
    `independent` is what the axis shows of neurons without correlations. Each of shape (n_axes,).

    Attributes
    ----------
    model, train, independent : ndarray
        Wasserstein-1 distance to the test bins.
    model_error : ndarray
        Standard error over blocks of test bins.
    low, high : ndarray
        95 % interval of `model`, not below 0.
    """

    model: Values
    model_error: Values
    low: Values
    high: Values
    train: Values
    independent: Values


def projections(axes: npt.NDArray, mean: npt.NDArray, x: Binary) -> npt.NDArray[np.float32]:
    """Coordinates of bins on axes, about the data's mean.

    Parameters
    ----------
    axes : ndarray, shape (n_neurons, n_axes)
        From :func:`popcode.metrics.principal_axes` of the training bins.
    mean : ndarray, shape (n_neurons,)
    x : ndarray of uint8, shape (n_bins, n_neurons)

    Returns
    -------
    ndarray of float32, shape (n_bins, n_axes)
    """
    axes = axes.astype(np.float32)
    origin = mean.astype(np.float32) @ axes
    return map_rows(lambda rows: rows.astype(np.float32) @ axes - origin, x)


def projection_distances(
    test: npt.NDArray, model: npt.NDArray, train: npt.NDArray, independent: npt.NDArray
) -> ProjectionDistances:
    """Distances of a model's projections from the test bins', between ceiling and control.

    Parameters
    ----------
    test, model, train, independent : ndarray, shape (any, n_axes)
        From :func:`projections`, test bins in the order of time.

    Returns
    -------
    ProjectionDistances
        nan on an axis along which the test bins do not vary.

    Raises
    ------
    InputError
        Too few test bins for an error.
    """
    found = _distances(test, model)
    edges = block_edges(len(test))
    without = [_distances(np.delete(test, slice(a, b), axis=0), model) for a, b in pairwise(edges)]
    error = jackknife_error(np.array(without))
    return ProjectionDistances(
        model=found,
        model_error=error,
        low=np.maximum(found - NORMAL_95 * error, 0),
        high=found + NORMAL_95 * error,
        train=_distances(test, train),
        independent=_distances(test, independent),
    )


def _distances(test: npt.NDArray, other: npt.NDArray) -> Values:
    scales = test.std(axis=0, dtype=np.float64)
    return np.array(
        [
            wasserstein_distance(test[:, k], other[:, k]) / scale if scale > 0 else np.nan
            for k, scale in enumerate(scales)
        ]
    )
