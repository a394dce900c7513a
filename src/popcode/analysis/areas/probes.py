"""Whether couplings within an area depend on the probe, whose neurons share noise and sorting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.areas.grouping import Areas
from popcode.analysis.areas.sums import Float, off_diagonal

_STREAM = 35


class ProbeContrast(NamedTuple):
    """Mean coupling of the pairs of one area on the same probe, and on different ones.

    Attributes
    ----------
    area : str
    same_probe, other_probe : float
    n_same, n_other : int
        Pairs.
    z, p : float
        Of the difference against probe labels shuffled within the area; p is two-sided.
    """

    area: str
    same_probe: float
    other_probe: float
    n_same: int
    n_other: int
    z: float
    p: float


def probe_contrasts(
    values: NDArray,
    areas: Areas,
    probes: NDArray[np.int64],
    n_shuffles: int = 1000,
    seed: int = 0,
) -> tuple[ProbeContrast, ...]:
    """Compare the same probe with others, for the areas that more than one probe reaches.

    Parameters
    ----------
    values : ndarray, (n_neurons, n_neurons)
        Symmetric, the diagonal is not looked at.
    areas : Areas
    probes : ndarray of int, (n_neurons,)
        Negative where unknown: such neurons are left out.
    n_shuffles, seed : int

    Returns
    -------
    tuple of ProbeContrast
        Empty where every area is on one probe.

    Raises
    ------
    InputError
        A matrix that is not square, symmetric and finite.
    """
    matrix = off_diagonal(values)
    rng = np.random.default_rng((seed, _STREAM))
    found = []
    for name, inside in zip(areas.names, areas.member.T, strict=True):
        rows = np.flatnonzero(inside & (probes >= 0))
        of_area = probes[rows]
        same = of_area[:, None] == of_area
        n_same = (int(same.sum()) - rows.size) // 2
        n_other = int((~same).sum()) // 2
        if n_same and n_other:
            block = matrix[np.ix_(rows, rows)]
            found.append(_contrast(name, block, of_area, (n_same, n_other), rng, n_shuffles))
    return tuple(found)


def _contrast(
    name: str,
    block: Float,
    probes: NDArray[np.int64],
    n_pairs: tuple[int, int],
    rng: np.random.Generator,
    n_shuffles: int,
) -> ProbeContrast:
    n_same, n_other = n_pairs
    everything = float(block.sum()) / 2
    _, codes = np.unique(probes, return_inverse=True)
    one_hot = np.eye(codes.max() + 1)[codes]

    def same_sum(labels: Float) -> float:
        return float(np.vdot(labels, block @ labels)) / 2

    def difference(same: float) -> float:
        return same / n_same - (everything - same) / n_other

    observed = same_sum(one_hot)
    null = np.array([difference(same_sum(rng.permutation(one_hot))) for _ in range(n_shuffles)])
    gap, centre, spread = difference(observed), null.mean(), null.std()
    extreme = np.abs(null - centre) >= abs(gap - centre) * (1 - 1e-9)
    return ProbeContrast(
        area=name,
        same_probe=observed / n_same,
        other_probe=(everything - observed) / n_other,
        n_same=n_same,
        n_other=n_other,
        z=float((gap - centre) / spread) if spread > 0 else float("nan"),
        p=float((1 + extreme.sum()) / (1 + n_shuffles)),
    )
