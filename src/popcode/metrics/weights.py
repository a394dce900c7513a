"""How the weights are distributed, and how evenly neurons take part in assemblies.

van der Plas et al. 2023 (eLife 12:e83139), figure 2I-K and its supplement 4: beside the weights of
the model stand those of as many principal axes, and the model's own, shuffled.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from popcode.metrics.evidence import Counts, Values, Weights
from popcode.metrics.principal import principal_axes

N_BARS = 60
_DECADES = 6.0  # smaller weights than a millionth of the largest share the lowest bar
EMBEDDED_ABOVE = (0.001, 0.01, 0.1)


def weight_law(
    weights: npt.NDArray, train: npt.NDArray[np.uint8], rng: np.random.Generator
) -> Weights:
    """Histograms and degrees of the model's weights, of principal axes and of shuffled weights.

    Parameters
    ----------
    weights : ndarray, shape (n_neurons, n_hidden)
    train : ndarray of uint8, shape (n_bins, n_neurons)
        Training bins, whose principal axes are taken.
    rng : numpy.random.Generator

    Returns
    -------
    Weights
    """
    axes_rng, shuffle_rng = rng.spawn(2)
    weights = np.asarray(weights)
    n_hidden = weights.shape[1]
    axes = scaled_axes(weights, principal_axes(train, n_hidden, axes_rng))
    edges = log_edges(weights, axes)
    shuffled = shuffle_rng.permutation(weights.ravel()).reshape(weights.shape)
    return Weights(
        edges,
        count_logs(weights, edges),
        count_logs(axes, edges),
        *(_degree_counts(each, n_hidden) for each in (weights, axes, shuffled)),
    )


def scaled_axes(weights: npt.NDArray, axes: npt.NDArray) -> npt.NDArray:
    """Give each axis the norm of the model's column of the same rank, columns sorted by norm.

    Parameters
    ----------
    weights : ndarray, shape (n_neurons, n_hidden)
    axes : ndarray, shape (n_neurons, n_axes)
        At most n_hidden axes of norm 1, the largest variance first.

    Returns
    -------
    ndarray, shape (n_neurons, n_axes)
    """
    norms = np.sort(np.linalg.norm(weights, axis=0))[::-1]
    return axes * norms[: axes.shape[1]].astype(axes.dtype)


def log_edges(*matrices: npt.NDArray) -> Values:
    """Edges of log10 |w| around all weights that are not 0, at most six decades.

    Parameters
    ----------
    *matrices : ndarray, shape (n_neurons, any)

    Returns
    -------
    ndarray, shape (n_bars + 1,)
        Evenly spaced; around 0 where there is no weight.
    """
    logs = [each for matrix in matrices for each in map(_logs, matrix.T) if each.size]
    high = max((float(each.max()) for each in logs), default=0.5)
    low = max(min((float(each.min()) for each in logs), default=-0.5), high - _DECADES)
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, N_BARS + 1)


def count_logs(matrix: npt.NDArray, edges: Values) -> Counts:
    """Histogram of log10 |w| of the weights that are not 0, those beyond in the outermost bars.

    Parameters
    ----------
    matrix : ndarray, shape (n_neurons, n_columns)
    edges : ndarray, shape (n_bars + 1,)

    Returns
    -------
    ndarray of int64, shape (n_bars,)
    """
    counts = np.zeros(len(edges) - 1, dtype=np.int64)
    for column in matrix.T:
        bars = np.searchsorted(edges[1:-1], _logs(column), side="right")
        counts += np.bincount(bars, minlength=len(counts))
    return counts


def _logs(column: npt.NDArray) -> Values:
    size = np.abs(column[column != 0].astype(np.float64))
    return np.log10(size[np.isfinite(size)])


def strong_degrees(matrix: npt.NDArray) -> Counts:
    """Number of strong weights of each neuron, where one a neuron is strong on average.

    Strong is what lies above the (100 - 100 / n_columns) percentile of |w|, that is the n_neurons
    largest of all; less where weights are equal, or where fewer are not 0.

    Parameters
    ----------
    matrix : ndarray, shape (n_neurons, n_columns)

    Returns
    -------
    ndarray of int64, shape (n_neurons,)
    """
    n_neurons, size = len(matrix), np.abs(matrix)
    weakest = size.size - n_neurons - 1  # rank of the largest weight that is not strong
    threshold = np.partition(size, weakest, axis=None)[weakest] if weakest >= 0 else 0
    return np.count_nonzero(size > threshold, axis=1)


def _degree_counts(matrix: npt.NDArray, n_hidden: int) -> Counts:
    return np.bincount(strong_degrees(matrix), minlength=n_hidden + 1)


def summarise_weights(weights: npt.NDArray, law: Weights) -> dict[str, float | dict[str, float]]:
    """What ``metrics.json`` holds of the weights.

    Parameters
    ----------
    weights : ndarray, shape (n_neurons, n_hidden)
    law : Weights
        From :func:`weight_law`.

    Returns
    -------
    dict
        ``nonzero``, share of weights; ``degree_zero``, share of neurons without a strong weight, of
        the model, of principal axes (``_pca``), of the shuffled weights (``_shuffled``) and as
        expected of these, (1 - 1/M)^M (``_binomial``; more where weights are 0); ``embedded``,
        share of neurons with a weight beyond each size.
    """
    weights = np.asarray(weights)
    n_neurons, n_hidden = weights.shape
    largest = np.abs(weights).max(axis=1)
    return {
        "nonzero": np.count_nonzero(weights) / weights.size,
        "degree_zero": law.degree_model[0] / n_neurons,
        "degree_zero_pca": law.degree_pca[0] / n_neurons,
        "degree_zero_shuffled": law.degree_shuffled[0] / n_neurons,
        "degree_zero_binomial": (1 - 1 / n_hidden) ** n_hidden,
        "embedded": {
            str(above): np.count_nonzero(largest > above) / n_neurons for above in EMBEDDED_ABOVE
        },
    }
