"""Third moments of many triplets, of every model beside the test bins'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.metrics.equilibrium.models import Values
from popcode.metrics.triplets import TripletReference, score_triplets

_COMMON = ("n_triplets", "pearson_split_half", "pearson_ceiling")
_OWN = ("pearson", "pearson_low", "pearson_high", "slope", "rmse")


def compare_triplets(test: TripletReference, moments: Mapping[str, Values]) -> dict[str, Any]:
    """Agreement of the third moments of every set with those of the test bins.

    Parameters
    ----------
    test : TripletReference
    moments : mapping of str to ndarray, shape (n_triplets,)
        Of every set, "independent" among them.

    Returns
    -------
    dict
        ``n_triplets``, ``pearson_split_half``, ``pearson_ceiling``, and ``models``: set -> Pearson
        correlation with its interval, slope and rmse.
    """
    scores = {
        name: score_triplets(test, values, moments["independent"])._asdict()
        for name, values in moments.items()
    }
    common = scores["independent"]
    return {key: common[key] for key in _COMMON} | {
        "models": {name: {key: each[key] for key in _OWN} for name, each in scores.items()}
    }
