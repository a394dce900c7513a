"""Correlograms between two halves of a population, in pieces of time that are drawn again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class PieceCorrelograms(NamedTuple):
    """Sums of products over the pairs of bins within the pieces of each unit.

    Attributes
    ----------
    sums : ndarray, (n_units, n_lags + 1, n_components)
        Of [a(t) b(t + lag) + a(t + lag) b(t)] / 2, lags 0 to n_lags.
    n_pairs : ndarray of int, (n_units, n_lags + 1)
    """

    sums: Float
    n_pairs: Int


def piece_correlograms(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    edges: Int,
    units: Int,
    n_lags: int,
) -> PieceCorrelograms:
    """Correlate two halves component by component; no pair of bins crosses a piece.

    Parameters
    ----------
    first, second : ndarray, (n_bins, n_components)
        Activity of each half along its components.
    edges : ndarray of int, (n_pieces + 1,)
        First row of each piece, and the number of rows.
    units : ndarray of int, (n_pieces,)
        Which unit each piece belongs to, from 0 up.
    n_lags : int

    Returns
    -------
    PieceCorrelograms
    """
    n_units = int(units.max()) + 1
    sums = np.zeros((n_units, n_lags + 1, first.shape[1]))
    n_pairs = np.zeros((n_units, n_lags + 1), np.int64)
    for unit, start, stop in zip(units, edges[:-1], edges[1:], strict=True):
        sums[unit] += _correlated(first[start:stop], second[start:stop], n_lags)
        n_pairs[unit] += np.maximum(stop - start - np.arange(n_lags + 1), 0)
    return PieceCorrelograms(sums, n_pairs)


def _correlated(a: NDArray[np.floating], b: NDArray[np.floating], n_lags: int) -> Float:
    """Sums over t of both orders, halved; zeros keep the end from meeting the start."""
    size = scipy.fft.next_fast_len(len(a) + n_lags, real=True)
    spectra = [scipy.fft.rfft(x.astype(np.float64), size, axis=0) for x in (a, b)]
    both = (spectra[0].conj() * spectra[1]).real
    return scipy.fft.irfft(both, size, axis=0)[: n_lags + 1]
