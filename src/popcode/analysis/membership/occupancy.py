"""How many regions an assembly occupies, beside the same weights on shuffled neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.metrics.phase import effective_number

Float = NDArray[np.float64]
_STREAM = 72


class Occupancy(NamedTuple):
    """Where the weights of every assembly lie.

    Attributes
    ----------
    names : tuple of str
        Regions that hold neurons and were not left out.
    shares : ndarray, (n_hidden, n_regions)
        Mean |weight| of the neurons in each region, scaled to a sum of 1 over regions; zeros for
        an assembly without weights in any.
    n_regions : ndarray, (n_hidden,)
        Effective number of regions, n PR(shares); nan for an assembly in none.
    shuffled, shuffled_low, shuffled_high : ndarray, (n_hidden,)
        The same for weights on shuffled neurons: mean and range of 95 %.
    """

    names: tuple[str, ...]
    shares: Float
    n_regions: Float
    shuffled: Float
    shuffled_low: Float
    shuffled_high: Float


def region_occupancy(
    weights: NDArray[np.floating],
    names: Sequence[str],
    in_region: NDArray[np.bool_],
    *,
    left_out: Sequence[str] = (),
    n_shuffles: int = 100,
    seed: int = 0,
) -> Occupancy:
    """Effective number of regions of every assembly.

    L_r = sum_i |w_i| l_ri / N_r, scaled to sum 1, where l_ri tells whether neuron i lies in
    region r (a neuron may lie in several) and N_r counts its neurons; then (sum L^2)^2 / sum L^4
    (equation 19 of van der Plas et al. 2023, eLife 12:e83139). The division by N_r, which the
    code has and the text leaves out, keeps large regions from counting for their size.

    Parameters
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    names : sequence of str, (n_regions,)
    in_region : ndarray of bool, (n_neurons, n_regions)
    left_out : sequence of str
        Regions that hold others whole, such as a hindbrain beside its rhombomeres; they would
        count the same neurons again.
    n_shuffles : int
        Of the neurons that lie in a region: each keeps all its weights and gets another's regions.
    seed : int

    Returns
    -------
    Occupancy

    Raises
    ------
    InputError
        Regions of another number of neurons, an unknown name, no region left, no shuffle.
    """
    kept = _kept(len(weights), names, in_region, left_out)
    if n_shuffles < 1:
        raise InputError(f"{n_shuffles} shuffles", remedy="Give at least 1; 100 for an interval")
    inside = np.asarray(in_region)[:, kept]
    placed = inside.any(axis=1)
    sizes = np.abs(weights[placed]).astype(np.float64)
    averaging = inside[placed] / inside.sum(axis=0)
    shares = _shares(sizes, averaging)
    rng = np.random.default_rng((seed, _STREAM))
    shuffled = np.array(
        [_effective(_shares(sizes, rng.permutation(averaging))) for _ in range(n_shuffles)]
    )
    low, high = np.quantile(shuffled, (0.025, 0.975), axis=0)
    chosen = tuple(str(names[k]) for k in kept)
    return Occupancy(chosen, shares, _effective(shares), shuffled.mean(axis=0), low, high)


def _kept(
    n_neurons: int, names: Sequence[str], in_region: NDArray, left_out: Sequence[str]
) -> NDArray[np.int64]:
    if np.shape(in_region) != (n_neurons, len(names)):
        raise InputError(
            f"regions of shape {np.shape(in_region)} for {n_neurons:,} neurons and "
            f"{len(names)} names",
            remedy="Give one row a neuron and one column a name",
        )
    unknown = sorted(set(left_out) - set(names))
    if unknown:
        raise InputError(f"no region is called {unknown[0]!r}", remedy="Leave out known regions")
    wanted = np.array([name not in set(left_out) for name in names], dtype=bool)
    kept = np.flatnonzero(wanted & np.asarray(in_region).any(axis=0))
    if not kept.size:
        raise InputError("no region holds a neuron", remedy="Give the neurons their regions")
    return kept


def _shares(sizes: Float, averaging: Float) -> Float:
    means = sizes.T @ averaging
    totals = means.sum(axis=1, keepdims=True)
    return means / np.where(totals > 0, totals, 1)


def _effective(shares: Float) -> Float:
    return np.where(shares.any(axis=1), effective_number(shares), np.nan)
