"""How often the units of each fit return in the others: stability against settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.membership.consensus import SAME
from popcode.analysis.membership.matching import match_units
from popcode.analysis.membership.members import living_units
from popcode.errors import InputError

Float = NDArray[np.float64]


class FitStability(NamedTuple):
    """Units of one fit in the other fits.

    Attributes
    ----------
    correlations : ndarray, (n_hidden, n_others)
        |Correlation| of each unit with the unit matched to it one-to-one in every other fit; 0
        where it has none.
    return_share : ndarray, (n_hidden,)
        Of the other fits, those in which the unit returned.
    n_living : int
        Units with a weight of at least 0.05.
    mean_return : float
        Mean `return_share` of the living units; nan where there is none.
    """

    correlations: Float
    return_share: Float
    n_living: int
    mean_return: float


def fit_stability(
    fits: Sequence[NDArray[np.floating]], *, same: float = SAME
) -> list[FitStability]:
    """Match every fit with every other.

    A fit with more units than another cannot have them all returned in it: compare
    `mean_return` at equal numbers, or beside the same of `shuffled_fits`.

    Parameters
    ----------
    fits : sequence of ndarray, (n_neurons, n_hidden)
        Weights; the numbers of hidden units may differ.
    same : float
        |Correlation| from which a unit has returned.

    Returns
    -------
    list of FitStability
        One a fit.

    Raises
    ------
    InputError
        Fewer than two fits, different numbers of neurons.
    """
    if len(fits) < 2:
        raise InputError(f"{len(fits)} fit", remedy="Give two fits or more, of other seeds")
    tables = [np.zeros((np.shape(fit)[1], len(fits))) for fit in fits]
    for one in range(len(fits)):
        for other in range(one):
            match = match_units(fits[one], fits[other])
            tables[one][match.first, other] = np.abs(match.correlations)
            tables[other][match.second, one] = np.abs(match.correlations)
    return [
        _summary(fit, np.delete(table, k, axis=1), same)
        for k, (fit, table) in enumerate(zip(fits, tables, strict=True))
    ]


def _summary(weights: NDArray[np.floating], correlations: Float, same: float) -> FitStability:
    living = living_units(weights)
    share = (correlations >= same).mean(axis=1)
    mean = float(share[living].mean()) if living.any() else float("nan")
    return FitStability(correlations, share, int(living.sum()), mean)
