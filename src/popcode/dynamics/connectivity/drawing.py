"""The connectivity that the settings of a network name: one seed is one network."""

from __future__ import annotations

from numbers import Real

import numpy as np

from popcode.dynamics.connectivity.clustered import draw_clustered
from popcode.dynamics.connectivity.dense import draw_dense
from popcode.dynamics.connectivity.local import draw_local, places_um
from popcode.dynamics.connectivity.matrices import Connectivity
from popcode.dynamics.connectivity.sparse import draw_sparse
from popcode.dynamics.connectivity.structures import Clustered, Dense, Local, Sparse, Structure
from popcode.errors import InputError

_STREAM = 70
_NAMED: dict[str, Structure] = {
    "dense": Dense(),
    "sparse": Sparse(),
    "clustered": Clustered(),
    "local": Local(),
}


def named_structure(structure: str | Structure) -> Structure:
    """A structure by its name, with the settings it has by default.

    Raises
    ------
    InputError
        Another name, probabilities outside [0, 1], no room.
    """
    if isinstance(structure, str):
        if structure not in _NAMED:
            raise InputError(
                f"structure is {structure!r}",
                remedy=f"Give one of {', '.join(_NAMED)}, or its settings",
            )
        return _NAMED[structure]
    if not isinstance(structure, Structure):
        raise InputError(
            f"structure is {structure!r}", remedy="Give Dense, Sparse, Clustered or Local"
        )
    _check(structure)
    return structure


def draw_connectivity(
    n_neurons: int, law: str, structure: Structure, asymmetry: float, seed: int
) -> Connectivity:
    """Connectivity before its normalisation.

    Parameters
    ----------
    n_neurons : int
    law : str
        Of the strengths of a dense network; links of the others are there or not.
    structure : Structure
    asymmetry : float
    seed : int

    Raises
    ------
    InputError
        Another law.
    """
    rng = np.random.default_rng((seed, _STREAM))
    match structure:
        case Sparse():
            return draw_sparse(n_neurons, structure, asymmetry, rng)
        case Clustered():
            return draw_clustered(n_neurons, structure, asymmetry, rng)
        case Local():
            return draw_local(places_um(n_neurons, structure, seed), structure, asymmetry, rng)
        case _:
            return draw_dense(n_neurons, law, asymmetry, rng)


def _check(structure: Structure) -> None:
    values = structure._asdict()
    for name in values.keys() & {"probability", "within", "between", "nearest", "far"}:
        if not isinstance(values[name], Real) or not 0 <= values[name] <= 1:
            raise InputError(
                f"{name} is {values[name]!r}", remedy="Give a probability between 0 and 1"
            )
    for name in values.keys() & {"n_clusters", "length_um", "extent_um"}:
        if not isinstance(values[name], Real) or not values[name] > 0:
            raise InputError(f"{name} is {values[name]!r}", remedy="Give a number above 0")
