r"""The theory, tabulated: the signature of a random network of any settings, and its spread.

Polynomials fitted to exact signatures of a few thousand random networks (benchmarks/
tabulate_networks.py), in the asymmetry, log(1 - radius), log size, log number of observed neurons
and log bin width in time constants. What they leave is mostly how much networks of the same
settings differ, which the recording of one network cannot tell from its settings.

Persistence r is tabulated as log(-log r), which is nearly linear in log width, and
irreversibility as its square root.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.verdict.signature import LAGS, N_STATISTICS, RANKS

Float = NDArray[np.float64]
DEGREE, DEGREE_SPREAD, DEGREE_SIZES = 4, 2, 2
SPECTRUM = slice(0, len(RANKS))
PERSISTENCE = slice(len(RANKS), len(RANKS) + len(LAGS))
IRREVERSIBILITY = slice(len(RANKS) + len(LAGS), N_STATISTICS - 1)
LEAST_DISTANCE, MOST_DISTANCE = 10**-3.5, 10**-0.3
NARROWEST, WIDEST = 0.125, 32.0
_LEAST_SPREAD = 1e-4


class Settings(NamedTuple):
    """Networks, each field (n,): or numbers that all have.

    Attributes
    ----------
    asymmetry : ndarray
        0: symmetric; 1: both directions independent.
    distance : ndarray
        1 - radius.
    n_neurons : ndarray
        Of the network.
    n_observed : ndarray
    width : ndarray
        Of a bin, in time constants.
    """

    asymmetry: Float
    distance: Float
    n_neurons: Float
    n_observed: Float
    width: Float


class Table(NamedTuple):
    """Coefficients of the polynomials.

    Attributes
    ----------
    mean : ndarray, (n_terms, 19)
        Of the transformed statistics.
    log_spread : ndarray, (n_terms_of_spread, 19)
        Of the log of their standard deviation over networks.
    correlation : ndarray, (3, 19, 19)
        Of their deviations, in networks whose two directions are at an angle of 0 to 30, 30 to 60
        and 60 to 90 degrees.
    """

    mean: Float
    log_spread: Float
    correlation: Float


class Expected(NamedTuple):
    """Statistics of networks: mean (n, 19) and covariance (n, 19, 19) over networks."""

    mean: Float
    covariance: Float


@lru_cache(maxsize=1)
def shipped_table() -> Table:
    """The table that comes with the package."""
    with (files("popcode.dynamics.verdict") / "networks.npz").open("rb") as file:
        stored = np.load(file)
        return Table(*(np.asarray(stored[name], np.float64) for name in Table._fields))


def expected(table: Table, settings: Settings) -> Expected:
    """Mean and covariance of the statistics of networks of some settings."""
    mean = features(settings, DEGREE) @ table.mean
    spread = np.exp(features(settings, DEGREE_SPREAD) @ table.log_spread)
    plain, slope = np.array(mean), np.ones_like(mean)
    inner = np.exp(np.clip(mean[:, PERSISTENCE], -25, 4))
    plain[:, PERSISTENCE] = np.exp(-inner)
    slope[:, PERSISTENCE] = inner * np.exp(-inner)
    root = mean[:, IRREVERSIBILITY]
    plain[:, IRREVERSIBILITY] = root**2
    slope[:, IRREVERSIBILITY] = 2 * np.abs(root)
    scale = np.maximum(spread * slope, _LEAST_SPREAD)
    correlation = np.einsum("nk,kij->nij", between_classes(settings), table.correlation)
    return Expected(plain, scale[:, :, None] * scale[:, None, :] * correlation)


def transformed(statistics: Float) -> Float:
    """Statistics (n, 19) as the polynomials give them."""
    found = np.array(statistics, np.float64)
    kept = np.clip(found[:, PERSISTENCE], 1e-5, 1 - 1e-9)
    found[:, PERSISTENCE] = np.log(-np.log(kept))
    found[:, IRREVERSIBILITY] = np.sqrt(np.maximum(found[:, IRREVERSIBILITY], 0))
    return found


def features(settings: Settings, degree: int) -> Float:
    """Products of powers of the coordinates, (n, n_terms)."""
    coordinates = np.stack(np.broadcast_arrays(*_coordinates(settings)), axis=-1)
    powers = [coordinates**k for k in range(degree + 1)]
    return np.stack(
        [
            np.prod([powers[p][..., axis] for axis, p in enumerate(term)], axis=0)
            for term in terms(degree)
        ],
        axis=-1,
    )


@lru_cache
def terms(degree: int) -> tuple[tuple[int, ...], ...]:
    """Exponents of the coordinates, of at most `degree` together, 2 in the two sizes."""
    every = itertools.product(range(degree + 1), repeat=len(Settings._fields))
    return tuple(t for t in every if sum(t) <= degree and t[2] + t[3] <= DEGREE_SIZES)


def between_classes(settings: Settings) -> Float:
    """Weights (n, 3) of the classes of angles, linear between their centres."""
    place = np.clip(3 * _angle(np.asarray(settings.asymmetry, np.float64)) - 0.5, 0, 2)
    return np.maximum(0, 1 - np.abs(np.subtract.outer(place, np.arange(3))))


def class_of(settings: Settings) -> NDArray[np.int64]:
    """Class of the angle of every network, (n,)."""
    return np.minimum(3 * _angle(np.asarray(settings.asymmetry)), 2).astype(np.int64)


def _angle(asymmetry: Float) -> Float:
    """Angle whose cosine is the correlation of the two directions, in right angles."""
    return np.arctan2(asymmetry, 1 - asymmetry) / (np.pi / 2)


def _coordinates(settings: Settings) -> list[Float]:
    """Each within about -1 to 1 over the range of the table.

    The asymmetry as the angle of which its two directions' correlation is the cosine.
    """
    asymmetry, distance, n_neurons, n_observed, width = (
        np.asarray(each, np.float64) for each in settings
    )
    angle = _angle(asymmetry)
    # From the edge of a network of 1,000 on, sizes matter less at a given n^(2/3) (1 - radius).
    critical = np.log10(distance) + (2 / 3) * np.log10(n_neurons / 1000)
    return [
        2 * angle - 1,
        (critical + 1.9) / 1.6,
        np.log10(n_neurons / 1000),
        np.log10(n_observed / 1000),
        np.log2(width) / 4 - 0.25,
    ]
