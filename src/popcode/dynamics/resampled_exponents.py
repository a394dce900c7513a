"""How sure an exponent is: stretches of time drawn anew."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.power_law import RANKS, fit_power_law
from popcode.dynamics.spectra.decompositions import Search
from popcode.dynamics.spectra.measure import (
    DEFAULT,
    Divided,
    Method,
    checked_seed,
    divided_recording,
    spectrum_of,
)
from popcode.dynamics.time_pieces import Piece, resampled, time_pieces
from popcode.errors import InputError, PopcodeWarning

N_RESAMPLES = 50
Z_95 = 1.959964
STREAM = 0xB007


class ExponentInterval(NamedTuple):
    """An exponent with a 95 % interval.

    Attributes
    ----------
    exponent : float
        Of the recording itself.
    low, high : float
    ranks : (int, int)
        That the fits were over.
    resampled : ndarray, (n_resamples,)
        Exponents of the resampled recordings.
    """

    exponent: float
    low: float
    high: float
    ranks: tuple[int, int]
    resampled: NDArray[np.float64]


def exponent_interval(
    x: Any,
    method: Method = DEFAULT,
    *,
    ranks: tuple[int, int] = RANKS,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
    after_resample: Callable[[int], None] = lambda _n_done: None,
) -> ExponentInterval:
    """Exponent of a spectrum, and its interval over stretches of time drawn with replacement.

    About 40 stretches (or the segments, where there are more) are drawn anew, those that fit and
    those that score apart. A resampled recording holds stretches twice, so its spectrum has the
    noise of fewer bins and its exponent is shifted: the interval is the exponent of the recording
    plus and minus 1.96 standard deviations of the resampled ones, not their quantiles. It says
    how the exponent varies over time; neurons are not drawn anew.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), or path
        As `popcode.spectrum`.
    method : {"svca2", "svca", "direct", "cvpca"}
    ranks : (int, int)
        As `fit_power_law`.
    n_resamples : int
        At least 10; a standard deviation from 50 is known to 10 %.
    seed : int
    after_resample : callable
        Told how many are done.

    Returns
    -------
    ExponentInterval

    Raises
    ------
    InputError
        As `popcode.spectrum` and `fit_power_law`; fewer than ten resamples or four stretches.
    """
    if n_resamples < 10:
        raise InputError(f"n_resamples is {n_resamples}", remedy="Draw at least 10")
    divided = divided_recording(x, method, checked_seed(seed))
    own = fit_power_law(spectrum_of(divided, divided.parts, Search(None, seed)).values, ranks)
    search = Search(None, seed)
    cut = _stretches(divided)
    rng = np.random.default_rng((seed, STREAM))
    drawn = np.empty(n_resamples)
    for k in range(n_resamples):
        parts = tuple(resampled(part, rng) for part in cut)
        drawn[k] = _exponent(spectrum_of(divided, parts, search).values, own.ranks)
        after_resample(k + 1)
    half_width = Z_95 * float(np.std(drawn, ddof=1))
    return ExponentInterval(
        own.exponent, own.exponent - half_width, own.exponent + half_width, own.ranks, drawn
    )


def _exponent(values: NDArray[np.float64], ranks: tuple[int, int]) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PopcodeWarning)
        return fit_power_law(values, ranks).exponent


def _stretches(divided: Divided) -> tuple[list[Piece], ...]:
    """What is drawn from: the parts that are compared, or the whole of time in pieces."""
    stream = divided.activity.stream
    whole = time_pieces(stream.segment_starts, stream.n_bins, gap=0)
    cut = divided.parts if len(divided.parts) > 1 else (whole,)
    fewest = min(map(len, cut))
    if fewest < 4:
        raise InputError(
            f"the recording has {fewest} stretches of time to draw from",
            remedy="Give a longer recording: an interval needs at least four",
        )
    return cut
