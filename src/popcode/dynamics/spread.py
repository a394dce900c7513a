"""Whether the weights of a component are gathered in one place or spread over the tissue."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.separations import check_box, checked_positions, separations
from popcode.errors import InputError
from popcode.estimators.arguments import check_whole

Float = NDArray[np.float64]
_DRAWING, _PERMUTING = 0x59, 0x5A
RADIUS_UM = 375.0  # 1.5 decay lengths of the article's local networks


class ComponentSpread(NamedTuple):
    """How gathered components are.

    Attributes
    ----------
    value : float
        Mean over components of the mean squared weight near the centre of mass, relative to that
        of all neurons: 1 where weights do not care for place.
    low, high : float
        95 % interval by resampling components.
    components : ndarray, (n_components,)
        Of each; nan where no neuron is near its centre.
    centres_um : ndarray, (n_components, n_axes)
    permuted_low, permuted_high : float
        Middle 95 % with the positions permuted over neurons.
    radius_um : float
    """

    value: float
    low: float
    high: float
    components: Float
    centres_um: Float
    permuted_low: float
    permuted_high: float
    radius_um: float


def component_spread(
    components: Any,
    positions_um: Any,
    *,
    box_um: float | None = None,
    radius_um: float = RADIUS_UM,
    n_components: int = 100,
    n_resamples: int = 1000,
    n_permutations: int = 40,
    seed: int = 0,
) -> ComponentSpread:
    """Compare weights near the centre of mass of a component with its weights everywhere.

    Parameters
    ----------
    components : array-like, (n_neurons, at least n_components)
        Weights, such as `Dmd.components`; their scale does not matter.
    positions_um : array-like, (n_neurons, 2 or 3)
    box_um : float, optional
        Side of a torus on which the neurons lie: the centre is then a circular mean.
    radius_um : float
        How near is near.
    n_components : int
        The first so many.
    n_resamples, n_permutations, seed : int

    Returns
    -------
    ComponentSpread

    Raises
    ------
    InputError
        Weights that are no finite matrix or all zero in a component, neurons without a position,
        impossible settings.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026), Fig. 4.
    """
    check_whole(n_components=n_components, n_resamples=n_resamples, n_permutations=n_permutations)
    check_whole(least=0, seed=seed)
    check_box(box_um)
    if not 0 < radius_um < np.inf:
        raise InputError(f"radius_um is {radius_um!r}", remedy="Give a number above 0")
    squares = _shares(components, n_components)
    positions = checked_positions(positions_um, len(squares))
    centres = centres_of_mass(squares, positions, box_um)
    each = _nearby(squares, positions, centres, box_um, radius_um)
    low, high = _resampled(each, n_resamples, seed)
    permuted = _permuted(squares, positions, box_um, radius_um, n_permutations, seed)
    return ComponentSpread(
        float(np.nanmean(each)), low, high, each, centres, *permuted, float(radius_um)
    )


def centres_of_mass(squares: Float, positions: Float, box_um: float | None = None) -> Float:
    """Mean position under the squared weights, (n_components, n_axes).

    On a torus the direction of the mean of exp(2 pi i x / box), from 0 to the box.
    """
    weights = squares / squares.sum(axis=0)
    if box_um is None:
        return weights.T @ positions
    turns = weights.T @ np.exp(2j * np.pi * positions / box_um)
    return np.angle(turns) / (2 * np.pi) % 1.0 * box_um


def _shares(components: Any, n_components: int) -> Float:
    """Squared weights relative to their mean over neurons."""
    weights = np.asarray(components, dtype=np.float64)
    if weights.ndim != 2 or not weights.size or not np.isfinite(weights).all():
        raise InputError(
            f"components have shape {weights.shape}, or hold NaN or infinite values",
            remedy="Give finite weights, (n_neurons, n_components)",
        )
    squares = np.square(weights[:, :n_components])
    mean = squares.mean(axis=0)
    if (mean == 0).any():
        raise InputError("all weights are zero", where=f"component {int((mean == 0).argmax())}")
    return squares / mean


def _nearby(
    squares: Float, positions: Float, centres: Float, box_um: float | None, radius_um: float
) -> Float:
    """Mean of `squares` within the radius of the centre, (n_components,)."""
    near = separations(positions, centres, box_um) < radius_um
    n_near = near.sum(axis=0)
    total = np.einsum("ik,ik->k", squares, near)
    return np.divide(total, n_near, out=np.full(n_near.size, np.nan), where=n_near > 0)


def _resampled(each: Float, n_resamples: int, seed: int) -> tuple[float, float]:
    known = each[np.isfinite(each)]
    if known.size == 0:
        raise InputError(
            "no neuron lies near the centre of mass of any component",
            remedy="Give a larger radius_um",
        )
    rng = np.random.default_rng((seed, _DRAWING))
    drawn = known[rng.integers(known.size, size=(n_resamples, known.size))].mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _permuted(
    squares: Float,
    positions: Float,
    box_um: float | None,
    radius_um: float,
    n_permutations: int,
    seed: int,
) -> tuple[float, float]:
    rng, values = np.random.default_rng((seed, _PERMUTING)), []
    for _ in range(n_permutations):
        moved = positions[rng.permutation(len(positions))]
        centres = centres_of_mass(squares, moved, box_um)
        values.append(np.nanmean(_nearby(squares, moved, centres, box_um, radius_um)))
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
