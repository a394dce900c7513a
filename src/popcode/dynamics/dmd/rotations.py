"""How a fitted map turns activity while it fades: the statistics of its eigenvalues."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Float = NDArray[np.float64]
PERCENTILES = (5, 25, 50, 75, 95)
LEAST_MODULUS = 0.25
REAL_WITHIN = 1e-8


class Rotations(NamedTuple):
    """Statistics of the eigenvalues whose modulus is above `least_modulus`.

    Attributes
    ----------
    percentiles : ndarray, (5,)
        5, 25, 50, 75 and 95 %: turns while the modulus falls ten-fold, over the eigenvalues with
        an imaginary part of at least 0 (one of each conjugate pair); inf for one that turns and
        does not fade, nan where there is no eigenvalue.
    n_eigenvalues : int
        Above `least_modulus`.
    real_share : float
        Of those, the share with |Im| at most `real_within`; nan where there is none.
    conjugate_share : float
        The rest, which come in pairs.
    n_growing : int
        Eigenvalues of modulus 1 and more.
    least_modulus, real_within : float
    """

    percentiles: Float
    n_eigenvalues: int
    real_share: float
    conjugate_share: float
    n_growing: int
    least_modulus: float
    real_within: float


def rotations(
    eigenvalues: NDArray[np.complexfloating],
    *,
    least_modulus: float = LEAST_MODULUS,
    real_within: float = REAL_WITHIN,
) -> Rotations:
    """Summarise the eigenvalues of a DMD operator.

    Parameters
    ----------
    eigenvalues : ndarray of complex, (n_components,)
    least_modulus : float
        Eigenvalues at or below it are left out.
    real_within : float
        |Im| up to it is real.

    Returns
    -------
    Rotations

    Raises
    ------
    InputError
        Limits that are negative.
    """
    if not (least_modulus >= 0 and real_within >= 0):
        raise InputError(
            f"least_modulus is {least_modulus!r} and real_within {real_within!r}",
            remedy="Give numbers of at least 0",
        )
    modulus = np.abs(eigenvalues)
    kept = eigenvalues[modulus > least_modulus]
    turns = turns_a_tenfold(kept[kept.imag >= 0])
    real = float(np.mean(np.abs(kept.imag) <= real_within)) if kept.size else float("nan")
    return Rotations(
        np.percentile(turns, PERCENTILES, method="closest_observation")
        if turns.size
        else np.full(len(PERCENTILES), np.nan),
        int(kept.size),
        real,
        1 - real,
        int(np.count_nonzero(modulus >= 1)),
        least_modulus,
        real_within,
    )


def turns_a_tenfold(eigenvalues: NDArray[np.complexfloating]) -> Float:
    """Turns while the modulus falls ten-fold: (angle / 2 pi) / -log10 |mu|, each (n,).

    Pachitariu et al. 2026, whose printed formula leaves out the 2 pi. 0 for positive real
    eigenvalues; inf for those that turn and do not fade.
    """
    turn = np.angle(eigenvalues) / (2 * np.pi)
    fading = -np.log10(np.abs(eigenvalues))
    endless = np.where(turn == 0, 0.0, np.inf)
    return np.divide(turn, fading, out=endless, where=fading > 0)
