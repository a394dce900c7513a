"""Whether time has a direction: the antisymmetric part of the lagged covariance."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.dmd.bin_pairs import first_bins, units_of_pairs
from popcode.dynamics.dmd.operator import Dmd
from popcode.dynamics.dmd.stretches import Stretches, component_scores, stretches_of
from popcode.dynamics.source import source_of
from popcode.estimators.arguments import check_whole

Float = NDArray[np.float64]
_DRAWING, _REVERSING = 0xA5, 0xA6
N_STRETCHES = 20


class Asymmetry(NamedTuple):
    """The share of the squared lagged covariance that is antisymmetric.

    Attributes
    ----------
    value : float
        |A|² / |C|², C = <y(t + lag) y(t)ᵀ>, A = (C - Cᵀ) / 2, without the bias of noise: 0 where
        the statistics are the same backwards in time. May come out below 0.
    low, high : float
        95 % interval by resampling stretches.
    reversed_low, reversed_high : float
        Middle 95 % where each stretch runs forwards or backwards by the toss of a coin.
    p_value : float
        Share of those tosses that reach the value.
    n_stretches : int
    """

    value: float
    low: float
    high: float
    reversed_low: float
    reversed_high: float
    p_value: float
    n_stretches: int


def lagged_asymmetry(
    x: Any,
    fitted: Dmd,
    *,
    valid: Any = None,
    standardise: bool = True,
    n_stretches: int = N_STRETCHES,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Asymmetry:
    """Measure how far the dynamics tell forwards from backwards.

    A symmetric network driven by white noise is reversible: its lagged covariance is symmetric,
    also between some of its neurons only, and with independent observation noise. The estimate
    multiplies what different stretches of time give, those next to each other left out, so that
    noise averages to nothing. What observes neurons at different speeds (indicators, smoothing
    of a neuron's own) makes a reversible network look directed.

    Parameters
    ----------
    x : Recording or array-like, (n_bins, n_neurons)
        What was fitted.
    fitted : Dmd
        Says the lag and the components.
    valid, standardise
        As in the fit.
    n_stretches, n_resamples, seed : int

    Returns
    -------
    Asymmetry

    Raises
    ------
    InputError
        Fewer than 5 stretches, not enough memory, impossible settings.
    """
    check_whole(n_stretches=n_stretches, n_resamples=n_resamples)
    check_whole(least=0, seed=seed)
    source = source_of(x, standardise=standardise)
    starts = first_bins(source.segment_starts, source.n_bins, fitted.lag, valid)
    scores = component_scores(source, fitted.components)
    units = units_of_pairs(starts, source.segment_starts, n_stretches)
    return asymmetry_of(stretches_of(scores, starts, units, fitted.lag), n_resamples, seed)


def asymmetry_of(cut: Stretches, n_resamples: int, seed: int) -> Asymmetry:
    """`lagged_asymmetry` of the covariances of stretches."""
    odd, whole = _products(cut)
    n = len(odd)
    everything = np.ones((1, n))
    value = float(_ratio(odd, whole, everything)[0])
    rng = np.random.default_rng((seed, _DRAWING))
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples).astype(np.float64)
    low, high = np.quantile(_ratio(odd, whole, drawn), (0.025, 0.975))
    signs = np.random.default_rng((seed, _REVERSING)).choice((-1.0, 1.0), size=(n_resamples, n))
    turned = _turned(odd, whole, signs)
    turned_low, turned_high = np.quantile(turned, (0.025, 0.975))
    p_value = float((1 + np.count_nonzero(turned >= value)) / (1 + n_resamples))
    return Asymmetry(
        value, float(low), float(high), float(turned_low), float(turned_high), p_value, n
    )


def _products(cut: Stretches) -> tuple[Float, Float]:
    """Inner products <A_i, A_j> and <C_i, C_j>, 0 for the same or neighbouring stretches."""
    n = len(cut.lagged)
    odd = ((cut.lagged - cut.lagged.transpose(0, 2, 1)) / 2).reshape(n, -1)
    whole = cut.lagged.reshape(n, -1)
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n))) > 1
    return odd @ odd.T * apart, whole @ whole.T * apart


def _ratio(odd: Float, whole: Float, weights: Float) -> Float:
    """|A|² / |C|² for each row of weights, (n_rows, n_stretches)."""
    return _form(odd, weights) / _form(whole, weights)


def _turned(odd: Float, whole: Float, signs: Float) -> Float:
    """The same where stretches with sign -1 run backwards: A changes sign, C - A does not."""
    backwards = _form(odd, signs)
    return backwards / (_form(whole - odd, np.ones_like(signs)) + backwards)


def _form(products: Float, weights: Float) -> Float:
    return np.einsum("ki,ij,kj->k", weights, products, weights, optimize=True)
