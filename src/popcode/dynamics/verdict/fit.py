r"""Which random linear networks would look like a recording: a profile likelihood over the table.

The statistics x of the recording are taken as Gaussian around those of a network of its settings,
with the covariance of networks of the same settings plus that of the recording's sampling error:
-2 log L = (x - m)^T V^-1 (x - m) + log det V.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from popcode.dynamics.verdict.measured import Measured
from popcode.dynamics.verdict.signature import LAGS, N_STATISTICS, RANKS
from popcode.dynamics.verdict.table import (
    IRREVERSIBILITY,
    LEAST_DISTANCE,
    MOST_DISTANCE,
    NARROWEST,
    WIDEST,
    Expected,
    Settings,
    Table,
    expected,
)

Float = NDArray[np.float64]
# Rise of -2 log likelihood at the ends of a 95 % interval: chi-square of one parameter, raised
# where fewer than 95 % of networks that the table was not fitted to were covered, since networks
# scatter with longer tails than the Gaussian.
DROP_95 = 3.841
DROP_RADIUS, DROP_ASYMMETRY = 4.5, 8.0
N_ASYMMETRIES, N_DISTANCES, N_WIDTHS = 21, 33, 33
# 1 - cos of the angle between directions grows as the square: as fine near 0 as elsewhere.
ASYMMETRIES = np.linspace(0, 1, N_ASYMMETRIES) ** 1.5
DISTANCES = np.geomspace(LEAST_DISTANCE, MOST_DISTANCE, N_DISTANCES)
WIDTHS = np.geomspace(NARROWEST, WIDEST, N_WIDTHS)
_SHRINKAGE = 0.5  # of the correlations of a jackknife over 16 pieces
_LEAST_STATISTICS = 5
_AT_ONCE = 4096
SHARED = N_STATISTICS - 1
FITTED = np.arange(SHARED)


class Interval(NamedTuple):
    """A parameter with its 95 % interval; an end at the end of the table is open.

    Attributes
    ----------
    value, low, high : float
    low_is_open, high_is_open : bool
    """

    value: float
    low: float
    high: float
    low_is_open: bool
    high_is_open: bool


class Fit(NamedTuple):
    """The networks of one size that fit.

    Attributes
    ----------
    n_neurons : int
        Of the network, as assumed.
    radius, asymmetry, tau_s, own_noise : Interval
        Largest real part of the eigenvalues; 0 symmetric to 1 independent directions; time
        constant of a neuron in seconds (in bins where their width is unknown); share of a
        neuron's variance in a bin that is its own noise.
    misfit : float
        Chi-square of the best network.
    n_statistics : int
        That were compared.
    p_value : float
        Chance of a larger misfit if the theory is right.
    minus_two_log_likelihood : float
        Up to a constant that all sizes share.
    statistics, fitted, spread : ndarray, (19,)
        Of the recording, of the best network, and the standard deviation of their difference;
        nan where they were not compared.
    """

    n_neurons: int
    radius: Interval
    asymmetry: Interval
    tau_s: Interval
    own_noise: Interval
    misfit: float
    n_statistics: int
    p_value: float
    minus_two_log_likelihood: float
    statistics: Float
    fitted: Float
    spread: Float


class _Compared(NamedTuple):
    """-2 log likelihood and misfit of every network of a grid, and log mean squared correlation."""

    cost: Float
    misfit: Float
    log_shared: Float


def fit_networks(found: Measured, n_neurons: int, table: Table) -> Fit | None:
    """Fit networks of one size to a recording.

    Parameters
    ----------
    found : Measured
    n_neurons : int
        Of the network; at least as many as were recorded.
    table : Table

    Returns
    -------
    Fit or None
        None where fewer than five statistics could be measured.
    """
    used = FITTED[_usable(found)]
    if used.size < _LEAST_STATISTICS:
        return None
    shape = N_ASYMMETRIES, N_DISTANCES, N_WIDTHS
    grid = np.meshgrid(ASYMMETRIES, DISTANCES, WIDTHS, indexing="ij")
    asymmetry, distance, width = (axis.ravel() for axis in grid)
    sizes = np.full((2, asymmetry.size), [[n_neurons], [found.n_observed]])
    settings = Settings(asymmetry, distance, sizes[0], sizes[1], width)
    compared = _compare(found, used, settings, table)
    cost = compared.cost.reshape(shape)
    best = int(compared.cost.argmin())
    at_best = expected(table, Settings(*(each[[best]] for each in settings)))
    bin_s = found.bin_s if np.isfinite(found.bin_s) else 1.0
    distances = _profile(np.log(DISTANCES), cost.min(axis=(0, 2)), DROP_RADIUS)
    widths = _profile(np.log(WIDTHS), cost.min(axis=(0, 1)), DROP_95)
    return Fit(
        n_neurons=n_neurons,
        radius=_turned_round(distances, lambda x: 1 - np.exp(x)),
        asymmetry=_profile(ASYMMETRIES, cost.min(axis=(1, 2)), DROP_ASYMMETRY),
        tau_s=_turned_round(widths, lambda x: bin_s / np.exp(x)),
        own_noise=_own_noise(found, compared, at_best),
        misfit=float(compared.misfit[best]),
        n_statistics=used.size,
        p_value=float(scipy.stats.chi2.sf(compared.misfit[best], max(used.size - 3, 1))),
        minus_two_log_likelihood=float(compared.cost[best]),
        **_beside(found, used, at_best),
    )


def _usable(found: Measured) -> NDArray[np.bool_]:
    """Statistics that were measured, with an error; of irreversibility where enough persists."""
    error = np.sqrt(np.diag(found.covariance))
    usable = np.isfinite(found.value) & (error > 0)
    persistence = found.value[len(RANKS) : len(RANKS) + len(LAGS)]
    told = persistence > 4 * error[len(RANKS) : len(RANKS) + len(LAGS)]
    usable[len(RANKS) + len(LAGS) : SHARED] &= told
    return np.asarray(usable[:SHARED])


def sampling_covariance(found: Measured) -> Float:
    """Jackknife covariance, its correlations shrunk as those of few pieces must be."""
    diagonal = np.diag(np.diag(found.covariance))
    return (1 - _SHRINKAGE) * found.covariance + _SHRINKAGE * diagonal


def _compare(found: Measured, used: NDArray, settings: Settings, table: Table) -> _Compared:
    """All networks of a grid, a few thousand at once."""
    sampling, level = sampling_covariance(found)[np.ix_(used, used)], _levels(found)[used]
    value = _levelled(found.value[used], level)
    n = settings.asymmetry.size
    cost, misfit, log_shared = np.empty((3, n))
    for start in range(0, n, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        theory = expected(table, Settings(*(each[some] for each in settings)))
        mean = _levelled(theory.mean[:, used], level)
        slope = np.where(np.isfinite(level), 0.5 / mean, 1.0)
        covariance = theory.covariance[:, used[:, None], used] + sampling
        factor = np.linalg.cholesky(covariance * slope[:, :, None] * slope[:, None, :])
        deviation = np.linalg.solve(factor, (value - mean)[..., None])
        misfit[some] = np.sum(deviation[..., 0] ** 2, axis=1)
        log_shared[some] = theory.mean[:, SHARED]
        roots = np.diagonal(factor, axis1=1, axis2=2)
        cost[some] = misfit[some] + 2 * np.log(roots).sum(axis=1)
    return _Compared(cost, misfit, log_shared)


def _levels(found: Measured) -> Float:
    """Two standard errors of irreversibility, nan for the other statistics."""
    level = np.full(N_STATISTICS, np.nan)
    level[IRREVERSIBILITY] = 2 * np.sqrt(np.diag(found.covariance)[IRREVERSIBILITY])
    return level


def _levelled(values: Float, level: Float) -> Float:
    """sqrt(value + level): irreversible shares scatter over networks in proportion to themselves.

    On their own scale the likelihood would take little scatter for little asymmetry.
    """
    root = np.sqrt(np.maximum(values + np.nan_to_num(level), 0))
    return np.where(np.isfinite(level), root, values)


def _profile(places: Float, cost: Float, drop: float) -> Interval:
    """Minimum by a parabola, and where the profile crosses `drop` above it."""
    best = int(cost.argmin())
    inside = min(max(best, 1), len(cost) - 2)
    value, lowest = places[best], cost[best]
    if best == inside:
        near = slice(best - 1, best + 2)
        square, slope, level = np.polyfit(places[near] - places[best], cost[near], 2)
        if square > 0:
            value, lowest = value - slope / (2 * square), level - slope**2 / (4 * square)
    above = cost - lowest - drop
    low, low_is_open = _crossing(places[: best + 1][::-1], above[: best + 1][::-1])
    high, high_is_open = _crossing(places[best:], above[best:])
    return Interval(float(value), low, high, low_is_open, high_is_open)


def _crossing(places: Float, above: Float) -> tuple[float, bool]:
    """The farthest place from the best where the profile rises through 0; the end where it ends."""
    inside = np.flatnonzero(above <= 0)
    last = int(inside[-1]) if inside.size else 0
    if last + 1 >= len(places):
        return float(places[-1]), True
    share = -above[last] / (above[last + 1] - above[last]) if inside.size else 1.0
    return float(places[last] + share * (places[last + 1] - places[last])), False


def _turned_round(found: Interval, of: Callable[[float], float]) -> Interval:
    """The interval of a falling function of a parameter."""
    value, low, high = (float(of(each)) for each in (found.value, found.high, found.low))
    return Interval(
        value,
        low,
        high,
        found.high_is_open,
        found.low_is_open,
    )


def _own_noise(found: Measured, compared: _Compared, at_best: Expected) -> Interval:
    """1 - q, where neurons whose share q of variance is the network's share q^2 of its squares."""
    log_shares = (found.value[SHARED] - compared.log_shared) / 2
    share = np.exp(log_shares)
    inside = compared.cost <= compared.cost.min() + DROP_95
    spread = found.covariance[SHARED, SHARED] + at_best.covariance[0, SHARED, SHARED]
    factor = np.exp(1.96 * np.sqrt(spread) / 2)
    best = share[compared.cost.argmin()]
    ends = 1 - share[inside].max() * factor, 1 - share[inside].min() / factor
    low, high = (float(np.clip(end, 0, 1)) for end in ends)
    return Interval(float(np.clip(1 - best, 0, 1)), low, high, ends[0] < 0, False)


def _beside(found: Measured, used: NDArray, at_best: Expected) -> dict[str, Float]:
    """What was compared."""
    of_used = np.zeros(N_STATISTICS, bool)
    of_used[used] = True
    variance = np.diag(at_best.covariance[0]) + np.diag(found.covariance)
    return {
        "statistics": np.where(of_used, found.value, np.nan),
        "fitted": at_best.mean[0],
        "spread": np.where(of_used, np.sqrt(variance), np.nan),
    }
