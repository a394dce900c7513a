"""How much of a neuron's activity the others tell: bits a spike beyond its rate."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_expit, logit

from popcode.errors import InputError
from popcode.metrics.blocks import row_blocks
from popcode.metrics.jackknife import NORMAL_95, block_edges, jackknife_error

Values = npt.NDArray[np.float64]
# A sampled probability is a mean of float32 values, which cannot tell 1 - 3e-8 from 1.
_MARGIN = 1e-7


class CompletionScore(NamedTuple):
    """Predictions of neurons from others beside the rates of the training bins.

    How to read it: 0 is an independent model, which knows the rates alone. `bits_expected` is what
    the predictions would score were they calibrated, the ceiling of this model: a `bits_per_spike`
    well below it is a model too sure of itself. `bits_certain` is knowing every state, which no
    model reaches where neurons are noisy. `bits_shuffled` scores the predictions of other bins and
    is at or below 0 but for rates that changed between training and test.

    Attributes
    ----------
    bits_per_spike, low, high : float
        Over all neurons and spikes, with a 95 % interval over blocks of bins.
    bits_expected, bits_certain, bits_shuffled : float
    neuron_bits, neuron_error : ndarray, shape (n_neurons,)
        Bits a spike of each neuron and its standard error over blocks; nan for a silent neuron.
    share_above_zero : float
        Of the neurons that fire.
    n_spikes : int
    """

    bits_per_spike: float
    low: float
    high: float
    bits_expected: float
    bits_certain: float
    bits_shuffled: float
    neuron_bits: Values
    neuron_error: Values
    share_above_zero: float
    n_spikes: int


def training_log_odds(train: npt.NDArray[np.uint8]) -> Values:
    """Log-odds of each neuron's training rate, (n_neurons,), half a spike from 0 and 1."""
    margin = 0.5 / len(train)
    rates = np.clip(train.sum(axis=0, dtype=np.int64) / len(train), margin, 1 - margin)
    return logit(rates)


def sampled_log_odds(probability: npt.NDArray) -> Values:
    """Log-odds of probabilities found by sampling, at most 1e-7 near to 0 and 1.

    The error of the sampling lowers the score: the mean of ln p falls short by about
    ``standard_error^2 / (2 p^2)`` for a spike. Bits a spike that still rise with more sweeps are a
    lower bound.

    Parameters
    ----------
    probability : ndarray, shape (n_bins, n_neurons)

    Returns
    -------
    ndarray, shape (n_bins, n_neurons)
    """
    return logit(np.clip(probability, _MARGIN, 1 - _MARGIN))


def score_completion(
    log_odds: npt.NDArray, test: npt.NDArray[np.uint8], baseline: npt.NDArray
) -> CompletionScore:
    """Score predictions of binary activity in bits a spike.

    Parameters
    ----------
    log_odds : ndarray, shape (n_bins, n_neurons)
        ln p / (1 - p) of the predicted probability that a neuron is active; finite.
    test : ndarray of uint8, shape (n_bins, n_neurons)
        What happened, in the order of time.
    baseline : ndarray, shape (n_neurons,)
        From :func:`training_log_odds`.

    Returns
    -------
    CompletionScore
        nan where nothing fires.

    Raises
    ------
    InputError
        Shapes that differ, predictions that are not finite, or too few bins for an error.
    """
    if log_odds.shape != test.shape or log_odds.shape[1:] != baseline.shape:
        raise InputError(f"predictions of shape {log_odds.shape} for bins of {test.shape}")
    if not np.all(np.isfinite(log_odds)):
        raise InputError("predicted log-odds are not finite", remedy="Clip the probabilities")
    edges = block_edges(len(test))
    parts = [slice(a, b) for a, b in pairwise(edges)]
    gains = np.array([_gain(log_odds[p], test[p], baseline) for p in parts])
    spikes = np.array([test[p].sum(axis=0, dtype=np.int64) for p in parts])
    pooled, low, high = _pooled(gains, spikes)
    neuron_bits, neuron_error = _by_neuron(gains, spikes)
    fires = spikes.sum(axis=0) > 0
    shuffled = np.roll(test, len(test) // 2, axis=0)
    return CompletionScore(
        *(pooled, low, high),
        bits_expected=_expected_bits(log_odds, baseline),
        bits_certain=_bits(-_log_likelihood(baseline, test).sum(), spikes.sum()),
        bits_shuffled=_bits(_gain(log_odds, shuffled, baseline).sum(), spikes.sum()),
        neuron_bits=neuron_bits,
        neuron_error=neuron_error,
        share_above_zero=float(np.mean(neuron_bits[fires] > 0)) if fires.any() else float("nan"),
        n_spikes=int(spikes.sum()),
    )


def _log_likelihood(log_odds: npt.NDArray, x: npt.NDArray[np.uint8]) -> Values:
    """Sum over bins of ln p(x), (n_neurons,)."""
    total = np.zeros(x.shape[1])
    for rows in row_blocks(*x.shape):
        odds = np.broadcast_to(log_odds, x.shape)[rows].astype(np.float64)
        total += np.where(x[rows], log_expit(odds), log_expit(-odds)).sum(axis=0)
    return total


def _gain(log_odds: npt.NDArray, x: npt.NDArray[np.uint8], baseline: npt.NDArray) -> Values:
    return _log_likelihood(log_odds, x) - _log_likelihood(baseline, x)


def _bits(nats: float, spikes: float) -> float:
    return float(nats / np.log(2) / spikes) if spikes > 0 else float("nan")


def _pooled(gains: Values, spikes: npt.NDArray) -> tuple[float, float, float]:
    nats, counts = gains.sum(axis=1), spikes.sum(axis=1)
    pooled = _bits(nats.sum(), counts.sum())
    without = [_bits(nats.sum() - g, counts.sum() - s) for g, s in zip(nats, counts, strict=True)]
    error = float(jackknife_error(np.array(without)))
    return pooled, pooled - NORMAL_95 * error, pooled + NORMAL_95 * error


def _by_neuron(gains: Values, spikes: npt.NDArray) -> tuple[Values, Values]:
    """Bits a spike of each neuron; the error is that of a ratio of sums over blocks."""
    n_blocks, counts = len(gains), spikes.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = gains.sum(axis=0) / counts
        residual = gains - ratio * spikes
        spread = np.sqrt(np.sum(residual**2, axis=0) * n_blocks / (n_blocks - 1)) / counts
    silent = counts == 0
    bits, error = ratio / np.log(2), spread / np.log(2)
    bits[silent] = error[silent] = np.nan
    return bits, error


def _expected_bits(log_odds: npt.NDArray, baseline: npt.NDArray) -> float:
    """Bits a spike if every prediction came true as often as it says."""
    gain = expected_spikes = 0.0
    for rows in row_blocks(*log_odds.shape):
        odds = log_odds[rows].astype(np.float64)
        p = expit(odds)
        gain += np.sum(p * (log_expit(odds) - log_expit(baseline)))
        gain += np.sum(expit(-odds) * (log_expit(-odds) - log_expit(-baseline)))
        expected_spikes += p.sum()
    return _bits(gain, expected_spikes)
