"""Functional connectivity of one animal from several models of all of its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.areas import Areas
from popcode.analysis.connectivity.between import mean_of_pairs, similarities
from popcode.analysis.connectivity.couplings import coupling_factors
from popcode.analysis.connectivity.matrices import RegionalMatrix, model_average
from popcode.analysis.connectivity.norms import regional_l1, regional_l2
from popcode.errors import InputError
from popcode.metrics.phase import ALIVE_WEIGHT
from popcode.rbm.parameters import Parameters
from popcode.rbm.penalty import NOT_COLLAPSED


class AnimalConnectivity(NamedTuple):
    """Region by region couplings of one animal.

    Attributes
    ----------
    l1, l2 : RegionalMatrix
        Mean over models of the mean |J|, and of the root mean square of J, of every region pair.
    of_models : tuple of RegionalMatrix
        L1 of each model that counts.
    agreement : float
        Mean Pearson correlation between the models' matrices: a ceiling for that between animals;
        nan for a single model.
    kept : tuple of int
        Which models count.
    failures : dict of int to str
        Which were set aside, and why.
    """

    l1: RegionalMatrix
    l2: RegionalMatrix
    of_models: tuple[RegionalMatrix, ...]
    agreement: float
    kept: tuple[int, ...]
    failures: dict[int, str]


def failure_of(parameters: Parameters) -> str | None:
    """Why a model cannot count, or None.

    The article takes models with 0.01 < std(weights) < 0.1, a window of its number of neurons;
    here, in its place: weights that are finite, and hidden units that keep some.

    Parameters
    ----------
    parameters : Parameters
    """
    weights = np.asarray(parameters.weights)
    if not all(np.isfinite(each).all() for each in (weights, parameters.fields)):
        return "its weights are not finite: the fit diverged"
    alive = int((np.abs(weights).max(axis=0, initial=0) >= ALIVE_WEIGHT).sum())
    if alive < NOT_COLLAPSED * parameters.n_hidden:
        return f"only {alive} of {parameters.n_hidden} hidden units keep weights"
    return None


def animal_connectivity(
    models: Sequence[Parameters], states: NDArray[np.uint8], areas: Areas
) -> AnimalConnectivity:
    """Couplings of second order by region, averaged over the models that did not fail.

    Parameters
    ----------
    models : sequence of Parameters
        Fitted to the same recording, say from different seeds.
    states : ndarray of uint8, (n_bins, n_neurons)
        All bins of that recording.
    areas : Areas
        Regions of its neurons; the article takes those of 5 neurons and more.

    Raises
    ------
    InputError
        Every model failed.
    """
    failures = {k: why for k, each in enumerate(models) if (why := failure_of(each))}
    kept = tuple(k for k in range(len(models)) if k not in failures)
    if not kept:
        raise InputError(
            "no model of the animal can be used: "
            + ("; ".join(failures.values()) or "none was given"),
            remedy="Fit again with a lower penalty, or fewer hidden units",
        )
    sizes = areas.member.sum(axis=0)
    first: list[RegionalMatrix] = []
    second: list[RegionalMatrix] = []
    for k in kept:
        factors = coupling_factors(models[k], states)
        for norm, found in ((regional_l1, first), (regional_l2, second)):
            values = norm(factors, areas.member)
            found.append(RegionalMatrix(areas.names, values, sizes, len(states)))
    return AnimalConnectivity(
        model_average(first),
        model_average(second),
        tuple(first),
        mean_of_pairs(similarities(first)),
        kept,
        failures,
    )
