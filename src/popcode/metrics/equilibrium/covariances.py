"""Covariances of pairs of neurons, of every model beside the test bins'."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.coincidence import all_pair_coincidences, coincidences, pack_bins
from popcode.metrics.equilibrium.models import Binary, Values
from popcode.metrics.jackknife import block_edges, estimate, jackknife_error, left_out
from popcode.metrics.scoring import agreement, rmse, score_statistic
from popcode.metrics.tuples import Indices

N_BLOCKS = 10


class PairCounts(NamedTuple):
    """Coincidences of pairs in blocks of bins; they add up over blocks.

    Attributes
    ----------
    both : ndarray of int32, shape (n_blocks, n_pairs)
    single : ndarray of int64, shape (n_blocks, n_neurons)
    n_bins : ndarray of int64, shape (n_blocks,)
    pairs : (i, j)
    """

    both: npt.NDArray[np.int32]
    single: npt.NDArray[np.int64]
    n_bins: npt.NDArray[np.int64]
    pairs: tuple[Indices, Indices]


def count_pairs(x: Binary, pairs: tuple[Indices, Indices] | None) -> PairCounts:
    """Coincidences of pairs (None for all) in ten contiguous blocks of bins.

    Raises
    ------
    InputError
        Fewer than ten bins.
    """
    edges = block_edges(len(x), N_BLOCKS)
    parts = [x[a:b] for a, b in pairwise(edges)]
    both = [
        all_pair_coincidences(part) if pairs is None else coincidences(pack_bins(part), *pairs)
        for part in parts
    ]
    return PairCounts(
        np.array(both, np.int32),
        np.array([part.sum(axis=0, dtype=np.int64) for part in parts]),
        np.diff(edges),
        np.triu_indices(x.shape[1], 1) if pairs is None else pairs,
    )


def covariance_of(counts: PairCounts, weights: npt.NDArray) -> Values:
    """Covariance of the pairs over weighted blocks, shape (n_pairs,)."""
    n_bins = weights @ counts.n_bins
    means = weights @ counts.single / n_bins
    i, j = counts.pairs
    return np.tensordot(weights, counts.both, 1) / n_bins - means[i] * means[j]


def compare_covariances(
    test: PairCounts,
    covariances: Mapping[str, Values],
    n_samples: int,
    expected: Values | None = None,
) -> dict[str, Any]:
    """Error and correlation of the covariances of every set against the test bins'.

    Parameters
    ----------
    test : PairCounts
    covariances : mapping of str to ndarray, shape (n_pairs,)
        Of every set, "train" among them: it is the ceiling.
    n_samples : int
        Behind every set but "train".
    expected : ndarray, shape (n_pairs,), optional
        Of the model, without the noise of its samples.

    Returns
    -------
    dict
        ``n_samples``, ``n_pairs``, and ``models``: set -> ``rmse``, ``ratio`` to the training
        bins' rmse and ``pearson``, each an `Estimate` with its 95 % interval over blocks of test
        bins, and ``score`` as of `score_statistic`. The noise of a finite number of samples is in
        the errors: "perfect" shows how much. ``expected`` is the same of the model without it.
    """
    n_sets = len(covariances)
    covariances = dict(covariances) | ({} if expected is None else {"expected": expected})
    whole = np.ones(len(test.n_bins))
    values = _table(covariance_of(test, whole), covariances)
    without = [_table(covariance_of(test, w), covariances) for w in left_out(len(whole))]
    errors = jackknife_error(np.array(without))
    rows = zip(covariances, values, errors, strict=True)
    true = covariance_of(test, whole)
    found = {
        name: dict(zip(("rmse", "ratio", "pearson"), map(estimate, *row), strict=True))
        | {"score": score_statistic(covariances[name], true, covariances["train"]).score}
        for name, *row in rows
    }
    return {
        "n_samples": n_samples,
        "n_pairs": test.both.shape[1],
        "models": dict(list(found.items())[:n_sets]),
        "expected": found.get("expected"),
    }


def _table(test: Values, covariances: Mapping[str, Values]) -> Values:
    """(n_sets, 3): rmse, its ratio to the training bins', Pearson correlation."""
    ceiling = rmse(covariances["train"], test)
    found = []
    for values in covariances.values():
        error = rmse(values, test)
        ratio = error / ceiling if ceiling > 0 else float("nan")
        found.append((error, ratio, agreement(test, values)[0]))
    return np.array(found)
