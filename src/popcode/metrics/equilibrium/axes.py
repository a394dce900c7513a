"""Distributions along the principal axes of the training bins, of every model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from popcode.metrics.equilibrium.evidence import Histograms
from popcode.metrics.equilibrium.models import Values
from popcode.metrics.projections import projection_distances

MAX_BINS, N_INTERVALS = 20_000, 60
_STREAM = 64

Coordinates = npt.NDArray[np.float32]


def compare_projections(
    test: Coordinates, others: Mapping[str, Coordinates], seed: int
) -> dict[str, Any]:
    """Wasserstein distances of every set to the test bins along each axis.

    Parameters
    ----------
    test : ndarray of float32, shape (n_bins, n_axes)
    others : mapping of str to ndarray of float32, shape (any, n_axes)
    seed : int
        Of the 20,000 bins of each set that are compared where there are more.

    Returns
    -------
    dict
        ``n_axes``, ``n_bins`` of the test that are compared, and ``models``: set -> ``distance``,
        ``low`` and ``high``, a value each axis, in standard deviations of the test bins.

    Raises
    ------
    InputError
        Too few test bins for an interval.
    """
    rng, found = np.random.default_rng((seed, _STREAM)), {}
    truth = _some(test, rng)
    for name, coordinates in others.items():
        # Train and independent are among the sets: each is a model here.
        distances = projection_distances(truth, _some(coordinates, rng), truth[:1], truth[:1])
        found[name] = {"distance": distances.model, "low": distances.low, "high": distances.high}
    return {"n_axes": test.shape[1], "n_bins": len(truth), "models": found}


def _some(coordinates: Coordinates, rng: np.random.Generator) -> Coordinates:
    if len(coordinates) <= MAX_BINS:
        return coordinates
    return coordinates[np.sort(rng.choice(len(coordinates), MAX_BINS, replace=False))]


def histograms_of(sets: Mapping[str, Coordinates]) -> Histograms:
    """Counts of all sets along each axis in the same intervals.

    Parameters
    ----------
    sets : mapping of str to ndarray of float32, shape (any, n_axes)
        "test", "train" and "model" among them, which the intervals hold whole; values of others
        beyond are not counted.

    Returns
    -------
    Histograms
    """
    shown = [sets[name] for name in ("test", "train", "model")]
    low, high = (np.array([end(each, axis=0) for each in shown]) for end in (np.min, np.max))
    ends = zip(low.min(axis=0), high.max(axis=0), strict=True)
    edges = np.array([edges_between(*each) for each in ends]).reshape(-1, N_INTERVALS + 1)
    return Histograms(edges, {name: _counted(each, edges) for name, each in sets.items()})


def edges_between(low: float, high: float) -> Values:
    """Edges of even intervals, around the one value where values do not vary."""
    if not high > low:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, N_INTERVALS + 1)


def _counted(coordinates: Coordinates, edges: Values) -> npt.NDArray[np.int64]:
    rows = [np.histogram(coordinates[:, k], each)[0] for k, each in enumerate(edges)]
    return np.array(rows, np.int64).reshape(len(edges), N_INTERVALS)
