"""Couplings planted between neurons of several areas, and the fields that give them their rates.

Every area is divided into as many assemblies as its neurons fill. Two neurons i, j of areas a, b
are coupled when their assemblies have the same number, by

    J_ij = S_ab g_i g_j,

with S_aa falling evenly from the first area to the last, S_ab = share sqrt(S_aa S_bb)
decay^(|a - b| - 1) between areas and gains g of mean 1. The areas thus have an order, within and
between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.special import logit

Float = NDArray[np.float64]
_GAIN_STREAM, _RATE_STREAM = 1, 2


class PlantedCouplings(NamedTuple):
    r"""Strengths of the planted network.

    They were set by the signal to noise of pair covariances. At low rates and weak coupling
    C_ij = J_ij p_i (1 - p_i) p_j (1 - p_j), and T independent bins give it a standard error of
    sqrt(p_i (1 - p_i) p_j (1 - p_j) / T): J = 1 at a rate of 0.035 in T = 200,000 bins stands 15
    standard errors above 0. By default coupled pairs within areas are at 3 to 8 on average,
    mostly visible one by one, and between areas at 0.2 to 1.1: visible in the mean of an area
    pair, over some 2,000 coupled pairs.

    Positive couplings can freeze a network of {0, 1} variables into a state where a whole
    assembly fires. In mean field it has the one state of low activity as long as
    f + G m < logit(m) for every m above the rate, with G = sum_j J_ij: with 3.9 on average here
    and f = -3.5 it has, and G p = 0.14 is far below the 1 at which correlations diverge.

    Attributes
    ----------
    assembly_size : int
        Mean neurons of an assembly in one area.
    strongest, weakest : float
        S_aa of the first and the last area.
    between_share, between_decay : float
        Of S_ab between areas next to each other in the order, and for every further step.
    gain_spread : float
        Standard deviation of ln g.
    median_rate, rate_spread, highest_rate : float
        Of the rates aimed at, spikes a bin: log-normal with this standard deviation of the
        logarithm, the same in all areas, and cut off above.
    """

    assembly_size: float = 8.0
    strongest: float = 0.5
    weakest: float = 0.2
    between_share: float = 0.15
    between_decay: float = 0.7
    gain_spread: float = 0.15
    median_rate: float = 0.035
    rate_spread: float = 0.4
    highest_rate: float = 0.1


class Network(NamedTuple):
    """P(v) ~ exp(fields . v + v^T couplings v / 2) of binary v, and how it was planted.

    Attributes
    ----------
    couplings : csr_array, (n_neurons, n_neurons)
        Symmetric, without a diagonal.
    fields : ndarray, (n_neurons,)
    rates : ndarray, (n_neurons,)
        Rates aimed at, spikes a bin.
    areas, assemblies : ndarray of int, (n_neurons,)
        Area of each neuron, in the planted order, and its assembly.
    strengths : ndarray, (n_areas, n_areas)
        S_ab.
    """

    couplings: csr_array
    fields: Float
    rates: Float
    areas: NDArray[np.int64]
    assemblies: NDArray[np.int64]
    strengths: Float


def planted_network(n_neurons: int, n_areas: int, planted: PlantedCouplings, seed: int) -> Network:
    """Couplings and fields of a network; neurons stand area by area, assembly by assembly."""
    areas = np.arange(n_neurons) * n_areas // n_neurons
    n_assemblies = max(1, round(n_neurons / n_areas / planted.assembly_size))
    assemblies = _within_areas(areas, n_areas, n_assemblies)
    strengths = planted_strengths(n_areas, planted)
    gains = np.random.default_rng((seed, _GAIN_STREAM)).lognormal(
        -(planted.gain_spread**2) / 2, planted.gain_spread, n_neurons
    )
    couplings = _couplings(areas, assemblies, strengths, gains)
    rates = _rates(n_neurons, planted, seed)
    return Network(couplings, _fields(couplings, rates), rates, areas, assemblies, strengths)


def planted_strengths(n_areas: int, planted: PlantedCouplings) -> Float:
    """S_ab of the planted order, (n_areas, n_areas)."""
    within = np.linspace(planted.strongest, planted.weakest, n_areas)
    steps = np.abs(np.subtract.outer(np.arange(n_areas), np.arange(n_areas)))
    between = planted.between_share * planted.between_decay ** np.maximum(steps - 1, 0)
    return np.sqrt(np.outer(within, within)) * np.where(steps == 0, 1.0, between)


def _within_areas(areas: NDArray[np.int64], n_areas: int, n_assemblies: int) -> NDArray[np.int64]:
    """Assembly of each neuron: equal shares of every area."""
    sizes = np.bincount(areas, minlength=n_areas)
    return np.concatenate([np.arange(size) * n_assemblies // size for size in sizes])


def _couplings(
    areas: NDArray[np.int64], assemblies: NDArray[np.int64], strengths: Float, gains: Float
) -> csr_array:
    rows, columns = [], []
    for assembly in range(assemblies.max() + 1):
        members = np.flatnonzero(assemblies == assembly)
        first, second = np.triu_indices(len(members), 1)
        rows.append(members[first])
        columns.append(members[second])
    i, j = np.concatenate(rows), np.concatenate(columns)
    values = strengths[areas[i], areas[j]] * gains[i] * gains[j]
    half = csr_array((values, (i, j)), shape=(len(areas), len(areas)))
    return (half + half.T).tocsr()


def _rates(n_neurons: int, planted: PlantedCouplings, seed: int) -> Float:
    rng = np.random.default_rng((seed, _RATE_STREAM))
    drawn = planted.median_rate * rng.lognormal(0, planted.rate_spread, n_neurons)
    return np.minimum(drawn, planted.highest_rate)


def _fields(couplings: csr_array, rates: Float) -> Float:
    """Fields that give the rates aimed at where the others fire independently of each other.

    Then odds(v_i) = exp(f_i) prod_j (1 + p_j (exp(J_ij) - 1)) to first order in the rates, which
    correlations raise a little further.
    """
    lifts = couplings.copy()
    lifts.data = np.log1p(rates[couplings.indices] * np.expm1(couplings.data))
    return logit(rates) - np.asarray(lifts.sum(axis=1)).ravel()


def signal_to_noise(truth: Network, n_bins: int) -> tuple[float, float]:
    """Expected covariance of coupled pairs over its standard error, at the rates aimed at.

    To first order in the coupling: a lower bound, since exp(J) - 1 exceeds J and indirect paths
    add (together a factor of 1.7 in the default network).

    Returns
    -------
    within, between : float
        Means over the coupled pairs within areas and between areas; nan for none.
    """
    pairs = coo_array(truth.couplings)
    spread = np.sqrt(truth.rates * (1 - truth.rates))
    ratios = pairs.data * spread[pairs.row] * spread[pairs.col] * np.sqrt(n_bins)
    same = truth.areas[pairs.row] == truth.areas[pairs.col]
    within, between = ratios[same], ratios[~same]
    return (
        float(within.mean()) if within.size else float("nan"),
        float(between.mean()) if between.size else float("nan"),
    )
