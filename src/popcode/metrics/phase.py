"""Whether a few hidden units are active at a time: the compositional phase.

van der Plas et al. 2023 (eLife 12:e83139), Methods, "Validating that the cRBM is in the
compositional phase": m(t) = M PR(h(t) - h_inactive) with the participation ratio of equation 19.
A model is in this phase when 1 << median m(t) << M.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.blocks import map_rows, row_blocks
from popcode.metrics.wells import two_wells

Values = npt.NDArray[np.float64]
# A unit whose weights are all below this moves no neuron's odds by more than 5 %.
ALIVE_WEIGHT = 0.05


class ActiveUnits(NamedTuple):
    """Effective number of active hidden units in each bin.

    Attributes
    ----------
    data, surrogate : ndarray, shape (n_bins,)
        Of E[h|v], and of independent Gaussians with each unit's mean and deviation.
    n_hidden : int
        Living units, with a weight of at least 0.05; the others are left out.
    """

    data: Values
    surrogate: Values
    n_hidden: int


def active_units(
    weights: npt.NDArray, hidden: npt.NDArray, rng: np.random.Generator
) -> ActiveUnits:
    """Count the active hidden units of every bin, and what units without structure would give.

    Parameters
    ----------
    weights : ndarray, shape (n_neurons, n_hidden)
        Only to tell which units are dead.
    hidden : ndarray, shape (n_bins, n_hidden)
        E[h|v] of the test bins.
    rng : numpy.random.Generator
        Of the surrogates.

    Returns
    -------
    ActiveUnits
        All nan where no unit is alive.
    """
    alive = np.any(np.abs(np.asarray(weights)) >= ALIVE_WEIGHT, axis=0)
    # Rows that lie together are summed alike, whatever block they are in.
    hidden = np.ascontiguousarray(hidden[:, alive])
    if not alive.any():
        unknown = np.full(len(hidden), np.nan)
        return ActiveUnits(unknown, unknown.copy(), 0)
    levels = np.array([inactive_level(unit) for unit in hidden.T])
    data = map_rows(lambda rows: effective_number(rows - levels), hidden)
    surrogate = _surrogate_numbers(hidden, levels, rng)
    return ActiveUnits(data, surrogate, int(alive.sum()))


def inactive_level(values: npt.NDArray) -> float:
    """Where a hidden unit rests: the mean of the fuller of its two wells.

    The wells are those of two-means, exact and without a random draw. The article fits two
    Gaussians and takes the *lower* mean. Its units are all off most of the time in their lower
    well; ours are turned so that their weights sum to a positive number, and a unit may then rest
    in its upper well and leave it downwards: the lower mean would call it active nearly always.
    And of two Gaussians of unequal width the heavier is often the broad, active one.

    Parameters
    ----------
    values : ndarray, shape (n_bins,)
        E[h|v] of one unit.

    Returns
    -------
    float
        The value itself for a unit that does not vary, the lower of two equally full wells; nan
        where values are not finite.
    """
    wells = two_wells(values)
    return wells.low if wells.n_low >= wells.n_high else wells.high


def participation_ratio(x: npt.NDArray) -> Values:
    """Share of entries that carry a vector: PR(x) = (sum x^2)^2 / (n sum x^4), equation 19.

    Parameters
    ----------
    x : ndarray, shape (..., n)

    Returns
    -------
    ndarray, shape (...)
        k / n for k equal entries and zeros; 0 for a vector of zeros.
    """
    largest = np.abs(x).max(axis=-1, keepdims=True)
    # Scaled first: fourth powers of small numbers vanish.
    squares = (x / np.where(largest > 0, largest, 1)) ** 2
    fourth = (squares**2).sum(axis=-1)
    return squares.sum(axis=-1) ** 2 / (x.shape[-1] * np.where(fourth == 0, 1, fourth))


def effective_number(x: npt.NDArray) -> Values:
    """Effective number of entries other than 0, n PR(x), shape (...) for x of shape (..., n)."""
    return x.shape[-1] * participation_ratio(x)


def _surrogate_numbers(hidden: npt.NDArray, levels: Values, rng: np.random.Generator) -> Values:
    """The same number of independent Gaussian units: a spin-glass like phase, M / 3 about 0."""
    means = np.array([unit.mean(dtype=np.float64) for unit in hidden.T]) - levels
    deviations = np.array([unit.std(dtype=np.float64) for unit in hidden.T])
    numbers = np.empty(len(hidden))
    for rows in row_blocks(*hidden.shape):
        drawn = rng.standard_normal(hidden[rows].shape)
        numbers[rows] = effective_number(means + deviations * drawn)
    return numbers


def summarise_active_units(found: ActiveUnits) -> dict[str, float | int]:
    """What ``metrics.json`` holds of it.

    Parameters
    ----------
    found : ActiveUnits

    Returns
    -------
    dict
        ``active_units_median``, ``_p10`` and ``_p90`` over bins; ``share_median``, the median as
        a share of the living units; ``surrogate_median``; ``n_hidden``, the living units.
    """
    low, median, high = _known_percentiles(found.data, [10, 50, 90])
    return {
        "active_units_median": median,
        "active_units_p10": low,
        "active_units_p90": high,
        "share_median": median / found.n_hidden if found.n_hidden else float("nan"),
        "surrogate_median": _known_percentiles(found.surrogate, [50])[0],
        "n_hidden": found.n_hidden,
    }


def _known_percentiles(values: Values, percentages: list[int]) -> list[float]:
    known = values[np.isfinite(values)]
    return np.percentile(known, percentages).tolist() if known.size else [np.nan] * len(percentages)
