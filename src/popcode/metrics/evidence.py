"""What stands behind the numbers of ``metrics.json``, small enough to keep and to draw.

Kept beside ``metrics.json`` as ``evaluation.npz`` (no pickle), so that a report is drawn in seconds
and never disagrees with the numbers.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.files import atomic_write

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
    arrays: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    for name, density in evidence.statistics.items():
        arrays |= {f"statistics/{name}/{k}": v for k, v in density._asdict().items()}
    for part in ("population", "weights"):
        arrays |= {f"{part}/{k}": v for k, v in getattr(evidence, part)._asdict().items()}
    for name in ("nllh", "active_hidden", "active_hidden_surrogate"):
        arrays[name] = getattr(evidence, name)
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


def read_evidence(path: str | Path) -> Evidence:
    """Read what `write_evidence` wrote.

    Raises
    ------
    InputError
        No such file, damaged, or of another format.
    """
    try:
        with zipfile.ZipFile(path) as container:
            damaged = container.testzip()
        if damaged is not None:
            raise ValueError(f"{damaged} is damaged")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if str(arrays.pop("format")) != FORMAT or int(arrays.pop("version")) != VERSION:
            raise ValueError("another format or version")
        return _assembled(arrays)
    # The readers of zip and npy raise at least seven types of exception on damaged files.
    except Exception as error:
        raise InputError(
            f"not a whole evaluation ({error})",
            where=str(path),
            remedy="Make it again with popcode evaluate RUN",
        ) from error


def _assembled(arrays: dict[str, npt.NDArray]) -> Evidence:
    nested: dict[str, dict[str, npt.NDArray]] = {}
    plain = {}
    for name, value in arrays.items():
        group, _, leaf = name.rpartition("/")
        if group:
            nested.setdefault(group, {})[leaf] = value
        else:
            plain[name] = value
    population, weights = Population(**nested.pop("population")), Weights(**nested.pop("weights"))
    statistics = {
        group.removeprefix("statistics/"): Density(**leaves) for group, leaves in nested.items()
    }
    if not statistics:
        raise ValueError("it holds no statistic")
    return Evidence(statistics=statistics, population=population, weights=weights, **plain)
