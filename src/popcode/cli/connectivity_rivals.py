"""Connectivity of every animal by each method, with what it took said aloud."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from popcode.cli.console import tell

if TYPE_CHECKING:
    from popcode.analysis.connectivity import RegionalMatrix
    from popcode.cli.connectivity_animals import Animal

OWN, OWN_L2, SHIFTED = "cRBM", "cRBM, L2", "correlation, shifted"
_SPOKEN = {
    "covariance": "covariance",
    "correlation": "correlation",
    "ising": "Ising",
    "lasso": "graphical lasso",
}
# Neurons of an Ising model at most: a minute or two.
MOST_ISING = 800


def matrices_of(
    animals: Sequence[Animal], baselines: Sequence[str], seed: int
) -> dict[str, list[RegionalMatrix]]:
    """Matrices of all animals by method: the models' first, then baselines, then the control."""
    found = {
        OWN: [animal.connectivity.l1 for animal in animals],
        OWN_L2: [animal.connectivity.l2 for animal in animals],
    }
    for name in baselines:
        found[_SPOKEN[name]] = [_timed(name, animal, seed) for animal in animals]
    if "correlation" in baselines:
        found[SHIFTED] = [_timed("shifted", animal, seed) for animal in animals]
    return found


def _timed(name: str, animal: Animal, seed: int) -> RegionalMatrix:
    started = time.perf_counter()
    found, n_used = _matrix(name, animal, seed)
    n_placed = animal.areas.placed.size
    part = "" if n_used == n_placed else f" of {n_used:,} of {n_placed:,} neurons"
    spoken = _SPOKEN.get(name, SHIFTED)
    tell(f"{animal.name}: {spoken}{part} in {time.perf_counter() - started:.1f} s")
    return found


def _matrix(name: str, animal: Animal, seed: int) -> tuple[RegionalMatrix, int]:
    """Matrix of a baseline, and of how many neurons it is."""
    from popcode.analysis.connectivity import (
        MOST_GRAPHICAL_LASSO,
        correlation_matrix,
        covariance_matrix,
        graphical_lasso_matrix,
        ising_matrix,
        shifted,
        thinned,
    )

    activity, areas = animal.activity, animal.areas
    if name == "covariance":
        return covariance_matrix(activity, areas), areas.placed.size
    if name == "correlation":
        return correlation_matrix(activity, areas), areas.placed.size
    if name == "shifted":
        return correlation_matrix(
            shifted(activity, seed, animal.segment_starts.tolist()), areas
        ), areas.placed.size
    chosen = thinned(areas, MOST_ISING if name == "ising" else MOST_GRAPHICAL_LASSO, seed)
    part = areas._replace(member=areas.member[chosen])
    measure = ising_matrix if name == "ising" else graphical_lasso_matrix
    return measure(activity[:, chosen], part), chosen.size
