"""Two halves of a population: neurons whose shared variance is not measured twice."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.recording import Recording

CELL_UM = 25.0  # of the checkerboard
SECTION_UM = 40.0  # along a shank
SHANK_WIDTH_UM = 100.0  # along an axis that spans less, neurons do not differ in place
STREAM = 0x4A1F
Mask = NDArray[np.bool_]


class Halves(NamedTuple):
    """Which neurons are in the first half, and what decided it.

    Attributes
    ----------
    first : ndarray of bool, (n_neurons,)
    rule : str
        In words, for the reader.
    """

    first: Mask
    rule: str


def neuron_halves(places: Any, n_neurons: int, seed: int = 0) -> Mask:
    """Whether each neuron is in the first half; see `halves_with_rule`, which also says why.

    Parameters
    ----------
    places : Recording, array-like (n_neurons, 2 or 3) or None
        The recording, or positions in micrometres.
    n_neurons : int
    seed : int
        Of the coins.

    Returns
    -------
    ndarray of bool, (n_neurons,)

    Raises
    ------
    InputError
        As `halves_with_rule`.
    """
    return halves_with_rule(places, n_neurons, seed).first


def halves_with_rule(places: Any, n_neurons: int, seed: int = 0) -> Halves:
    """Split neurons by place, so that what leaks between neighbours stays within a half.

    A checkerboard of cells of 25 um over the first two axes along which neurons spread (columns
    along the third axis, the one that light passes along, stay whole); sections of 40 um where
    they spread along one axis only, as along a shank; a fair coin for every neuron without a
    position. Neurons spread along an axis where they span at least 100 um.

    Parameters
    ----------
    places : Recording, array-like (n_neurons, 2 or 3) or None
        The recording, or positions in micrometres.
    n_neurons : int
    seed : int
        Of the coins.

    Returns
    -------
    Halves

    Raises
    ------
    InputError
        Positions of another number of neurons, or a half without neurons.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026): cells of 25 um as in its code (its text says 50).
    """
    positions = _positions(places, n_neurons)
    coins = np.random.default_rng((seed, STREAM)).random(n_neurons) < 0.5
    located = np.isfinite(positions).all(axis=1)
    axes = _spread_axes(positions[located])
    if not axes:
        return _checked(Halves(coins, "a fair coin a neuron"))
    size = CELL_UM if len(axes) == 2 else SECTION_UM
    cells = np.floor(positions[located][:, axes] / size).astype(np.int64)
    first = coins.copy()
    first[located] = cells.sum(axis=1) % 2 == 0
    shape = "a checkerboard of cells" if len(axes) == 2 else "sections along one axis"
    unplaced = np.count_nonzero(~located)
    rest = f", a fair coin for {unplaced:,} neurons without a position" if unplaced else ""
    return _checked(Halves(first, f"{shape} of {size:.0f} um{rest}"))


def _positions(places: Any, n_neurons: int) -> NDArray[np.float64]:
    """Positions (n_neurons, n_axes): axes that nobody has are left out."""
    given = places.positions_um if isinstance(places, Recording) else places
    if given is None:
        return np.full((n_neurons, 1), np.nan)
    positions = np.asarray(given, dtype=np.float64)
    if positions.ndim != 2 or len(positions) != n_neurons:
        raise InputError(
            f"positions have shape {positions.shape} for {n_neurons:,} neurons",
            remedy="Give one row of x and y (and z) in micrometres a neuron",
        )
    known = np.isfinite(positions).any(axis=0)
    return positions[:, known] if known.any() else np.full((n_neurons, 1), np.nan)


def _spread_axes(positions: NDArray[np.float64]) -> list[int]:
    """The first axes, two at most, along which neurons differ in place."""
    if len(positions) < 2:
        return []
    spans = np.ptp(positions, axis=0)
    return np.flatnonzero(spans >= SHANK_WIDTH_UM)[:2].tolist()


def _checked(halves: Halves) -> Halves:
    n_first = int(np.count_nonzero(halves.first))
    if not 0 < n_first < len(halves.first):
        raise InputError(
            f"{n_first} of {len(halves.first)} neurons are in the first half ({halves.rule})",
            remedy="Keep more neurons, take another seed, or a method without halves ('direct')",
        )
    return halves
