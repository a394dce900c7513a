"""One way after another to measure connectivity, each held against animals, law and structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from popcode.analysis.connectivity.between import BetweenAnimals, between_animals
from popcode.analysis.connectivity.comparison import (
    Advantage,
    Evidence,
    StructuralComparison,
    advantage,
    compare_with_structure,
    evidence_curve,
)
from popcode.analysis.connectivity.law import StrengthLaw, strength_law
from popcode.analysis.connectivity.matrices import RegionalMatrix, aligned, weighted_average
from popcode.analysis.connectivity.structure_files import Structure
from popcode.errors import InputError


class Measured(NamedTuple):
    """Connectivity by one method in every animal, and what may be said of it.

    Attributes
    ----------
    animals : tuple of RegionalMatrix
        Of the same regions.
    average : RegionalMatrix
        Over animals, by equation 22.
    between : BetweenAnimals or None
        None for a single animal.
    law : StrengthLaw or None
        Of the entries of the average; None for too few.
    structural : StructuralComparison or None
        Of the average; None without a structure.
    gain : Advantage or None
        By how much the first method goes better with the structure than this one.
    """

    animals: tuple[RegionalMatrix, ...]
    average: RegionalMatrix
    between: BetweenAnimals | None
    law: StrengthLaw | None
    structural: StructuralComparison | None
    gain: Advantage | None


class ConnectivitySurvey(NamedTuple):
    """All methods side by side.

    Attributes
    ----------
    names : tuple of str
        Of the regions.
    methods : dict of str to Measured
        The first is the one that the others are held against.
    structure : Structure or None
    evidence : Evidence or None
        What a strength of the first method says of a structural connection.
    control : str or None
        The method that measures no couplings at all, where there is one.
    """

    names: tuple[str, ...]
    methods: dict[str, Measured]
    structure: Structure | None
    evidence: Evidence | None
    control: str | None


def survey_connectivity(
    matrices: Mapping[str, Sequence[RegionalMatrix]],
    structure: Structure | None = None,
    n_resamples: int = 1000,
    seed: int = 0,
    control: str | None = None,
) -> ConnectivitySurvey:
    """Hold every method against the other animals, the log-normal law and a structure.

    Parameters
    ----------
    matrices : mapping of str to sequence of RegionalMatrix
        For every method its matrices, one an animal; the first method is that of interest.
    structure : Structure, optional
        Of the regions that `aligned` gives all animals together.
    n_resamples, seed : int
        Draws of regions behind the intervals, and shuffles of their names.
    control : str, optional
        Name of the method that measures no couplings at all.

    Raises
    ------
    InputError
        A structure of other regions, or animals without regions in common.
    """
    together = {name: aligned(each) for name, each in matrices.items()}
    first = weighted_average(next(iter(together.values())))
    _check(first, structure)
    methods: dict[str, Measured] = {}
    for name, each in together.items():
        against = first if methods else None
        methods[name] = _measured(each, against, structure, n_resamples, seed)
    evidence = None if structure is None else evidence_curve(first.values, structure.values)
    return ConnectivitySurvey(first.names, methods, structure, evidence, control)


def _measured(
    animals: list[RegionalMatrix],
    against: RegionalMatrix | None,
    structure: Structure | None,
    n_resamples: int,
    seed: int,
) -> Measured:
    average = weighted_average(animals)
    found = Measured(
        tuple(animals),
        average,
        between_animals(animals, n_resamples, seed) if len(animals) > 1 else None,
        strength_law(average.values[np.tril_indices(len(average.values))], seed=seed),
        None,
        None,
    )
    if structure is None:
        return found
    held = compare_with_structure(average.values, structure.values, n_resamples, seed)
    if against is None:
        return found._replace(structural=held)
    gain = advantage(against.values, average.values, structure.values, n_resamples, seed)
    return found._replace(structural=held, gain=gain)


def _check(first: RegionalMatrix, structure: Structure | None) -> None:
    if len(first.names) < 2:
        raise InputError("a single region", remedy="Two at least have connections between them")
    if structure is not None and structure.names != first.names:
        raise InputError(
            "a structure of other regions", remedy="Bring it to the regions of the animals first"
        )
