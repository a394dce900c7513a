r"""How close to 1 the radius must be for a network of a given size to look critical.

Near the edge of a semicircle the fraction of eigenvalues above lambda is 2 theta^3 / (3 pi) with
lambda = cos theta, so that 1 - lambda_k = delta_k = (3 pi k / 2N)^(2/3) / 2, and the variance
1 / (1 - lambda) falls as k^(-2/3) until delta_k sinks below 1 - radius.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from popcode.errors import InputError

_PUBLISHED = (10_000, 0.999)


def edge_distance(ranks: ArrayLike, n_neurons: int) -> NDArray[np.float64]:
    """delta_k, the distance of the eigenvalue of rank k = 1, 2, ... from the edge at 1."""
    return (1.5 * np.pi * np.asarray(ranks, np.float64) / n_neurons) ** (2 / 3) / 2


def local_exponent(ranks: ArrayLike, n_neurons: int, radius: float) -> NDArray[np.float64]:
    """Minus the slope of log variance on log rank, (2/3) delta_k / (delta_k + 1 - radius)."""
    distance = edge_distance(ranks, n_neurons)
    return 2 / 3 * distance / (distance + 1 - radius)


def knee_rank(n_neurons: int, radius: float) -> float:
    """Rank above which the spectrum is flat: where delta_k = 1 - radius."""
    return 2 * n_neurons / (3 * np.pi) * (2 * (1 - radius)) ** 1.5


def critical_radius(n_neurons: int, like: tuple[int, float] = _PUBLISHED) -> float:
    """Radius at which a network is as critical as another: 1 - radius ~ n_neurons^(-2/3).

    Parameters
    ----------
    n_neurons : int
    like : (int, float)
        Size and radius of the other network; the published one by default. Both have the same
        knee rank, hence the same local exponent at every rank near the edge.

    Raises
    ------
    InputError
        No neurons, a radius outside (0, 1), a network too small to be as far from critical.
    """
    size, radius = like
    if n_neurons < 1 or size < 1 or not 0 < radius < 1:
        raise InputError(
            f"{n_neurons} neurons, as critical as {size} at a radius of {radius}",
            remedy="Give at least 1 neuron, and a radius between 0 and 1",
        )
    distance = (1 - radius) * (n_neurons / size) ** (-2 / 3)
    if distance >= 1:
        raise InputError(
            f"no radius above 0 gives {n_neurons} neurons the knee of {size} at {radius}",
            remedy="Give more neurons, or a radius nearer to 1",
        )
    return 1 - distance
