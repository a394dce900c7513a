"""Decoders of the stimulus of a trial, trained on one half of the runs and tried on the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]
# The published 10 is relative to the 10,000 neurons whose z-scores it is added to.
RIDGE = 1e-3


def nearest_mean_accuracy(similarity: Float32, labels: NDArray[np.intp], first: Bool) -> float:
    """Share of trials whose class has the nearest mean read-out.

    Parameters
    ----------
    similarity : ndarray, (n_trials, n_trials)
        Correlations between read-outs.
    labels : ndarray of int, (n_trials,)
    first : ndarray of bool, (n_trials,)
        Trials of the first fold.
    """
    right = [
        _nearest_mean(similarity, labels, train) == labels[~train] for train in (first, ~first)
    ]
    return float(np.concatenate(right).mean())


def _nearest_mean(similarity: Float32, labels: NDArray[np.intp], train: Bool) -> NDArray[np.intp]:
    """Class of every other trial; |x - m|^2 = |x|^2 - 2 x m + |m|^2, and |x| does not matter."""
    classes = np.unique(labels[train])
    means = (labels[train][:, None] == classes).astype(np.float32)
    means /= means.sum(axis=0)
    squares = (means * (similarity[np.ix_(train, train)] @ means)).sum(axis=0)
    scores = similarity[np.ix_(~train, train)] @ means - squares / 2
    return classes[scores.argmax(axis=1)]


def zero_shot_accuracy(
    similarity: Float32, patterns: Float32, first: Bool, order: NDArray[np.intp]
) -> tuple[float, float]:
    """Share of trials whose pattern, never seen before, is the nearest to that decoded.

    Ridge regression from read-outs to patterns, both z-scored over neurons, in its dual form:
    decoded = K (K_train + ridge n I)^-1 patterns_train. The patterns have the same norm, so the
    nearest of all patterns of the fold has the largest inner product.

    Parameters
    ----------
    similarity, patterns : ndarray, (n_trials, n_trials)
        Correlations between read-outs, and between patterns.
    first : ndarray of bool, (n_trials,)
        Trials of the first fold.
    order : ndarray of int, (n_trials,)
        For the control: trial i is trained and tried with the pattern of trial order[i].

    Returns
    -------
    accuracy, control : float
    """
    right = [_zero_shot(similarity, patterns, train, order) for train in (first, ~first)]
    accuracy, control = np.concatenate(right, axis=1).mean(axis=1)
    return float(accuracy), float(control)


def _zero_shot(
    similarity: Float32, patterns: Float32, train: Bool, order: NDArray[np.intp]
) -> Bool:
    kernel = similarity[np.ix_(train, train)]
    kernel[np.diag_indices_from(kernel)] += np.float32(RIDGE * len(kernel))
    factor = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve(factor, similarity[np.ix_(train, ~train)], check_finite=False).T
    right = []
    for chosen in (np.arange(len(order)), order):
        decoded = weights @ patterns[np.ix_(chosen[train], chosen[~train])]
        right.append(decoded.argmax(axis=1) == np.arange(len(decoded)))
    return np.array(right)
