"""How many neurons are active together, in every model beside the test bins."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from popcode.metrics.equilibrium.models import Binary, Values
from popcode.metrics.jackknife import block_edges, estimate, jackknife_error, left_out
from popcode.metrics.population import activity_counts, divergence

Counts = npt.NDArray[np.int64]


def compare_populations(test: Binary, populations: Mapping[str, Counts]) -> dict[str, Any]:
    """Divergence of every set's P(K) from the test bins'.

    Parameters
    ----------
    test : ndarray of uint8, shape (n_bins, n_neurons)
    populations : mapping of str to ndarray of int64, shape (n_neurons + 1,)

    Returns
    -------
    dict
        ``models``: set -> KL(test || set) in nats, an `Estimate` with its 95 % interval over
        blocks of test bins, cut at 0.

    Raises
    ------
    InputError
        Too few test bins for an interval.
    """
    edges = block_edges(len(test))
    blocks = np.array([activity_counts(test[a:b]) for a, b in pairwise(edges)])

    def divergences(counts: npt.NDArray) -> Values:
        return np.array([divergence(counts, other) for other in populations.values()])

    values = divergences(blocks.sum(axis=0))
    errors = jackknife_error(np.array([divergences(w @ blocks) for w in left_out(len(blocks))]))
    found = [estimate(value, error) for value, error in zip(values, errors, strict=True)]
    rows = zip(populations, found, strict=True)
    return {"models": {name: each._replace(low=max(each.low, 0.0)) for name, each in rows}}
