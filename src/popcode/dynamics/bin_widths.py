"""The spectrum against the width of the bins."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from popcode.dynamics.power_law import FEWEST_RANKS, RANKS, PowerLaw, fit_power_law
from popcode.dynamics.spectra.decompositions import Search
from popcode.dynamics.spectra.measure import (
    DEFAULT,
    Method,
    checked_seed,
    divided_stream,
    spectrum_of,
)
from popcode.dynamics.spectra.result import Spectrum
from popcode.dynamics.streams import Stream, as_stream, merged
from popcode.errors import InputError, PopcodeWarning

WIDTHS = (1, 2, 3, 4, 6, 9, 13, 18, 26, 38, 55, 78, 113, 162, 234, 336, 483, 695, 1000)
BINS_BEYOND_RANKS = 30


class BinWidth(NamedTuple):
    """The spectrum at one width of bins.

    Attributes
    ----------
    n_merged : int
        Bins of the recording that were averaged into one.
    bin_s : float
        Seconds a wide bin; nan where unknown.
    n_bins : int
        Wide bins there are.
    spectrum : Spectrum
    power_law : PowerLaw
    """

    n_merged: int
    bin_s: float
    n_bins: int
    spectrum: Spectrum
    power_law: PowerLaw


def spectra_by_bin_width(
    x: Any,
    widths: Sequence[int] = WIDTHS,
    method: Method = DEFAULT,
    *,
    ranks: tuple[int, int] = RANKS,
    n_components: int | None = None,
    seed: int = 0,
) -> list[BinWidth]:
    """Spectra of a recording whose bins are averaged, and their exponents.

    Bins are never averaged across segments. Wide bins are few, and the noise of few bins is in
    every spectrum: the fit ends 30 ranks short of the number of bins, and widths that leave less
    than that are left out, with a PopcodeWarning.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), or path
        As `popcode.spectrum`.
    widths : sequence of int
        Numbers of bins to average.
    method, n_components, seed
        As `popcode.spectrum`.
    ranks : (int, int)
        Of the power law, where there are bins enough.

    Returns
    -------
    list of BinWidth
        In the order of `widths`.

    Raises
    ------
    InputError
        No width leaves bins enough, a width below 1, and as `popcode.spectrum`.
    """
    if any(width < 1 for width in widths):
        raise InputError(f"a width of {min(widths)} bins", remedy="Give whole numbers from 1 on")
    stream = as_stream(x)
    wide = {width: _averaged(stream, width) for width in widths}
    enough = {
        width: each for width, each in wide.items() if each is not None and _fits(each, ranks)
    }
    _tell_left_out(wide, enough)
    search = Search(n_components, checked_seed(seed))
    return [_at(width, each, method, ranks, search) for width, each in enough.items()]


def _averaged(stream: Stream, width: int) -> Stream | None:
    """The stream in wide bins; None where no segment holds one."""
    try:
        return merged(stream, width)
    except InputError:
        return None


def _last_rank(wide: Stream, ranks: tuple[int, int]) -> int:
    return min(ranks[1], wide.n_bins - BINS_BEYOND_RANKS)


def _fits(wide: Stream, ranks: tuple[int, int]) -> bool:
    return _last_rank(wide, ranks) >= ranks[0] + FEWEST_RANKS - 1


def _at(
    width: int, wide: Stream, method: Method, ranks: tuple[int, int], search: Search
) -> BinWidth:
    divided = divided_stream(wide, method, search.seed)
    found = spectrum_of(divided, divided.parts, search)
    law = fit_power_law(found.values, (ranks[0], _last_rank(wide, ranks)))
    return BinWidth(width, wide.bin_s, wide.n_bins, found, law)


def _tell_left_out(wide: dict[int, Stream | None], enough: dict[int, Stream]) -> None:
    left_out = [width for width in wide if width not in enough]
    if not enough:
        raise InputError(
            f"no width of {', '.join(map(str, left_out))} bins leaves bins enough for a spectrum",
            remedy="Give narrower widths, fewer ranks, or a longer recording",
        )
    if left_out:
        warnings.warn(
            f"widths of {', '.join(map(str, left_out))} bins leave too few bins for a spectrum "
            "and were left out",
            PopcodeWarning,
            stacklevel=3,
        )
