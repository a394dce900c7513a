"""What stands behind the numbers of ``metrics.json``, small enough to keep and to draw.

Kept beside ``metrics.json`` as ``evaluation.npz`` (no pickle), so that a report is drawn in seconds
and never disagrees with the numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.array_files import flattened, read_arrays, write_arrays

FORMAT, VERSION = "popcode-evaluation", 1
Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


class Density(NamedTuple):
    """One statistic of models (y) against the test data (x), counted in the same squares.

    Attributes
    ----------
    edges : ndarray, shape (n_squares + 1,)
        Of both axes; values beyond the ends are counted in the outermost squares.
    model, train, independent : ndarray of int64, shape (n_squares, n_squares)
        Number of values [x, y]: of the model's samples, of the training data (the ceiling: what
        sampling noise alone does) and of independent neurons (the control).
    """

    edges: Values
    model: Counts
    train: Counts
    independent: Counts


class Population(NamedTuple):
    """Number of bins with K = 0 ... n active neurons, each shape (n + 1,)."""

    test: Counts
    train: Counts
    model: Counts
    independent: Counts


class Weights(NamedTuple):
    """The weights' law and how evenly neurons take part.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
        Of log10 |w|.
    model, pca : ndarray of int64, shape (n,)
        Number of non-zero weights of the model, and of as many principal axes of the training
        data, each scaled to the norm of the model's column of the same rank.
    degree_model, degree_pca, degree_shuffled : ndarray of int64, shape (n_hidden + 1,)
        Number of neurons with 0, 1, ... strong weights (the strongest 1 in n_hidden of all).
    """

    edges: Values
    model: Counts
    pca: Counts
    degree_model: Counts
    degree_pca: Counts
    degree_shuffled: Counts


class Evidence(NamedTuple):
    """Everything that a report draws of an evaluation.

    Attributes
    ----------
    statistics : dict of str to Density
        The five statistics as they are scored (l1 sign(w) added to the model's
        ``neuron_hidden``), and ``triplets``.
    nllh : ndarray, shape (n_neurons,)
        Of each neuron; nan where it is not defined.
    population : Population
    active_hidden, active_hidden_surrogate : ndarray, shape (n_test_bins,)
        Effective number of active hidden units in each test bin, and of Gaussian surrogates with
        each unit's mean and standard deviation.
    weights : Weights
    """

    statistics: dict[str, Density]
    nllh: Values
    population: Population
    active_hidden: Values
    active_hidden_surrogate: Values
    weights: Weights


def write_evidence(path: str | Path, evidence: Evidence) -> None:
    """Write it as one ``.npz`` file, replaced whole."""
    write_arrays(path, FORMAT, VERSION, flattened(evidence))


def read_evidence(path: str | Path) -> Evidence:
    """Read what `write_evidence` wrote.

    Raises
    ------
    InputError
        No such file, damaged, or of another format.
    """
    return read_arrays(path, FORMAT, VERSION, _assembled)


def _assembled(nested: dict[str, Any]) -> Evidence:
    statistics = {name: Density(**parts) for name, parts in nested.pop("statistics").items()}
    population, weights = Population(**nested.pop("population")), Weights(**nested.pop("weights"))
    return Evidence(statistics=statistics, population=population, weights=weights, **nested)
