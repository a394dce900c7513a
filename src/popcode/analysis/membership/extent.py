"""How far the members of an assembly lie apart, beside as many neurons drawn at random."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.neurons import spread_um
from popcode.errors import InputError

Float = NDArray[np.float64]
_STREAM = 73


class Extents(NamedTuple):
    """Spread of every assembly, (n_hidden,) each; nan where fewer than two members have a place.

    Attributes
    ----------
    spread_um : ndarray
        Root mean square distance of the members from their centre, in micrometres.
    chance_um, chance_low_um, chance_high_um : ndarray
        The same of as many neurons drawn from all that have a place: mean and range of 95 %.
    p_compact : ndarray
        Share of draws that lie as close together or closer.
    """

    spread_um: Float
    chance_um: Float
    chance_low_um: Float
    chance_high_um: Float
    p_compact: Float


def spatial_extents(
    member: NDArray[np.bool_],
    positions_um: NDArray[np.floating],
    *,
    n_draws: int = 200,
    seed: int = 0,
) -> Extents:
    """Measure the spread of every assembly and of random sets of its size.

    Parameters
    ----------
    member : ndarray of bool, (n_neurons, n_hidden)
    positions_um : ndarray, (n_neurons, n_axes)
        Neurons without a place (nan) are left out.
    n_draws, seed : int

    Returns
    -------
    Extents

    Raises
    ------
    InputError
        Positions of another number of neurons, no draw.
    """
    if len(positions_um) != len(member):
        raise InputError(
            f"positions of {len(positions_um):,} neurons and members among {len(member):,}",
            remedy="Give the recording that the model was fitted to",
        )
    if n_draws < 1:
        raise InputError(f"{n_draws} draws", remedy="Give at least 1; 200 for an interval")
    placed = np.isfinite(positions_um).all(axis=1)
    positions = np.asarray(positions_um, np.float64)[placed]
    rng = np.random.default_rng((seed, _STREAM))
    rows = [
        _against_chance(np.flatnonzero(column), positions, n_draws, rng)
        for column in np.asarray(member)[placed].T
    ]
    return Extents(*np.array(rows, dtype=np.float64).reshape(len(rows), 5).T)


def _against_chance(
    members: NDArray[np.int64], positions: Float, n_draws: int, rng: np.random.Generator
) -> tuple[float, ...]:
    found = spread_um(members, positions)
    if found is None:
        return (np.nan,) * 5
    size = len(members)
    drawn = [
        spread_um(rng.choice(len(positions), size, replace=False), positions)
        for _ in range(n_draws)
    ]
    spreads = np.array(drawn, dtype=np.float64)
    low, high = np.quantile(spreads, (0.025, 0.975))
    p = (1 + (spreads <= found).sum()) / (1 + n_draws)
    return found, float(spreads.mean()), float(low), float(high), float(p)
